# Rehearse the release on this machine: make -f release.mk rehearse
BUILD ?= python3 -m build

.PHONY: rehearse
rehearse:
	rm -rf dist
	$(BUILD)
	release-guard rehearse --index testpypi dist/

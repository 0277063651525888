#!/bin/sh
# Build release-guard's own distributions into dist/, by what is locked and nothing else.
# The bytes depend on the commit alone.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
rm -rf build/backend dist
"$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --target build/backend -r requirements/build.txt
mkdir dist
PYTHONPATH=build/backend "$PYTHON" -c '
from flit_core import buildapi
print(buildapi.build_sdist("dist"))
print(buildapi.build_wheel("dist"))
'

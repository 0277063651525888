# The action's image: the locked dependencies and release-guard, byte-compiled, git, and
# nothing that built them. docs/image.md has its size and its start.
#
# The base is named by the digest of its index, which covers every architecture: who pins
# the action's commit has pinned the base as well. Dependabot proposes a newer digest each
# week (.github/dependabot.yml), and CI builds and tries what it proposes. By hand:
#   docker buildx imagetools inspect python:3.13-slim
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base

FROM base AS build
COPY requirements/build.txt requirements/runtime.txt requirements/image-unused.txt \
     /src/requirements/
# What is taken out again only twine's upload, a keyring or a DNS look-up would load, and
# the action does none of them: less to pull, and less to be vulnerable.
RUN python -m venv --without-pip /opt/release-guard \
 && python -m pip install --no-cache-dir --require-hashes \
        -r /src/requirements/build.txt \
 && python -m pip --python /opt/release-guard/bin/python install --no-cache-dir \
        --no-compile --require-hashes --only-binary :all: \
        -r /src/requirements/runtime.txt \
 && python -m pip --python /opt/release-guard/bin/python uninstall --yes \
        -r /src/requirements/image-unused.txt
COPY pyproject.toml README.md LICENSE /src/
COPY src /src/src
# Of the programs that came along, none is the action's. The code that highlights each of
# 500 languages is compiled when a description has a block of one.
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation \
        --wheel-dir /wheels /src \
 && python -m pip --python /opt/release-guard/bin/python install --no-cache-dir \
        --no-compile --no-deps --no-index /wheels/*.whl \
 && find /opt/release-guard/bin -type f ! -name release-guard -delete \
 && python -m compileall -q --invalidation-mode unchecked-hash \
        -x '/pygments/lexers/[a-z]' /opt/release-guard/lib

# Git, which reads every form of repository: the program and nothing of its package, which
# would bring Perl and an ssh client along. Its libraries are the base's own. Its licence
# comes with it, and its entry in the package list, by which scanners and the SBOM know it.
FROM base AS git
WORKDIR /git
RUN apt-get update -qq \
 && apt-get download -qq git \
 && mkdir -p kept/usr/bin kept/usr/share/doc/git kept/var/lib/dpkg/status.d \
 && dpkg-deb --extract git_*.deb package \
 && dpkg-deb --field git_*.deb > kept/var/lib/dpkg/status.d/git \
 && cp package/usr/bin/git kept/usr/bin/ \
 && cp package/usr/share/doc/git/copyright kept/usr/share/doc/git/ \
 && kept/usr/bin/git --version

FROM base
LABEL org.opencontainers.image.title="release-guard" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/org/release-guard"
COPY --from=git /git/kept /
COPY --from=build /opt/release-guard /opt/release-guard
# The base has its standard library as source alone, which each start would compile
# again: here is what release-guard imports of it. And every module is tried once.
RUN ["/opt/release-guard/bin/python", "-I", "-c", "import importlib, pkgutil, release_guard as r; [importlib.import_module(m.name) for m in pkgutil.walk_packages(r.__path__, 'release_guard.') if m.name != 'release_guard.__main__']; import pypi_attestations, readme_renderer.rst, sigstore.verify, twine.utils"]
# Exec form and absolute, because a job's PATH leaks in and a shell would drop inputs
# with a dash; -I, because PYTHONPATH leaks in too and the workspace is not trusted.
# No USER: the runner's files are not this image's, and start.py gives root up itself.
ENTRYPOINT ["/opt/release-guard/bin/python", "-I", "-m", "release_guard.start"]

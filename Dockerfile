# The action's image: the locked dependencies and release-guard, byte-compiled, git, and
# nothing that built them.
FROM python:3.13-slim AS build
COPY requirements/build.txt requirements/runtime.txt /src/requirements/
RUN python -m venv --without-pip /opt/release-guard \
 && python -m pip install --no-cache-dir --require-hashes \
        -r /src/requirements/build.txt \
 && python -m pip --python /opt/release-guard/bin/python install --no-cache-dir \
        --no-compile --require-hashes --only-binary :all: \
        -r /src/requirements/runtime.txt
COPY pyproject.toml README.md LICENSE /src/
COPY src /src/src
RUN python -m pip wheel --no-cache-dir --no-deps --no-build-isolation \
        --wheel-dir /wheels /src \
 && python -m pip --python /opt/release-guard/bin/python install --no-cache-dir \
        --no-compile --no-deps --no-index /wheels/*.whl \
 && python -m compileall -q --invalidation-mode unchecked-hash \
        /opt/release-guard/lib

# Git, which reads every form of repository: the program and nothing of its package, which
# would bring Perl and an ssh client along. Its libraries are the base's own.
FROM python:3.13-slim AS git
WORKDIR /git
RUN apt-get update -qq \
 && apt-get download -qq git \
 && dpkg-deb --extract git_*.deb . \
 && ./usr/bin/git --version

FROM python:3.13-slim
LABEL org.opencontainers.image.title="release-guard" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/org/release-guard"
COPY --from=build /opt/release-guard /opt/release-guard
COPY --from=git /git/usr/bin/git /usr/bin/git
# Exec form and absolute, because a job's PATH leaks in and a shell would drop inputs
# with a dash; -I, because PYTHONPATH leaks in too and the workspace is not trusted.
# No USER: the runner's files are not this image's, and action.py gives root up itself.
ENTRYPOINT ["/opt/release-guard/bin/python", "-I", "-m", "release_guard.action"]

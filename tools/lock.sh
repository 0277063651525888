#!/bin/sh
# Renew the hashed locks (make lock). They hold no index URL: a lock says what, not where.
set -eu
cd "$(dirname "$0")/.."
compile() {
    out=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --upgrade \
        --output-file "requirements/$out" "$@"
}
compile build.txt requirements/build.in
compile runtime.txt pyproject.toml --extra provenance
compile dev.txt pyproject.toml --extra provenance --extra rehearse requirements/dev.in
compile fuzz.txt requirements/fuzz.in
compile audit.txt requirements/audit.in
compile docs.txt requirements/docs.in
compile peers.txt requirements/peers.in
compile ../benchmarks/defects/sound.txt --no-deps benchmarks/defects/sound.in

#!/bin/sh
# Rehearse the release of this checkout, then try to release a development version.
set -eu
cd "$(dirname "$0")/.."
BIN=$(cd "${BIN:-.venv/bin}" && pwd)
DEMO=.demo
rm -rf "$DEMO"
mkdir "$DEMO"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
build() { "$BIN/python" -m build --no-isolation --outdir "$2" "$1" >"$DEMO/build.log" 2>&1 ||
    { cat "$DEMO/build.log"; exit 1; }; }

say "1. Build release-guard's own distributions, and rehearse their release:"
build . "$DEMO/dist"
echo "\$ release-guard rehearse $DEMO/dist"
"$BIN/release-guard" rehearse "$DEMO/dist"

say "2. The same code as 1.0.0.dev1, well formed in every way:"
mkdir "$DEMO/dev"
cp -R src pyproject.toml README.md LICENSE CHANGELOG.md docs schema "$DEMO/dev"
sed -i.bak 's/^version = .*/version = "1.0.0.dev1"/' "$DEMO/dev/pyproject.toml"
sed -i.bak 's/^__version__ = .*/__version__ = "1.0.0.dev1"/' \
    "$DEMO/dev/src/release_guard/__init__.py"
rm "$DEMO/dev/src/release_guard/__init__.py.bak"
build "$DEMO/dev" "$DEMO/dev-dist"
echo "\$ twine check --strict $DEMO/dev-dist/*"
"$BIN/twine" check --strict "$DEMO"/dev-dist/*
echo "\$ release-guard check --offline $DEMO/dev-dist"
code=0
"$BIN/release-guard" check --offline --manifest "$DEMO/manifest.json" \
    "$DEMO/dev-dist" || code=$?
echo "exit code $code"
[ "$code" -eq 1 ] || { echo "the .dev1 build was not refused"; exit 1; }
say "The development version was refused. Nothing left this machine."

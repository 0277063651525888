"""Play a newcomer's first release, and write its transcript: docs/getting-started.md.

``python tools/transcript.py`` writes; with ``--check`` it only compares, and ends with
1 where the page is not what was played.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import newcomer  # noqa: E402 - it lies among the tests


def main() -> int:
    """Write, or compare; tell how long the play took."""
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(f"usage: {sys.argv[0]} [--check]", file=sys.stderr)
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        text = newcomer.page(tuple(newcomer.play(Path(folder))))
    print(f"played in {time.monotonic() - began:.0f} s")
    is_true = newcomer.PAGE.is_file() and newcomer.PAGE.read_text("utf-8") == text
    if check:
        print("the page is as played" if is_true else "stale: make transcript")
        return 0 if is_true else 1
    newcomer.PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

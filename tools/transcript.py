"""Play a newcomer's first release, and write its transcript: docs/getting-started.md.

``python tools/transcript.py`` writes; with ``--check`` it only compares, and ends with
1 where the page is not what was played, or the play took longer than it tells.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import newcomer  # noqa: E402 - it lies among the tests
import written  # noqa: E402 - of the tools


def played() -> dict[str, str]:
    """The page as it is played now; tells how long that took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        acts = tuple(newcomer.play(Path(folder)))
    taken = time.monotonic() - began
    print(f"played in {taken:.0f} s")
    told = newcomer.PAGE.read_text(encoding="utf-8")
    text = newcomer.page(acts, newcomer.bound(told, taken))
    return {str(newcomer.PAGE.relative_to(ROOT)): text}


def main() -> int:
    """Write, or compare."""
    return written.run(ROOT, played, by="transcript")


if __name__ == "__main__":
    raise SystemExit(main())

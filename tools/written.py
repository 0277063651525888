"""Files that are made of something else: written, or with ``--check`` only compared.

This is the whole of the tools that make them, but for the making.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["run"]


def run(
    root: Path,
    make: Callable[[], Mapping[str, str]],
    *,
    by: str,
    ours: Sequence[str] = (),
) -> int:
    """Write what is made, texts by their paths below ``root``, or compare; ``by`` is
    the target of make that writes, and in the folders of ``ours`` lies nothing else.

    Ends with 1 where it compared and something differs, and with 2 where it was asked
    for something else.
    """
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(f"usage: {sys.argv[0]} [--check]", file=sys.stderr)
        return 2
    files = make()
    stale = [name for name, text in files.items() if _read(root / name) != text]
    there = (path for folder in ours for path in sorted((root / folder).iterdir()))
    strays = [path for path in there if str(path.relative_to(root)) not in files]
    if not check:
        for name in stale:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(files[name], encoding="utf-8")
        for path in strays:
            path.unlink()
    for name in stale:
        print(name, f"is not what it is made of: make {by}" if check else "written")
    for path in strays:
        what = f"is none of these files: make {by}" if check else "removed"
        print(path.relative_to(root), what)
    return 1 if check and (stale or strays) else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None

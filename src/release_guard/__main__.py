"""``python -m release_guard`` is the command line."""

from __future__ import annotations

from release_guard.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

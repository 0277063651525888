"""``python -m release_guard`` is the command line; nothing imports this module."""

from __future__ import annotations

from release_guard.cli import main

raise SystemExit(main())

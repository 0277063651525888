"""Files of the user's home: where it is, and whether there is such a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["home_file", "is_there"]


def home_file(environ: Mapping[str, str], name: str) -> Path:
    """``~/name``, where ``~`` is what the variables say, or else the account."""
    variable = "USERPROFILE" if os.name == "nt" else "HOME"
    if variable in environ:
        return Path(f"{environ[variable]}/{name}")
    # As twine; pathlib's raises where there is no such account.
    return Path(os.path.expanduser(f"~/{name}"))  # noqa: PTH111


def is_there(path: Path) -> bool:
    """Whether there is something; what cannot be looked at is left to the reader."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        # The home is another user's, as root's is where the action gave root up: what
        # is in there is not this user's.
        return False
    except (OSError, ValueError):
        return True
    return True

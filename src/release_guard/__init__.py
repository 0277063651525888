"""The gate around a Python release: check before the upload, verify after it."""

from __future__ import annotations

__version__ = "1.0.0"

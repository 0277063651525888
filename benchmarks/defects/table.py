"""Every defect, class by class."""

from __future__ import annotations

from defects.archive import ARCHIVE
from defects.contents import CONTENTS
from defects.fileset import SET
from defects.index import INDEX
from defects.metadata import METADATA
from defects.names import NAMES
from defects.nativecode import NATIVE
from defects.version import VERSION

__all__ = ["DEFECTS"]

DEFECTS = (
    *ARCHIVE,
    *NAMES,
    *METADATA,
    *SET,
    *CONTENTS,
    *NATIVE,
    *VERSION,
    *INDEX,
)

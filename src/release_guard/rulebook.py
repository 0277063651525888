"""PyPI's upload rules: what its server refuses, as its source said it on one day.

The rows are in the order in which the server applies them: it tells the first that
applies and no other. Each has a number that findings, docs pages and tests cite.
Numbers like ``6a.2`` are the parts of row 90 (how a zip is put together), numbers like
``500.1`` inputs at which the server breaks instead of answering.

The world extends what stands here; ``AS_OF`` says how old it is. ``make update-lists``
tells what to read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

__all__ = [
    "AGES_AFTER",
    "AS_OF",
    "CLOSES_AFTER",
    "DYNAMIC",
    "LARGEST_FILE",
    "LARGEST_PROJECT",
    "LARGEST_RAISED",
    "LONGEST_LABEL",
    "LONGEST_SUMMARY",
    "METADATA_VERSIONS",
    "MOST_ATTESTATIONS",
    "ROWS",
    "ZIP_RATIO",
    "ZIP_RATIO_FROM",
    "Decided",
    "Place",
    "Refusal",
    "Row",
    "is_platform",
    "row",
]

#: The day of the source that this module was read from (commit 6b62157).
AS_OF = date(2026, 8, 21)
#: A list that is older than this no longer proves that an entry is unknown.
AGES_AFTER = timedelta(days=183)

# --- the rows --------------------------------------------------------------------


class Decided(StrEnum):
    """What a row can be decided from."""

    FILE = "the file"
    INDEX = "the index's public state"
    UPLOADER = "what the uploader sends"
    PRIVATE = "what the index does not publish"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is refused; ``since`` is the day it came, where it is known.

    ``except_for`` says what of it is not judged here.
    """

    id: str
    refused: str
    decided: Decided
    since: date | None = None
    except_for: str = ""


def _rows(decided: Decided, *told: tuple[str, str] | tuple[str, str, str]) -> list[Row]:
    return [
        Row(id_, refused, decided, date.fromisoformat(*since) if since else None)
        for id_, refused, *since in told
    ]


_FILE, _INDEX = Decided.FILE, Decided.INDEX
_UPLOADER, _PRIVATE = Decided.UPLOADER, Decided.PRIVATE

#: In the server's order.
ROWS: tuple[Row, ...] = (
    *_rows(
        _UPLOADER,
        ("1", "an upload URL without the slash at its end"),
        ("2", "an action of the former upload protocol"),
        ("3", "a form field that is sent as a file"),
        ("4", "nothing: values UNKNOWN are dropped"),
    ),
    *_rows(
        _PRIVATE,
        ("5", "any upload while uploads are switched off"),
        ("6", "a token that is missing, wrong or expired"),
    ),
    *_rows(
        _UPLOADER,
        ("7", "a user name and password in place of a token"),
        ("8", "another protocol version"),
        ("9", "a form without a file"),
    ),
    *_rows(_FILE, ("10", "a name that does not begin and end with a letter or digit")),
    *_rows(
        _UPLOADER,
        ("11", "a file type other than sdist and wheel"),
        ("12", "a missing or wrong Python version in the form"),
        ("13", "a missing or malformed hash in the form"),
    ),
    *_rows(
        _FILE,
        ("20", "a Metadata-Version that is missing or not known", "2024-12-02"),
        ("21", "a field that the Metadata-Version does not have yet"),
        ("22", "a field given twice, or two Project-URL of one label"),
        ("23", "a Name that is none"),
        ("24", "a Version that is none (PEP 440)"),
        ("25", "a local version"),
        ("26", "a Summary of several lines or over 512 characters"),
        ("27", "a Description-Content-Type that is not known"),
        ("28", "an e-mail address that can be none"),
        ("29", "an unknown classifier"),
        ("30", "a deprecated classifier"),
        ("31", "a Home-page or Download-URL that is no http or https URL"),
        ("32", "a Project-URL without a label or an http or https URL"),
        ("33", "a Requires-Dist that is no requirement, or a direct reference"),
        ("34", "the same in Provides-Dist and Obsoletes-Dist"),
        ("35", "a Requires-Python that is no version specifier"),
        ("36", "a Provides-Extra that is no name"),
        ("37", "a Dynamic that names no field, or one that may not be dynamic"),
        ("38", "a License-Expression that is none (PEP 639)", "2024-11-13"),
        ("39", "License beside License-Expression", "2024-11-13"),
        ("40", "a License-File that is no plain relative path", "2024-11-13"),
        ("41", "an Import-Name or Import-Namespace that is no module", "2026-02-17"),
    ),
    *_rows(
        _PRIVATE,
        ("50", "a first upload with a token of no user"),
        ("51", "too many new projects in an hour"),
        ("52", "any new project while registration is switched off"),
    ),
    *_rows(_INDEX, ("53", "a new project named like a standard module")),
    *_rows(
        _PRIVATE,
        ("54", "a new project with a prohibited name"),
    ),
    Row(
        "55",
        "a new project whose name resembles another one's",
        _INDEX,
        except_for="judged: it takes the names of all projects",
    ),
    *_rows(_INDEX, ("56", "an archived or quarantined project")),
    *_rows(
        _PRIVATE,
        ("57", "a user without a verified address or a second factor"),
        ("58", "an organisation that is not in good standing"),
    ),
    *_rows(
        _FILE,
        ("59", "a description that cannot be rendered"),
        ("60", "a control character in the file name"),
        ("61", "a slash or backslash in the file name"),
        ("62", "another extension than .whl, .tar.gz and .zip"),
    ),
    *_rows(_UPLOADER, ("63", "a file that is sent as an image")),
    *_rows(_FILE, ("64", "a file over 100 MiB, unless the limit was raised")),
    *_rows(_INDEX, ("65", "a project over 10 GiB, unless the limit was raised")),
    *_rows(_UPLOADER, ("66", "a hash that is not the file's")),
    *_rows(
        _INDEX,
        ("67", "nothing: the same file again changes nothing"),
        ("68", "other bytes under a name that is there, or the same under two names"),
    ),
    *_rows(_PRIVATE, ("69", "a name of a file that was deleted")),
    *_rows(
        _INDEX,
        ("70", "a new file for a release older than 14 days", "2026-07-08"),
        ("71", "a second sdist of a release"),
    ),
    *_rows(
        _FILE,
        ("80", "a file that is a zip and a tar", "2026-03-09"),
        ("81", "a wheel that is no zip, a .tar.gz that is no tar"),
        ("82", "a broken archive, or member that the server reads", "2026-08-19"),
        ("83", "a zip that unpacks to over 64 MiB and 50 times its size"),
        ("84", "a zip with other members than stored and deflated ones", "2024-11-18"),
        ("88", "a sparse member in a tar", "2026-08-17"),
        ("500.1", "an sdist with absolute and relative paths"),
        ("85", "an sdist with not exactly one top folder", "2024-11-18"),
        ("86", "an sdist without PKG-INFO in the top folder", "2024-11-18"),
        ("87", "a wheel without WHEEL where its name says", "2024-11-18"),
        ("500.3", "an encrypted member"),
        ("89", "code hidden by PyArmor or SourceDefender", "2026-03-02"),
        ("6a.7", "a control character in a member's name", "2025-10-21"),
        ("6a.9", "an extra field given twice", "2025-10-21"),
        ("6a.10", "a record that is cut off or malformed", "2025-08-07"),
        ("6a.8", "a member's name that is not in UTF-8", "2025-10-21"),
        ("6a.2", "sizes behind a member's data (a zip that was piped)", "2025-10-21"),
        ("6a.4", "other names in a zip's front than in its directory", "2025-08-07"),
        ("6a.5", "other sizes in a zip's front than in its directory", "2026-04-06"),
        ("6a.3", "a name twice in a zip", "2025-08-07"),
        ("6a.1", "bytes in a zip that belong to no known record", "2025-08-07"),
        ("6a.6", "a comment of a member", "2025-10-21"),
        ("6a.11", "an extensible zip64 end record", "2025-10-21"),
        ("6a.12", "an end record that tells of another directory", "2025-08-07"),
        ("6a.13", "data behind a zip's end", "2025-08-07"),
        ("100", "an sdist name without project and version"),
        ("101", "an sdist name of another project"),
        ("102", "an sdist name that is not normalized (PEP 625)", "2025-10-23"),
        ("103", "a License-File that the sdist lacks", "2024-11-13"),
        ("110", "a wheel name that cannot be taken apart"),
        ("111", "a platform tag that is not known", "2025-12-01"),
        ("112", "a wheel name of another project"),
        ("113", "a wheel name whose project is not normalized", "2025-10-23"),
        ("114", "a wheel name of another version"),
        ("115", "a License-File that the wheel lacks", "2024-11-13"),
        ("116", "a wheel without a readable RECORD", "2025-08-07"),
        ("117", "nothing yet: an e-mail where RECORD lists other files", "2025-08-07"),
        ("500.5", "an empty line in RECORD"),
        ("118", "entry points that cannot be read", "2026-05-18"),
        ("119", "a wheel without METADATA"),
        ("500.2", "a damaged member that the server reads late"),
        ("120", "a file name that is too long"),
    ),
    *_rows(_PRIVATE, ("130", "attestations without Trusted Publishing")),
    *_rows(
        _FILE,
        ("131", "attestations that are none, or more than two"),
    ),
    Row(
        "132",
        "an attestation that does not verify, or is of another file",
        _FILE,
        except_for="who the project's trusted publisher is",
    ),
    *_rows(
        _FILE,
        ("133", "an attestation with an unknown predicate, or two of one"),
        ("500.4", "a file name over 255 bytes"),
    ),
)

_PLACES = {row.id: place for place, row in enumerate(ROWS)}
#: Metadata is told in another order than that of the rows: these fields first, and
#: then by the field's name.
_FIRST_FIELDS = ("metadata-version", "name", "version")
_METADATA_FROM, _METADATA_TO = _PLACES["20"], _PLACES["41"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """That the server refuses, and where it stops.

    ``field`` is a field of the metadata, ``beyond`` says that its specification allows
    what is refused.
    """

    row: str
    field: str = ""
    beyond: bool = False

    @property
    def place(self) -> Place:
        """What the server comes to earlier sorts first."""
        place = _PLACES[self.row]
        if not _METADATA_FROM <= place <= _METADATA_TO:
            return Place(place)
        is_beyond = self.beyond or self.row in _BEYOND
        step = 0 if self.row == "22" else 2 if is_beyond else 1
        fields = (*_FIRST_FIELDS, self.field)
        rank = fields.index(self.field)
        return Place(_METADATA_FROM, step, rank, self.field, place)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where the server stops: the row, and of metadata the step, the field's rank, its
    name and the row.
    """

    row: int
    step: int = 0
    rank: int = 0
    field: str = ""
    last: int = 0


#: Of metadata the server first reads the form (22), then asks ``packaging``, and only
#: where that has no objection applies rules of its own: these, and parts of others.
_BEYOND = ("25", "28", "29", "30", "31", "32", "34", "39")


def row(id_: str) -> Row:
    """The row of this number."""
    return ROWS[_PLACES[id_]]


# --- limits ----------------------------------------------------------------------

#: Bytes; the server raises both for a project that asks (rows 64, 65).
LARGEST_FILE = 100 << 20
LARGEST_PROJECT = 10 << 30
#: To where the limit of a file is raised at most.
LARGEST_RAISED = 1 << 30
#: From so many unpacked bytes on, no zip may be more than so many times its size (83).
ZIP_RATIO_FROM = 64 << 20
ZIP_RATIO = 50
#: Days after its first file, in which a release takes more (row 70).
CLOSES_AFTER = timedelta(days=14)
#: Characters (rows 26, 32).
LONGEST_SUMMARY = 512
LONGEST_LABEL = 32
#: Of one file (row 131).
MOST_ATTESTATIONS = 2

# --- what is known ---------------------------------------------------------------

#: Row 20. 2.0 was never accepted as a standard.
METADATA_VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")

#: Row 37: the fields that may be dynamic, in lower case.
DYNAMIC = frozenset(
    {
        "author",
        "author-email",
        "classifier",
        "description",
        "description-content-type",
        "download-url",
        "home-page",
        "import-name",
        "import-namespace",
        "keywords",
        "license",
        "license-expression",
        "license-file",
        "maintainer",
        "maintainer-email",
        "obsoletes",
        "obsoletes-dist",
        "platform",
        "project-url",
        "provides",
        "provides-dist",
        "provides-extra",
        "requires",
        "requires-dist",
        "requires-external",
        "requires-python",
        "summary",
        "supported-platform",
    }
)

# Row 111. Architectures by family; each family's tags are numbered in its own way.
_LINUX = "x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64"
_MACOS = "ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2"
_PLATFORMS = re.compile(
    "|".join(
        (
            "any",
            "win32|win_(?:arm64|amd64|ia64)",
            "linux_armv[67]l",
            "manylinux(?:1|2010)_(?:x86_64|i686)",
            "manylinux2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)",
            rf"manylinux_\d+_\d+_(?:{_LINUX}|ppc64)",
            rf"musllinux_\d+_\d+_(?:{_LINUX})",
            # macOS 10 counts minor versions; later ones have none (since 2025-12-01).
            rf"macosx_10_\d+_(?:{_MACOS})",
            rf"macosx_(?:11|12|13|14|15|26)_0_(?:{_MACOS})",
            # Of the next one, and of the last, only how it begins is looked at.
            r"ios_\d+_\d+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator).*",
            r"android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)",
            r"pyemscripten_\d+_\d+_wasm32.*",
        )
    ),
    re.ASCII,
)


def is_platform(tag: str) -> bool:
    """Whether a wheel's platform tag is taken (row 111)."""
    return _PLATFORMS.fullmatch(tag) is not None

"""What must hold for any bytes that a reader is given.

Each target takes bytes, and fails where a reader raises something else than an error of
ours, or a check passes what an independent reader refuses. Hypothesis gives them bytes
in every run of the tests; ``make fuzz`` lets atheris look for them.
"""

from __future__ import annotations

import ast
import base64
import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import archives
from packaging.utils import NormalizedName

from release_guard import filenames
from release_guard.errors import IndexResponseError, ManifestError, PolicyError
from release_guard.facts import (
    Archive,
    AttestedDistribution,
    DescribedDistribution,
    Distribution,
    ExpectedFile,
    Kind,
    Member,
    MemberKind,
    PublishedFile,
    Signers,
    Subject,
    VersionedModules,
)
from release_guard.findings import Report, Verdict
from release_guard.jobs.check import check, check_part
from release_guard.jobs.common import Job
from release_guard.jobs.origin import Origin
from release_guard.judge import judge
from release_guard.manifest import (
    Manifest,
    Part,
    read_manifest,
    read_part,
    write_manifest,
    write_part,
)
from release_guard.policy import Policy, Presence, read_policy
from release_guard.rules import RULE_IDS, RULES
from release_guard.rules.provenance import is_proven
from release_guard.sources.attestation import parse_attestation
from release_guard.sources.metadata import parse_metadata
from release_guard.sources.modules import static_version
from release_guard.sources.provenance import read_provenance
from release_guard.sources.simple import parse_listing
from release_guard.sources.web import Answer
from release_guard.sources.wheel import (
    parse_entry_points,
    parse_record,
    parse_wheel_file,
)

__all__ = ["SEEDS", "TARGETS"]

_TODAY = date(2026, 11, 22)
_POLICY = Policy(sdist=Presence.OPTIONAL)
_DEMO = NormalizedName("demo")
_PAGE = "https://index.example/simple/demo/"
_METADATA = (
    b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nSummary: a demo\n"
    b"Author-email: A <a@b.org>\nProject-URL: Home, https://demo.example\n"
    b"Classifier: Typing :: Typed\nRequires-Dist: a>=1; extra == 'b'\n"
    b"Provides-Extra: b\nLicense-Expression: MIT\nLicense-File: LICENSE\n"
    b"Requires-Python: >=3.9\nDynamic: Summary\n"
    b"Description-Content-Type: text/markdown\n\n# demo\n"
)
_WHEEL_FILE = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\n"
_RECORD = b'demo.py,sha256=abc,3\n"a,b",,\ndemo-1.0.dist-info/RECORD,,\n'
_ENTRY_POINTS = b"[console_scripts]\ndemo = demo:main\n[x.y]\na.b = c:d.e [f]\n"
_MODULE = b'''"""A module."""
import os
__all__ = ["__version__"]
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final
__version__: str
__version__ = version = "1.0"
VERSION_INFO = tuple(__version__.split("."))
def main(x=(1, 2)):
    print(f"{__version__}", x)
'''
_LISTING = {
    "meta": {"api-version": "1.1"},
    "name": "demo",
    "versions": ["1.0"],
    "project-status": {"status": "active"},
    "files": [
        {
            "filename": archives.SDIST,
            "url": f"https://files.example/{archives.SDIST}",
            "hashes": {"sha256": "0" * 64},
            "size": 7,
            "upload-time": "2026-01-01T00:00:00.000000Z",
            "yanked": False,
            "requires-python": ">=3.9",
        }
    ],
}
_HTML = (
    b'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1">'
    b"<title>Links for demo</title></head><body>"
    b'<a href="../../demo-1.0.tar.gz#sha256=' + b"0" * 64 + b'" data-yanked="">'
    b"demo-1.0.tar.gz</a></body></html>"
)


_STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": archives.SDIST, "digest": {"sha256": "0" * 64}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {},
}
_ATTESTATION = json.dumps(
    {
        "version": 1,
        "verification_material": {"certificate": "AA==", "transparency_entries": [{}]},
        "envelope": {
            "statement": base64.b64encode(json.dumps(_STATEMENT).encode()).decode(),
            "signature": "AA==",
        },
    }
).encode()


_PROVENANCE = b'{"version": 1, "attestation_bundles": [{"attestations": [%s]}]}' % (
    _ATTESTATION
)
_EXPECTED = ExpectedFile(archives.SDIST, Kind.SDIST, 1, "0" * 64)
_SIGNERS = Signers(("org/demo",), (".github/workflows/release.yml",))


def _judged(*subjects: Subject) -> None:
    """Whatever was read can be judged."""
    judge(subjects, rules=RULES, policy=_POLICY, today=_TODAY)


def _distribution(filename: str) -> Distribution:
    return filenames.distribution(filename, size=1, sha256="0" * 64)


_JOB = Job(_POLICY, today=_TODAY)


def _check(filename: str, content: bytes) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, filename)
        path.write_bytes(content)
        return check(_JOB, [path], Origin(offline=True)).report


def wheel(content: bytes) -> None:
    """A wheel that passes is one to ``zipfile`` as well, with nothing damaged in it."""
    if _check(archives.WHEEL, content).verdict is Verdict.PASS:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            assert f"{archives.INFO}/METADATA" in archive.namelist()


def sdist(content: bytes) -> None:
    """An sdist that passes is one to ``tarfile`` as well."""
    if _check(archives.SDIST, content).verdict is Verdict.PASS:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            names = archive.getnames()
        assert f"{archives.TOP}/PKG-INFO" in names
        assert all(name.startswith(archives.TOP) for name in names)


def tar(content: bytes) -> None:
    """The same behind the compression, which would hide the tar from a fuzzer."""
    sdist(gzip.compress(content, compresslevel=1, mtime=0))


def metadata(content: bytes) -> None:
    """Core metadata that has no problem has a name and a version."""
    read = parse_metadata(content)
    assert read.problems or (read.name and read.version)
    for filename in (archives.WHEEL, archives.SDIST):
        _judged(DescribedDistribution(_distribution(filename), read))


def record(content: bytes) -> None:
    """RECORD is rows, or has a problem."""
    read = parse_record(content)
    assert not (read.problem and read.entries)


def wheel_file(content: bytes) -> None:
    """WHEEL is tags, or has a problem."""
    read = parse_wheel_file(content)
    assert not (read.problem and read.tags)


def entry_points(content: bytes) -> None:
    """entry_points.txt is entries, or has a problem."""
    read = parse_entry_points(content)
    assert not (read.problem and read.entries)


def module(content: bytes) -> None:
    """What a module says is what a parser sees at its own level, too."""
    read = static_version("demo.py", content)
    if read is None:
        return
    _judged(VersionedModules(_distribution(archives.WHEEL), "1.0", (read,)))
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        body = ast.parse(content.decode("utf-8-sig")).body
        bound = [s.value for s in body if isinstance(s, ast.Assign | ast.AnnAssign)]
        assert read.text in [c.value for c in bound if isinstance(c, ast.Constant)]


def manifest(content: bytes) -> None:
    """A manifest holds a file, or is refused."""
    with suppress(ManifestError):
        assert read_manifest(content, where="x").files


def part(content: bytes) -> None:
    """A part is one, or is refused."""
    with suppress(ManifestError):
        read_part(content, where="x")


def listing_json(content: bytes) -> None:
    """A listing is one, or is refused."""
    _listing(content, "application/vnd.pypi.simple.v1+json")


def listing_html(content: bytes) -> None:
    """A page is a listing, or is refused."""
    _listing(content, "text/html")


def _listing(content: bytes, content_type: str) -> None:
    with suppress(IndexResponseError):
        read = parse_listing(Answer(_PAGE, 200, content_type, content), _DEMO)
        assert all(file.filename for file in read.files)


def attestation(content: bytes) -> None:
    """An attestation speaks of something, or has a problem."""
    read = parse_attestation(content, filename="x.attestation", beside=archives.SDIST)
    assert not (read.problem and read.subjects)
    _judged(AttestedDistribution(_distribution(archives.SDIST), (read,)))


def provenance(content: bytes) -> None:
    """What an index has of a file is attestations, or is refused; and whatever nobody
    verified proves nothing.
    """
    with suppress(IndexResponseError):
        read = read_provenance(content, beside=archives.SDIST, where=_PAGE)
        file = PublishedFile(_EXPECTED, read, _SIGNERS)
        assert not is_proven(file)
        _judged(file)


def policy(content: bytes) -> None:
    """A policy is one, or each thing that is wrong with it is told."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return
    with suppress(PolicyError, RecursionError):
        read_policy(value, where="x", rule_ids=RULE_IDS)


def names(content: bytes) -> None:
    """A member's name is judged, whatever it is."""
    found = tuple(map(_member, content.decode("utf-8", "replace").split("\n")))
    for filename, kind in ((archives.WHEEL, Kind.WHEEL), (archives.SDIST, Kind.SDIST)):
        _judged(Archive(filename, kind, 1, found, (), complete=True))


def _member(name: str) -> Member:
    """A member of this name; a link where it has an arrow in it."""
    path, arrow, target = name.partition("->")
    kind = MemberKind.LINK if arrow else MemberKind.FILE
    return Member(path, kind, 0, target=target)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        wheel,
        sdist,
        tar,
        metadata,
        record,
        wheel_file,
        entry_points,
        module,
        manifest,
        part,
        listing_json,
        listing_html,
        attestation,
        provenance,
        policy,
        names,
    )
}


def _seeds() -> dict[str, list[bytes]]:
    """Sound inputs, from which the others are made."""
    described = _METADATA.replace(b"License-File: LICENSE\n", b"")
    members = {"demo.py": b"answer = 42\n"}
    stored = [
        archives.Entry(entry.name, entry.data, method=0)
        for entry in archives.wheel_entries(members, METADATA=described)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = archives.wheel(Path(folder), METADATA=described)
        sdist_bytes = archives.sdist(Path(folder)).read_bytes()
        checked = check(_JOB, [path], Origin(offline=True)).writes
        judged = check_part(_JOB, [path]).writes
        wheel_bytes = path.read_bytes()
    assert isinstance(checked, Manifest)
    assert isinstance(judged, Part)
    return {
        "wheel": [wheel_bytes, archives.zip_of(*stored)],
        "sdist": [sdist_bytes],
        "tar": [gzip.decompress(sdist_bytes)],
        "metadata": [_METADATA],
        "record": [_RECORD],
        "wheel_file": [_WHEEL_FILE],
        "entry_points": [_ENTRY_POINTS],
        "module": [_MODULE, b"__version__ = '1.0'\n"],
        "manifest": [write_manifest(checked).encode()],
        "part": [write_part(judged).encode()],
        "listing_json": [json.dumps(_LISTING).encode()],
        "listing_html": [_HTML],
        "attestation": [_ATTESTATION],
        "provenance": [_PROVENANCE],
        "policy": [b'{"index": "pypi", "expect": {"sdist": "required"}}'],
        "names": [b"a/b\n../c\nd->../e\n/f\nC:g\nA\na\n"],
    }


SEEDS = _seeds()

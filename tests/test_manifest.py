"""The manifest and the part: what is written is read, and nothing else is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import jsonschema
import pytest
from builders import SDIST, WHEEL, described, expected, expected_file, sha256
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard import __version__
from release_guard.errors import ManifestError
from release_guard.facts import (
    Attestation,
    BuildSource,
    Classifier,
    CoreMetadata,
    DescribedDistribution,
    Distribution,
    ExpectedFile,
    ExpectedRelease,
    Inventory,
    MetadataProblem,
    PathConfiguration,
    Sidecar,
    SidecarKind,
    Signer,
    UnknownFile,
)
from release_guard.filenames import distribution
from release_guard.findings import Finding, Severity, Waived, Waiver
from release_guard.manifest import (
    MANIFEST_TYPE,
    PART_TYPE,
    Manifest,
    Part,
    is_statement,
    manifest_schema,
    part_schema,
    read_manifest,
    read_part,
    write_manifest,
    write_part,
)

WHERE = "release-manifest.json"
Json = Any
T = TypeVar("T")

MANIFEST = Manifest(
    releases=(
        expected(
            expected_file(SDIST, requires_python=""),
            expected_file(
                WHEEL, requires_python=">=3.9", metadata_sha256=sha256("METADATA")
            ),
            before={"demo-0.9.tar.gz": sha256("old"), "demo.egg": None},
        ),
        ExpectedRelease(
            canonicalize_name("other"),
            Version("2.0rc1"),
            (expected_file("other-2.0rc1.tar.gz"),),
            None,
        ),
    ),
    index="internal",
    url="https://index.example/simple/",
    tag="v1.0",
    commit="c0ffee",
)
PART = Part(
    files=(
        described(
            SDIST,
            description="",
            classifiers=(Classifier("Programming Language :: Python :: 3.9"),),
            requires_dist=("a>=1",),
            provides_extra=("b",),
            license_expression="MIT",
            dynamic=("Requires-Dist",),
            problems={"summary": "two lines"},
            inventory=Inventory(SDIST, ("demo/", "setup.py"), ("demo/__init__.py",), 1),
        ),
        described(
            WHEEL,
            description="",
            inventory=Inventory(
                WHEEL,
                ("demo/", "demo.pth"),
                entry_points=("console_scripts: demo",),
                path_configurations=(PathConfiguration("demo.pth", "import demo"),),
                is_whole=False,
            ),
        ),
    ),
    terms=sha256("the policy"),
    compared={SDIST: "c0ffee" + "0" * 34},
    waived=(
        Waived(
            Finding("junk-file", Severity.WARNING, WHEEL, "holds 'a~'", "", ""),
            Waiver("junk-file", "*.whl", "it is known", date(2030, 1, 1)),
        ),
        Waived(
            Finding("secret", Severity.ERROR, SDIST, "has a key", "remove it", ""),
            Waiver("secret", "*", "it is an example"),
        ),
    ),
    sidecars=(Sidecar(f"{SDIST}.asc", SidecarKind.SIGNATURE, SDIST),),
    unknown=(UnknownFile("notes.txt", "no wheel"),),
    attestations=(
        Attestation(
            f"{SDIST}.publish.attestation",
            SDIST,
            "https://docs.example/publish/v1",
            is_known=True,
            subjects=((SDIST, sha256(SDIST)), ("", "")),
            sources=(BuildSource("org/demo", "c0ffee" + "0" * 34), BuildSource("", "")),
            verified=True,
            signer=Signer("org/demo", ".github/workflows/release.yml"),
        ),
        Attestation(f"{WHEEL}.attestation", WHEEL, problem="its version is not 1"),
        Attestation(
            f"{WHEEL}.publish.attestation",
            WHEEL,
            verified=False,
            refuted="it was signed by nobody",
        ),
    ),
)


def _manifest(value: Json) -> Manifest:
    return read_manifest(json.dumps(value).encode(), where=WHERE)


def _part(value: Json) -> Part:
    return read_part(json.dumps(value).encode(), where=WHERE)


def _written() -> Json:
    return json.loads(write_manifest(MANIFEST))


def _written_part() -> Json:
    return json.loads(write_part(PART))


# --- what is written is read ------------------------------------------------------


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(write_manifest(MANIFEST).encode(), where=WHERE) == MANIFEST


def test_a_part_is_read_as_it_was_written() -> None:
    assert read_part(write_part(PART).encode(), where=WHERE) == PART


def test_a_manifest_is_an_in_toto_statement_about_its_files() -> None:
    written = _written()

    assert written["_type"] == "https://in-toto.io/Statement/v1"
    assert written["predicateType"] == MANIFEST_TYPE
    assert written["subject"] == [
        {"name": name, "digest": {"sha256": sha256(name)}}
        for name in sorted([SDIST, WHEEL, "other-2.0rc1.tar.gz"])
    ]
    assert written["predicate"]["generator"] == f"release-guard {__version__}"
    assert written["predicate"]["releases"][0]["before"] == {
        "demo-0.9.tar.gz": sha256("old"),
        "demo.egg": None,
    }
    assert written["predicate"]["releases"][0]["files"][1] == {
        "filename": WHEEL,
        "kind": "wheel",
        "size": 1000,
        "requires-python": ">=3.9",
        "metadata-sha256": sha256("METADATA"),
    }


def test_metadata_that_says_nothing_is_not_metadata_that_nobody_knows() -> None:
    (says_nothing, _), (unknown,) = (release.files for release in MANIFEST.releases)

    read = read_manifest(write_manifest(MANIFEST).encode(), where=WHERE)

    assert (says_nothing.requires_python, unknown.requires_python) == ("", None)
    assert [file.requires_python for file in read.files] == ["", ">=3.9", None]
    assert [bool(file.metadata_sha256) for file in read.files] == [False, True, False]


def test_the_files_of_a_manifest_are_those_of_all_its_releases() -> None:
    assert [file.filename for file in MANIFEST.files] == [
        SDIST,
        WHEEL,
        "other-2.0rc1.tar.gz",
    ]


def test_an_empty_listing_before_is_not_a_listing_that_was_not_asked_for() -> None:
    first = replace(MANIFEST, releases=(expected(before={}),))
    second = replace(MANIFEST, releases=(expected(before=None),))

    assert read_manifest(write_manifest(first).encode(), where="") == first
    assert read_manifest(write_manifest(second).encode(), where="") == second
    assert first != second


_TEXTS = st.text(max_size=12)
_SOME = st.text(min_size=1, max_size=9)
_HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
_SIZES = st.integers(0, 1 << 40)
_PROJECTS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True).map(
    canonicalize_name
)
_VERSIONS = st.sampled_from(
    ["0", "1.0", "1!2.0", "2.0rc1", "1.0.post1.dev3", "1.0+cpu.1", "2026.11.22"]
).map(Version)
_TAGS = st.sampled_from(["py3-none-any", "cp311-abi3-win_amd64", "py2.py3-none-any"])


_LISTINGS = st.none() | st.dictionaries(_SOME, st.none() | _HASHES, max_size=3)


@st.composite
def _releases(draw: st.DrawFn, project: str, version: Version) -> ExpectedRelease:
    stem = f"{project.replace('-', '_')}-{version}"
    names = {f"{stem}-{tag}.whl" for tag in draw(st.sets(_TAGS))}
    names |= {f"{stem}{end}" for end in draw(st.sets(st.sampled_from([".zip"])))}
    files = []
    for name in sorted(names) or [f"{stem}.tar.gz"]:
        file = distribution(name, size=draw(_SIZES), sha256=draw(_HASHES))
        said = draw(st.none() | _TEXTS), draw(st.none() | _HASHES)
        files.append(ExpectedFile(name, file.kind, file.size, file.sha256, *said))
    return ExpectedRelease(canonicalize_name(project), version, tuple(files), None)


@st.composite
def _manifests(draw: st.DrawFn) -> Manifest:
    pairs = draw(
        st.lists(st.tuples(_PROJECTS, _VERSIONS), min_size=1, max_size=3, unique=True)
    )
    # What a project's page listed before is the same for all its releases.
    listed = {project: draw(_LISTINGS) for project, _ in pairs}
    releases = tuple(
        replace(draw(_releases(project, version)), before=listed[project])
        for project, version in pairs
    )
    index, url, tag, commit = (draw(_TEXTS) for _ in range(4))
    return Manifest(releases, index, url, tag, commit)


@settings(deadline=None, max_examples=150)
@given(manifest=_manifests())
def test_any_manifest_is_read_as_it_was_written(manifest: Manifest) -> None:
    written = write_manifest(manifest)

    assert read_manifest(written.encode(), where=WHERE) == manifest
    assert written.isascii()
    assert written == write_manifest(read_manifest(written.encode(), where=WHERE))


_METADATA = st.builds(
    CoreMetadata,
    metadata_version=_TEXTS,
    name=_TEXTS.filter(bool),
    version=_TEXTS.filter(bool),
    requires_python=_TEXTS,
    classifiers=st.lists(st.builds(Classifier, _TEXTS), max_size=2).map(tuple),
    requires_dist=st.lists(_TEXTS, max_size=2).map(tuple),
    sha256=_HASHES,
    problems=st.lists(st.builds(MetadataProblem, _TEXTS, _TEXTS), max_size=2).map(
        tuple
    ),
)
_FILE_NAMES = st.from_regex(
    r"[a-z0-9_.+!-]{1,12}(\.whl|\.tar\.gz|\.zip)", fullmatch=True
)
_NAMES = st.lists(_TEXTS, max_size=2).map(tuple)
_INVENTORIES = st.builds(
    Inventory,
    st.just(""),
    tops=_NAMES,
    sources=_NAMES,
    licenses=st.integers(0, 9),
    entry_points=st.none() | _NAMES,
    path_configurations=st.lists(
        st.builds(PathConfiguration, _TEXTS, _TEXTS), max_size=2
    ).map(tuple),
    is_whole=st.booleans(),
)


def _file_of_part(
    file: Distribution, metadata: CoreMetadata, inventory: Inventory
) -> DescribedDistribution:
    told = replace(inventory, filename=file.filename)
    return DescribedDistribution(file, metadata, told)


_PARTS = st.builds(
    Part,
    files=st.lists(
        st.builds(
            _file_of_part,
            st.builds(distribution, _FILE_NAMES, size=_SIZES, sha256=_HASHES),
            _METADATA,
            _INVENTORIES,
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda file: file.label,
    ).map(tuple),
    terms=_HASHES,
    sidecars=st.lists(
        st.builds(Sidecar, _SOME, st.sampled_from(SidecarKind), _SOME), max_size=2
    ).map(tuple),
    unknown=st.lists(st.builds(UnknownFile, _SOME, _SOME), max_size=2).map(tuple),
    attestations=st.lists(
        st.builds(
            Attestation,
            _SOME,
            _TEXTS,
            _TEXTS,
            st.booleans(),
            st.lists(st.tuples(_TEXTS, _TEXTS), max_size=2).map(tuple),
            _TEXTS,
            st.lists(st.builds(BuildSource, _TEXTS, _TEXTS), max_size=2).map(tuple),
            st.none() | st.booleans(),
            _TEXTS,
            st.none() | st.builds(Signer, *[_TEXTS] * 7),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(deadline=None, max_examples=150)
@given(part=_PARTS)
def test_any_part_is_read_as_it_was_written(part: Part) -> None:
    written = write_part(part)

    assert read_part(written.encode(), where=WHERE) == part
    assert written.isascii()


# --- what is refused --------------------------------------------------------------

Change = Callable[[Json], object]


def _set(*path: str | int, to: object) -> Change:
    """A change: another value at a path of keys and numbers."""

    def change(value: Json) -> None:
        *above, last = path
        for key in above:
            value = value[key]
        value[last] = to

    return change


def _drop(*path: str | int) -> Change:
    """A change: a key or an item that is gone."""

    def change(value: Json) -> None:
        *above, last = path
        for key in above:
            value = value[key]
        del value[last]

    return change


def _both(*changes: Change) -> Change:
    def change(value: Json) -> None:
        for one in changes:
            one(value)

    return change


def _add_subject(name: str) -> Change:
    subject = {"name": name, "digest": {"sha256": sha256(name)}}
    return lambda value: value["subject"].append(subject)


def _rename(old: int, new: str) -> Change:
    """A change: another name of a file of the first release, in both places."""
    return _both(
        _drop("subject", old),
        _add_subject(new),
        _set("predicate", "releases", 0, "files", old, "filename", to=new),
    )


def _twice(spelled: str) -> Change:
    """A change: the same release again, with a file of its own."""

    def change(value: Json) -> None:
        other = copy.deepcopy(value["predicate"]["releases"][0])
        other["version"] = spelled
        other["files"] = [{**other["files"][0], "filename": "demo-1.0.zip"}]
        value["predicate"]["releases"].append(other)
        _add_subject("demo-1.0.zip")(value)

    return change


RELEASE = ("predicate", "releases", 0)
FILE = (*RELEASE, "files", 0)
NO = "is no manifest: "

#: What is changed in a sound manifest, and the whole error behind the file's name; an
#: ellipsis stands for any text.
CHANGED: dict[str, tuple[Change, str]] = {
    "no _type": (_drop("_type"), f"{NO}_type: is missing"),
    "an older statement": (
        _set("_type", to="https://in-toto.io/Statement/v0.1"),
        (
            f"{NO}_type: expected one of https://in-toto.io/Statement/v1, found "
            "'https://in-toto.io/Statement/v0.1'"
        ),
    ),
    "no predicateType": (_drop("predicateType"), f"{NO}predicateType: is missing"),
    "a predicateType that is no text": (
        _set("predicateType", to=1),
        f"{NO}predicateType: expected one of {MANIFEST_TYPE}, found 1",
    ),
    "a future manifest": (
        _set("predicateType", to=MANIFEST_TYPE.replace("v1", "v2")),
        (
            f"is of another schema, {MANIFEST_TYPE.replace('v1', 'v2')}; expected "
            f"{MANIFEST_TYPE}"
        ),
    ),
    "another statement": (
        _set("predicateType", to="https://slsa.dev/provenance/v1"),
        (
            "is of another schema, https://slsa.dev/provenance/v1; expected "
            f"{MANIFEST_TYPE}"
        ),
    ),
    "no subject": (_drop("subject"), f"{NO}subject: is missing"),
    "no predicate": (_drop("predicate"), f"{NO}predicate: is missing"),
    "null for the predicate": (
        _set("predicate", to=None),
        f"{NO}predicate: expected a table, found nothing",
    ),
    "an unknown key": (
        _set("signature", to=""),
        (
            f"{NO}signature: no such key; allowed: _type, subject, predicateType, "
            "predicate"
        ),
    ),
    "an unknown key in the predicate": (
        _set("predicate", "skip", to=True),
        (
            f"{NO}predicate.skip: no such key; allowed: generator, index, url, tag, "
            "commit, releases"
        ),
    ),
    "a key of a release in capitals": (
        _both(_drop(*RELEASE, "before"), _set(*RELEASE, "Before", to={})),
        (
            f"{NO}predicate.releases[0].Before: no such key; allowed: project, "
            "version, files, before, serial; predicate.releases[0].before: is missing"
        ),
    ),
    "no tag": (_drop("predicate", "tag"), f"{NO}predicate.tag: is missing"),
    "null for the tag": (
        _set("predicate", "tag", to=None),
        f"{NO}predicate.tag: expected a text, found nothing",
    ),
    "a number for the commit": (
        _set("predicate", "commit", to=12),
        f"{NO}predicate.commit: expected a text, found 12",
    ),
    "no release": (
        _set("predicate", "releases", to=[]),
        f"{NO}predicate.releases: expected at least 1 item(s)",
    ),
    "a table of releases": (
        _set("predicate", "releases", to={}),
        f"{NO}predicate.releases: expected a list, found a table",
    ),
    "a release without files": (
        _set(*RELEASE, "files", to=[]),
        f"{NO}predicate.releases[0].files: expected at least 1 item(s)",
    ),
    "a release without project": (
        _drop(*RELEASE, "project"),
        f"{NO}predicate.releases[0].project: is missing",
    ),
    "an empty project": (
        _set(*RELEASE, "project", to=""),
        f"{NO}predicate.releases[0].project: expected a text, found ''",
    ),
    "a project that is none": (
        _set(*RELEASE, "project", to="../evil"),
        "…'../evil'",
    ),
    "another project": (
        _set(*RELEASE, "project", to="dema"),
        f"{SDIST} is no file of dema 1.0",
    ),
    "a version that is none": (
        _set(*RELEASE, "version", to="latest"),
        "Invalid version: 'latest'",
    ),
    "a version of thousands of digits": (
        _set(*RELEASE, "version", to="9" * 5000),
        "…",
    ),
    "another version": (
        _set(*RELEASE, "version", to="1.1"),
        f"{SDIST} is no file of demo 1.1",
    ),
    "another epoch": (
        _set(*RELEASE, "version", to="1!1.0"),
        f"{SDIST} is no file of demo 1!1.0",
    ),
    "the same release twice": (
        _twice("1.0"),
        "a release stands in it twice",
    ),
    "the same release twice, the version spelled in two ways": (
        _twice("1.0.0"),
        "a release stands in it twice",
    ),
    "another kind than its name says": (
        _set(*FILE, "kind", to="wheel"),
        f"{SDIST} is no wheel",
    ),
    "a kind that there is not": (
        _set(*FILE, "kind", to="egg"),
        (
            f"{NO}predicate.releases[0].files[0].kind: expected one of sdist, wheel, "
            "found 'egg'"
        ),
    ),
    "a size below nothing": (
        _set(*FILE, "size", to=-1),
        (
            f"{NO}predicate.releases[0].files[0].size: expected a whole number from 0, "
            "found -1"
        ),
    ),
    "a size in words": (
        _set(*FILE, "size", to="1000"),
        (
            f"{NO}predicate.releases[0].files[0].size: expected a whole number from 0, "
            "found '1000'"
        ),
    ),
    "a broken size": (
        _set(*FILE, "size", to=1000.5),
        (
            f"{NO}predicate.releases[0].files[0].size: expected a whole number from 0, "
            "found 1000.5"
        ),
    ),
    "true for a size": (
        _set(*FILE, "size", to=True),
        (
            f"{NO}predicate.releases[0].files[0].size: expected a whole number from 0, "
            "found true"
        ),
    ),
    "a file of which nothing is said of its Python": (
        _drop(*FILE, "requires-python"),
        f"{NO}predicate.releases[0].files[0].requires-python: is missing",
    ),
    "a number for its Python": (
        _set(*FILE, "requires-python", to=3),
        (
            f"{NO}predicate.releases[0].files[0].requires-python: expected a text or "
            "null, found 3"
        ),
    ),
    "a file of which nothing is said of its metadata": (
        _drop(*FILE, "metadata-sha256"),
        f"{NO}predicate.releases[0].files[0].metadata-sha256: is missing",
    ),
    "an empty hash of its metadata": (
        _set(*FILE, "metadata-sha256", to=""),
        (
            f"{NO}predicate.releases[0].files[0].metadata-sha256: expected a sha256 or "
            "null, found ''"
        ),
    ),
    "true for the hash of its metadata": (
        _set(*FILE, "metadata-sha256", to=True),
        (
            f"{NO}predicate.releases[0].files[0].metadata-sha256: expected a sha256 or "
            "null, found true"
        ),
    ),
    "a file that is no table": (
        _set(*FILE, to=SDIST),
        f"{NO}predicate.releases[0].files[0]: expected a table, found '{SDIST}'",
    ),
    "a hash in capitals": (
        _set("subject", 0, "digest", "sha256", to="A" * 64),
        f"{NO}subject[0].digest.sha256: expected a sha256 in hex, found {('A' * 59)!r}"[
            :-1
        ]
        + "...",
    ),
    "a short hash": (
        _set("subject", 0, "digest", "sha256", to="abc"),
        f"{NO}subject[0].digest.sha256: expected a sha256 in hex, found 'abc'",
    ),
    "another algorithm": (
        _set("subject", 0, "digest", to={"md5": "0" * 32}),
        (
            f"{NO}subject[0].digest.md5: no such key; allowed: sha256; "
            "subject[0].digest.sha256: is missing"
        ),
    ),
    "no subjects": (
        _set("subject", to=[]),
        f"{SDIST} is none of its subjects",
    ),
    "a file without a subject": (
        _drop("subject", 0),
        f"{WHEEL} is none of its subjects",
    ),
    "a subject twice, with two hashes": (
        _both(_add_subject(SDIST), _set("subject", 3, "digest", "sha256", to="0" * 64)),
        "a file stands twice among its subjects",
    ),
    "a subject without a file": (
        _add_subject("demo-1.0.zip"),
        "its subjects are not its releases' files",
    ),
    "a file twice": (
        _both(
            _set(*RELEASE, "files", 1, "filename", to=SDIST),
            _set(*RELEASE, "files", 1, "kind", to="sdist"),
        ),
        "its subjects are not its releases' files",
    ),
    "a file in two releases": (
        _both(
            _set("predicate", "releases", 1, to={}),
            lambda value: value["predicate"]["releases"][1].update(
                value["predicate"]["releases"][0]
            ),
            _drop("subject", 2),
        ),
        "its subjects are not its releases' files",
    ),
    "a file name with a slash": (
        _set(*FILE, "filename", to="../demo-1.0.tar.gz"),
        (
            f"{NO}predicate.releases[0].files[0].filename: expected a file name, found "
            "'../demo-1.0.tar.gz'"
        ),
    ),
    "a subject with a backslash": (
        _set("subject", 0, "name", to="a\\b.whl"),
        f"{NO}subject[0].name: expected a file name, found 'a\\\\b.whl'",
    ),
    "a file name with a newline": (
        _set(*FILE, "filename", to=f"{SDIST}\n"),
        (
            f"{NO}predicate.releases[0].files[0].filename: expected a file name, found "
            f"'{SDIST}\\n'"
        ),
    ),
    "a file that is no distribution": (
        _rename(0, "demo-1.0.egg"),
        "demo-1.0.egg is no distribution",
    ),
    "a file whose name is none": (
        _rename(0, "demo.whl"),
        "demo.whl is no file of demo 1.0",
    ),
    "a listing before that is a list": (
        _set(*RELEASE, "before", to=[]),
        (
            f"{NO}predicate.releases[0].before: expected null, or a table of file "
            "names and their sha256, found a list"
        ),
    ),
    "a listing before with no hash": (
        _set(*RELEASE, "before", to={"a.whl": "md5"}),
        (
            f"{NO}predicate.releases[0].before.a.whl: expected a sha256 or null, found "
            "'md5'"
        ),
    ),
    "more problems than are told": (
        _set(*RELEASE, to={}),
        (
            f"{NO}predicate.releases[0].project: is missing; "
            "predicate.releases[0].version: is missing; "
            "predicate.releases[0].files: is missing"
        ),
    ),
    "a hostile key": (
        _set("k\n::error::x", to=1),
        "…",
    ),
    "a hostile schema": (
        _set("predicateType", to="x\n::error::y" * 10_000),
        "…",
    ),
    "a name that turns lines": (
        _rename(0, "demo-1.0\x85\N{LINE SEPARATOR}::error::.tar.gz"),
        "…",
    ),
    "a version that turns lines": (
        _set(*RELEASE, "version", to="1\n::error::x"),
        "…",
    ),
    "a project that turns lines": (
        _set(*RELEASE, "project", to="a\n::error::x"),
        "…",
    ),
    "a name longer than any file's, with a million tags": (
        _rename(0, "demo-1.0-{0}-{0}-{0}.whl".format(".".join(map(str, range(100))))),
        "…",
    ),
}

#: What is no manifest from its first byte on.
BYTES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "half a manifest": write_manifest(MANIFEST).encode()[:200],
    "two manifests": write_manifest(MANIFEST).encode() * 2,
    "a wheel": b"PK\x03\x04\x00\x00",
    "not in UTF-8": b'{"_type": "\xff"}',
    "NUL bytes": b"\0" * 64,
    "half a UTF-16 character": b"\xff\xfe\x00",
    "NaN": b"NaN",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a number of thousands of digits": b"9" * 5000,
    "a text": b'"manifest"',
    "a list": b"[]",
    "an empty table": b"{}",
    "nested too deep": b"[" * 200_000,
    "tables nested too deep": b'{"a":' * 200_000,
    "a closed nest": b"[" * 100_000 + b"]" * 100_000,
    "half an escape": b'{"_type": "\\ud8"}',
}


def _refused(read: Callable[[bytes], object], content: bytes) -> str:
    """The message, which is one clear line that begins with the file's name."""
    with pytest.raises(ManifestError) as raised:
        read(content)
    message = raised.value.message
    assert message.startswith(f"{WHERE}: ")
    assert len(message.splitlines()) == 1
    assert len(message) < 1000
    return message.removeprefix(f"{WHERE}: ")


def _read(content: bytes) -> Manifest:
    return read_manifest(content, where=WHERE)


def _read_part(content: bytes) -> Part:
    return read_part(content, where=WHERE)


@pytest.mark.parametrize(("change", "told"), CHANGED.values(), ids=CHANGED)
def test_a_changed_manifest_is_refused_in_one_line(change: Change, told: str) -> None:
    value = _written()
    change(value)
    assert value != _written()

    message = _refused(_read, json.dumps(value).encode())

    assert re.fullmatch(".+".join(map(re.escape, told.split("…"))), message), message


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES)
def test_what_is_no_manifest_is_refused_in_one_line(content: bytes) -> None:
    assert _refused(_read, content)
    assert _refused(_read_part, content)


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 200_000])
def test_what_is_nested_too_deep_is_called_so(content: bytes) -> None:
    assert _refused(_read, content) == "is nested too deep"


def test_a_key_given_twice_is_refused_as_readers_differ_on_it() -> None:
    twice = write_manifest(MANIFEST).replace(
        '"tag": "v1.0"', '"tag": "v0.9", "tag": "v1.0"'
    )

    _refused(_read, twice.encode())


@pytest.mark.parametrize(
    "content",
    [
        write_manifest(MANIFEST).encode(),
        write_part(PART).encode(),
        json.dumps({"predicateType": MANIFEST_TYPE.replace("v1", "v9")}).encode(),
    ],
    ids=["a manifest", "a part", "a later one"],
)
def test_a_statement_of_ours_is_known_as_one(content: bytes) -> None:
    assert is_statement(content)


@pytest.mark.parametrize(
    "content",
    [
        *BYTES.values(),
        b'{"predicateType": 1}',
        b'{"predicateType": "https://slsa.dev/provenance/v1"}',
    ],
)
def test_any_other_file_is_no_statement_of_ours(content: bytes) -> None:
    assert not is_statement(content)


def test_a_part_is_no_manifest_and_a_manifest_is_no_part() -> None:
    assert _refused(_read, write_part(PART).encode()) == (
        f"is of another schema, {PART_TYPE}; expected {MANIFEST_TYPE}"
    )
    assert _refused(_read_part, write_manifest(MANIFEST).encode()) == (
        f"is of another schema, {MANIFEST_TYPE}; expected {PART_TYPE}"
    )


def test_a_manifest_that_an_editor_wrote_with_a_byte_order_mark_is_the_same() -> None:
    content = write_manifest(MANIFEST).encode("utf-8-sig")

    assert read_manifest(content, where=WHERE) == MANIFEST


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_manifest_in_another_encoding_is_refused_as_no_json_is_written_in_it(
    encoding: str,
) -> None:
    # RFC 8259, section 8.1: what is exchanged is UTF-8.
    assert _refused(_read, write_manifest(MANIFEST).encode(encoding))


PART_FILE = ("predicate", "files", 0)
ATTESTATION = ("predicate", "attestations", 0)

CHANGED_PARTS: dict[str, tuple[Change, str]] = {
    "no subject for a file": (
        _drop("subject", 0),
        f"{WHEEL} is none of its subjects",
    ),
    "a subject without a file": (
        _add_subject("demo-1.0.zip"),
        "its subjects are not its files",
    ),
    "a file twice in place of another one": (
        _set("predicate", "files", 1, "filename", to=SDIST),
        "its subjects are not its files",
    ),
    "a file twice": (
        _both(
            _set("predicate", "files", 1, "filename", to=SDIST),
            _drop("subject", 0),
        ),
        "its subjects are not its files",
    ),
    "a subject twice": (
        _add_subject(SDIST),
        "a file stands twice among its subjects",
    ),
    "a file that is no distribution": (
        _both(_add_subject("notes.txt"), _set(*PART_FILE, "filename", to="notes.txt")),
        "notes.txt is no distribution",
    ),
    "no metadata": (
        _drop(*PART_FILE, "metadata"),
        f"{NO}predicate.files[0].metadata: is missing",
    ),
    "null for a field": (
        _set(*PART_FILE, "metadata", "version", to=None),
        f"{NO}predicate.files[0].metadata.version: expected a text, found nothing",
    ),
    "no problems": (
        _drop(*PART_FILE, "metadata", "problems"),
        f"{NO}predicate.files[0].metadata.problems: is missing",
    ),
    "an underscore for a hyphen": (
        _both(
            _drop(*PART_FILE, "metadata", "requires-dist"),
            _set(*PART_FILE, "metadata", "requires_dist", to=[]),
        ),
        (
            f"{NO}predicate.files[0].metadata.requires_dist: no such key; allowed: "
            "metadata-version, name, version, requires-python, classifiers, "
            "requires-dist, "
            "provides-extra, license-expression, dynamic, "
            "problems, sha256; predicate.files[0].metadata.requires-dist: is missing"
        ),
    ),
    "metadata without a name, and without a problem that explains it": (
        _set("predicate", "files", 1, "metadata", "name", to=""),
        f"{WHEEL} has no name or no version",
    ),
    "metadata without its hash": (
        _drop(*PART_FILE, "metadata", "sha256"),
        f"{NO}predicate.files[0].metadata.sha256: is missing",
    ),
    "metadata with an empty hash": (
        _set(*PART_FILE, "metadata", "sha256", to=""),
        (f"{NO}predicate.files[0].metadata.sha256: expected a sha256 in hex, found ''"),
    ),
    "an unknown kind of sidecar": (
        _set("predicate", "sidecars", 0, "kind", to="note"),
        (
            f"{NO}predicate.sidecars[0].kind: expected one of attestation, signature, "
            "found 'note'"
        ),
    ),
    "a sidecar of nothing": (
        _set("predicate", "sidecars", 0, "beside", to=""),
        f"{NO}predicate.sidecars[0].beside: expected a text, found ''",
    ),
    "no list of strays": (
        _drop("predicate", "unknown"),
        f"{NO}predicate.unknown: is missing",
    ),
    "no list of attestations": (
        _drop("predicate", "attestations"),
        f"{NO}predicate.attestations: is missing",
    ),
    "an attestation of no name": (
        _set(*ATTESTATION, "filename", to=""),
        f"{NO}predicate.attestations[0].filename: expected a text, found ''",
    ),
    "an attestation that may be known": (
        _set(*ATTESTATION, "is-known", to="yes"),
        (
            f"{NO}predicate.attestations[0].is-known: expected true or false, "
            "found 'yes'"
        ),
    ),
    "an attestation that does not say what it is beside": (
        _drop(*ATTESTATION, "beside"),
        f"{NO}predicate.attestations[0].beside: is missing",
    ),
    "an attestation without subjects": (
        _drop(*ATTESTATION, "subjects"),
        f"{NO}predicate.attestations[0].subjects: is missing",
    ),
    "a subject of an attestation without a hash": (
        _drop(*ATTESTATION, "subjects", 0, "sha256"),
        f"{NO}predicate.attestations[0].subjects[0].sha256: is missing",
    ),
    "an attestation that says nothing of its sources": (
        _drop(*ATTESTATION, "sources"),
        f"{NO}predicate.attestations[0].sources: is missing",
    ),
    "a source of an attestation without a commit": (
        _drop(*ATTESTATION, "sources", 0, "commit"),
        f"{NO}predicate.attestations[0].sources[0].commit: is missing",
    ),
    "a source of an attestation that is no text": (
        _set(*ATTESTATION, "sources", 0, "repository", to=None),
        (
            f"{NO}predicate.attestations[0].sources[0].repository: expected a text, "
            "found nothing"
        ),
    ),
    "a source of an attestation that says more": (
        _set(*ATTESTATION, "sources", 0, "branch", to="main"),
        (
            f"{NO}predicate.attestations[0].sources[0].branch: no such key; allowed: "
            "repository, commit"
        ),
    ),
    "an attestation that does not say whether it holds": (
        _drop(*ATTESTATION, "verified"),
        f"{NO}predicate.attestations[0].verified: is missing",
    ),
    "an attestation that holds by word": (
        _set(*ATTESTATION, "verified", to="true"),
        (
            f"{NO}predicate.attestations[0].verified: expected true, false or null, "
            "found 'true'"
        ),
    ),
    "an attestation without a reason against it": (
        _set(*ATTESTATION, "refuted", to=None),
        f"{NO}predicate.attestations[0].refuted: expected a text, found nothing",
    ),
    "an attestation that says nothing of its signer": (
        _drop(*ATTESTATION, "signer"),
        f"{NO}predicate.attestations[0].signer: is missing",
    ),
    "an attestation of a signer in one word": (
        _set(*ATTESTATION, "signer", to="org/demo"),
        (
            f"{NO}predicate.attestations[0].signer: expected null, or a table of a "
            "signer, found 'org/demo'"
        ),
    ),
    "an attestation of a signer without a workflow": (
        _drop(*ATTESTATION, "signer", "workflow"),
        f"{NO}predicate.attestations[0].signer.workflow: is missing",
    ),
    "no classifiers": (
        _drop(*PART_FILE, "metadata", "classifiers"),
        f"{NO}predicate.files[0].metadata.classifiers: is missing",
    ),
    "a file that does not say what it was compared with": (
        _drop(*PART_FILE, "compared-with"),
        f"{NO}predicate.files[0].compared-with: is missing",
    ),
    "a file that was compared with no commit's id": (
        _set(*PART_FILE, "compared-with", to="main"),
        (
            f"{NO}predicate.files[0].compared-with: expected a commit, or an empty "
            "text, found 'main'"
        ),
    ),
    "no list of what was waived": (
        _drop("predicate", "waived"),
        f"{NO}predicate.waived: is missing",
    ),
    "a waiver until some day": (
        _set("predicate", "waived", 0, "until", to="soon"),
        f"{NO}predicate.waived[0].until: expected null, or a day, found 'soon'",
    ),
    "no terms": (_drop("predicate", "terms"), f"{NO}predicate.terms: is missing"),
    "terms that are no hash": (
        _set("predicate", "terms", to=""),
        f"{NO}predicate.terms: expected a sha256 in hex, found ''",
    ),
    "a future part": (
        _set("predicateType", to=PART_TYPE.replace("v1", "v2")),
        f"is of another schema, {PART_TYPE.replace('v1', 'v2')}; expected {PART_TYPE}",
    ),
}


@pytest.mark.parametrize(("change", "told"), CHANGED_PARTS.values(), ids=CHANGED_PARTS)
def test_a_changed_part_is_refused_in_one_line(change: Change, told: str) -> None:
    value = _written_part()
    change(value)

    assert _refused(_read_part, json.dumps(value).encode()) == told


def test_a_part_may_hold_a_file_whose_name_is_none_for_the_join_to_judge() -> None:
    part = replace(PART, files=(described("demo.whl"),))

    (file,) = read_part(write_part(part).encode(), where=WHERE).files
    assert file.distribution.name is None


# --- anything at all --------------------------------------------------------------


def _made(
    read: Callable[[bytes], Manifest | Part], content: bytes
) -> Manifest | Part | ManifestError:
    try:
        return read(content)
    except ManifestError as error:
        return error


def _only_manifest_errors(content: bytes) -> None:
    """Whatever is no manifest (or part) is told in one line, and as nothing else."""
    for read in (_read, _read_part):
        made = _made(read, content)
        if isinstance(made, ManifestError):
            assert len(made.message.splitlines()) == 1


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_a_manifest_or_a_manifest_error(content: bytes) -> None:
    _only_manifest_errors(content)


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=True)
    | st.text(max_size=6)
    | st.sampled_from(["1.0", "demo", SDIST, WHEEL, sha256(SDIST), MANIFEST_TYPE])
)
_JSON: st.SearchStrategy[Json] = st.deferred(
    lambda: (
        _SCALARS
        | st.lists(_JSON, max_size=3)
        | st.dictionaries(st.text(max_size=5), _JSON, max_size=3)
    )
)


def _places(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into nested tables and lists."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = dict(enumerate(value)).items()
    else:
        return []
    return [
        found
        for key, below in inner
        for found in ((*path, key), *_places(below, (*path, key)))
    ]


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_a_manifest_changed_anywhere_is_a_manifest_or_a_manifest_error(
    data: st.DataObject,
) -> None:
    value = data.draw(st.sampled_from([_written, _written_part]))()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_places(value)))
        change = _drop(*path)
        if data.draw(st.booleans()):
            change = _set(*path, to=data.draw(_JSON))
        change(value)
        if not _places(value):
            break

    _only_manifest_errors(json.dumps(value).encode())


@settings(deadline=None, max_examples=200)
@given(
    at=st.integers(0, len(write_manifest(MANIFEST)) - 1),
    cut=st.integers(0, 3),
    put=st.binary(max_size=3),
)
def test_a_manifest_with_other_bytes_somewhere_is_no_other_failure(
    at: int, cut: int, put: bytes
) -> None:
    content = write_manifest(MANIFEST).encode()

    _only_manifest_errors(content[:at] + put + content[at + cut :])


# --- the schemas ------------------------------------------------------------------

MANIFEST_VALIDATOR = jsonschema.Draft202012Validator(manifest_schema())
PART_VALIDATOR = jsonschema.Draft202012Validator(part_schema())

#: What a schema cannot say: names, versions and subjects that must fit each other.
BEYOND_A_SCHEMA = {
    "a project that is none",
    "another project",
    "a version that is none",
    "a version of thousands of digits",
    "another version",
    "another epoch",
    "another kind than its name says",
    "the same release twice",
    "the same release twice, the version spelled in two ways",
    "no subjects",
    "a file without a subject",
    "a subject twice, with two hashes",
    "a subject without a file",
    "a file twice",
    "a file in two releases",
    "a file that is no distribution",
    "a file whose name is none",
    "a name that turns lines",
    "a version that turns lines",
    "a project that turns lines",
    "a name longer than any file's, with a million tags",
    # ``$`` is the very end for JSON Schema, and not for Python.
    "a file name with a newline",
}


@pytest.mark.parametrize(
    "schema", [manifest_schema(), part_schema()], ids=["manifest", "part"]
)
def test_a_schema_is_one_and_its_patterns_are_regular_expressions(
    schema: dict[str, Any],
) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(schema))
    assert patterns
    for pattern in patterns:
        re.compile(json.loads(pattern))


def test_the_schemas_take_what_is_written() -> None:
    MANIFEST_VALIDATOR.validate(_written())
    PART_VALIDATOR.validate(_written_part())


def test_the_schema_takes_texts_over_several_lines_as_the_reader_does() -> None:
    value = _written()
    value["predicate"]["tag"] = "a\nb"

    assert _manifest(value).tag == "a\nb"
    MANIFEST_VALIDATOR.validate(value)


@pytest.mark.parametrize("name", sorted(CHANGED.keys() - BEYOND_A_SCHEMA))
def test_the_schema_refuses_the_changed_manifests_that_it_can(name: str) -> None:
    value = _written()
    CHANGED[name][0](value)

    assert not MANIFEST_VALIDATOR.is_valid(value)


@pytest.mark.parametrize(
    "name", [name for name in CHANGED_PARTS if "attestation" in name]
)
def test_the_schema_refuses_the_changed_attestations_of_a_part(name: str) -> None:
    value = _written_part()
    CHANGED_PARTS[name][0](value)

    assert not PART_VALIDATOR.is_valid(value)


def test_the_schemas_tell_manifest_and_part_apart() -> None:
    assert not MANIFEST_VALIDATOR.is_valid(_written_part())
    assert not PART_VALIDATOR.is_valid(_written())


@pytest.mark.parametrize("before", [{"demo-0.1.zip": None}, {}])
def test_two_releases_of_a_project_have_one_listing_before(
    before: dict[str, str | None],
) -> None:
    one = expected(expected_file("demo-1.0.tar.gz"), before={})
    two = expected(expected_file("demo-1.1.tar.gz"), version="1.1", before=before)
    content = write_manifest(Manifest((one, two))).encode()
    if before:
        with pytest.raises(ManifestError, match="different listings before"):
            read_manifest(content, where="m.json")
    else:
        assert read_manifest(content, where="m.json").releases == (one, two)

"""The rules of core metadata, case by case."""

from __future__ import annotations

import email.utils
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described,
    distribution,
    policy,
)

from release_guard.facts import (
    Classifier,
    DescribedDistribution,
    MetadataProblem,
    ProblemKind,
    RenderedDescription,
    RenderingProblem,
    Standing,
)
from release_guard.findings import Severity
from release_guard.policy import IndexPolicy, Policy
from release_guard.publishers import publisher_of
from release_guard.rulebook import AGES_AFTER, AS_OF
from release_guard.rules.metadata import (
    classifier_refused,
    dependency_url,
    description_missing,
    description_refused,
    license_classifier,
    license_invalid,
    metadata_invalid,
    metadata_version,
)
from release_guard.sources.metadata import parse_metadata

_TAKEN = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
#: More brackets than a parser that calls itself can follow.
_DEEP = "a; " + "(" * 5000 + "os_name == 'x'" + ")" * 5000


def _read(content: str) -> DescribedDistribution:
    """The sdist, with the metadata that the source reads in this text."""
    return DescribedDistribution(distribution(), parse_metadata(content.encode()))


def _problem(kind: ProblemKind, field: str, detail: str) -> DescribedDistribution:
    """A sound file but for one field."""
    file = described()
    problem = MetadataProblem(field, detail, kind)
    return replace(file, metadata=replace(file.metadata, problems=(problem,)))


def _by(publisher: str, index: IndexPolicy | None = None) -> Policy:
    """The policy that names this publisher."""
    by = publisher_of(publisher)
    return policy(publisher=by) if index is None else policy(index, publisher=by)


def _aged(days: int) -> Policy:
    """The policy when the rulebook is so many days older than it may be."""
    return policy(today=AS_OF + AGES_AFTER + timedelta(days=days))


_HEAD = "Metadata-Version: 2.5\nName: demo\nVersion: 1.0\n"

#: A list of this day is a day too old for the rulebook's.
_LONG_AGO = AS_OF - AGES_AFTER - timedelta(days=1)
_ACTION = "pypa/gh-action-pypi-publish@v1.12.4"
_MIT = "License :: OSI Approved :: MIT License"


def _classified(*classifiers: Classifier, as_of: date = AS_OF) -> DescribedDistribution:
    """A file with these classifiers, which were looked up in a list of that day."""
    return described(classifiers=classifiers, classifiers_as_of=as_of)


def _rendered(
    content_type: str, problem: RenderingProblem | None = None
) -> RenderedDescription:
    return RenderedDescription(distribution(), content_type, problem)


#: What ``packaging`` refuses, as it is read: the whole text, the field, and the row.
REFUSED = {
    "a field that the version has not yet": (
        _HEAD.replace("2.5", "2.1") + "License-Expression: MIT\n",
        ("license-expression", "21"),
    ),
    "a field given twice": (
        f"{_HEAD}Summary: a\nSummary: b\n",
        ("summary", "22"),
    ),
    "two addresses of one label": (
        f"{_HEAD}Project-URL: A, https://a.example\nProject-URL: A, https://b.example\n",
        ("project-url", "22"),
    ),
    "a name that ends with a hyphen": (
        _HEAD.replace("demo", "demo-"),
        ("name", "10"),
    ),
    "no name": ("Metadata-Version: 2.5\nVersion: 1.0\n", ("name", "10")),
    "a version that is none": (_HEAD.replace("1.0", "dog"), ("version", "24")),
    "no version": ("Metadata-Version: 2.5\nName: demo\n", ("version", "24")),
    "a summary of two lines": (f"{_HEAD}Summary: a\n  b\n", ("summary", "26")),
    "a type that is none": (
        f"{_HEAD}Description-Content-Type: text/html\n",
        ("description-content-type", "27"),
    ),
    "another character set": (
        f"{_HEAD}Description-Content-Type: text/markdown; charset=latin-1\n",
        ("description-content-type", "27"),
    ),
    "another kind of Markdown": (
        f"{_HEAD}Description-Content-Type: text/markdown; variant=gfm\n",
        ("description-content-type", "27"),
    ),
    "a requirement that is none": (
        f"{_HEAD}Requires-Dist: a b\n",
        ("requires-dist", "33"),
    ),
    "a specifier that is none": (
        f"{_HEAD}Requires-Python: python3\n",
        ("requires-python", "35"),
    ),
    "an extra that is no name": (
        f"{_HEAD}Provides-Extra: a b\n",
        ("provides-extra", "36"),
    ),
    "a name that is said to be dynamic": (f"{_HEAD}Dynamic: Name\n", ("dynamic", "37")),
    "something dynamic that is no field": (
        f"{_HEAD}Dynamic: Nope\n",
        ("dynamic", "37"),
    ),
    "a module that is none": (f"{_HEAD}Import-Name: 1bad\n", ("import-name", "41")),
    "a namespace that is none": (
        f"{_HEAD}Import-Namespace: a..b\n",
        ("import-namespace", "41"),
    ),
}
#: What PyPI refuses beyond the specification: field, message and row.
BEYOND: dict[str, tuple[DescribedDistribution, str, str, str]] = {
    "a summary of 513 characters": (
        described(summary="ü" * 513),
        "summary",
        "has 513 characters, expected at most 512",
        "26",
    ),
    "an address without an @": (
        described(author_email="me"),
        "author-email",
        "'me' is no e-mail address: …",
        "28",
    ),
    "an address of a host that is nowhere": (
        described(maintainer_email="Me <me@localhost>"),
        "maintainer-email",
        "'me@localhost' is no e-mail address: …",
        "28",
    ),
    "a home page without a scheme": (
        described(home_page="www.demo.example"),
        "home-page",
        "'www.demo.example' is no http or https URL",
        "31",
    ),
    "a download by FTP": (
        described(download_url="ftp://demo.example/"),
        "download-url",
        "'ftp://demo.example/' is no http or https URL",
        "31",
    ),
    "an address without a label": (
        described(project_urls=(("", "https://demo.example"),)),
        "project-url",
        "'https://demo.example' has no label",
        "32",
    ),
    "a label of 33 characters": (
        described(project_urls=(("x" * 33, "https://demo.example"),)),
        "project-url",
        f"the label {'x' * 33!r} has 33 characters, expected at most 32",
        "32",
    ),
    "a label without an address": (
        described(project_urls=(("Code", ""),)),
        "project-url",
        "'Code' has no URL",
        "32",
    ),
    "a label with the address of a clone": (
        described(project_urls=(("Code", "git@git.example:demo"),)),
        "project-url",
        "'git@git.example:demo' is no http or https URL",
        "32",
    ),
    "something provided that is no requirement": (
        described(provides_dist=("a b",)),
        "provides-dist",
        "'a b' is no requirement (PEP 508)",
        "34",
    ),
    "something provided by a URL": (
        described(provides_dist=("a @ https://demo.example/a.zip",)),
        "provides-dist",
        "a is given by a URL",
        "34",
    ),
    "something made obsolete by a URL": (
        described(obsoletes_dist=("b @ git+https://demo.example/b",)),
        "obsoletes-dist",
        "b is given by a URL",
        "34",
    ),
    "something provided in brackets without end": (
        described(provides_dist=(_DEEP,)),
        "provides-dist",
        "… is no requirement (PEP 508)",
        "34",
    ),
    "that it is dynamic what is dynamic": (
        described(dynamic=("Dynamic",)),
        "dynamic",
        "'Dynamic' may not be dynamic",
        "37",
    ),
}
#: What PyPI takes for an address, or for several that it does not look at.
ADDRESSES = (
    "",
    "a@b.example",
    "A <a@b.example>",
    "<a@b.example>",
    "A. B. <a@b.example>",
    "a+b@c.example",
    "jö@exämple.example",
    '"A, B" <a@b.example>',
    "a@b.example (A)",
    "(A)",
    "<>",
    "me <>",
    "me <x@>",
    "a@",
    "a@@b.example",
    "A <a@b.example",
    "A <a@b.example> and B",
    "A <a@b.example>, B <nope>",
    "foo, bar",
    "A, B <a@b.example>",
    "a;b",
    "a@b.example;c@d.example",
    "a@[127.0.0.1]",
    "A [at] b.example",
    "a@b,c.example",
    "Group: a@b.example;",
    "A (B",
    "a (b <",
)
NO_ADDRESSES = {
    "me": "me",
    "A B": "A",
    "a at b.example": "a",
    "me (at) x.example": "me",
    "a@b": "a@b",
    "a@127.0.0.1": "a@127.0.0.1",
    "A <a@b.invalid>": "a@b.invalid",
    "a@b.test": "a@b.test",
    "a..b@c.example": "a..b@c.example",
    "a@c_d.example": "a@c_d.example",
    "@b.example": "@b.example",
}
URLS = (
    "https://x.example",
    "http://x.example/a?b#c",
    "HTTPS://X.EXAMPLE",
    "https:",
    "https://",
    "https:foo",
    "https://x y.example",
    "https://x.example:abc",
    "https://[::1",
    "http:///a",
    "https://x.example/a b",
    "https://x.example/%zz",
    "https://ü.example",
    "https://x.example:65535",
)
NO_URLS = (
    "x.example",
    "www.x.example",
    "//x.example",
    "/a",
    "ftp://x.example",
    "git+https://x.example",
    "mailto:a@b.example",
    "git@x.example:a",
    "javascript:x",
    "https//x.example",
    " https://x.example",
    "https://x.example:65536",
    "?",
    "#",
    "None",
)

CASES = [
    # metadata-invalid
    Case(metadata_invalid, "sound metadata", described()),
    Case(metadata_invalid, "sound metadata as it is read", _read(_HEAD)),
    Case(
        metadata_invalid,
        "each refused field is a finding, on any index",
        described(WHEEL, problems={"version": "is missing", "summary": "two lines"}),
        policy(INTERNAL),
        (
            Says("the field 'version' is not valid: is missing"),
            Says("the field 'summary' is not valid: two lines"),
        ),
    ),
    Case(
        metadata_invalid,
        "the metadata as a whole",
        described(problems={"": "cannot be read"}),
        says=(Says("the metadata is not valid: cannot be read"),),
    ),
    Case(
        metadata_invalid,
        "of the metadata version speaks metadata-version",
        described(problems={"metadata-version": "is not known"}),
    ),
    Case(
        metadata_invalid,
        "a version that is none, as it is read",
        _read("Metadata-Version: 2.4\nName: demo\nVersion: dog\n"),
        says=(Says("the field 'version' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "no name, as it is read",
        _read("Metadata-Version: 2.4\nVersion: 1.0\n"),
        says=(Says("the field 'name' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "no version, as it is read",
        _read("Metadata-Version: 2.4\nName: demo\n"),
        says=(Says("the field 'version' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "a name beyond ASCII, as it is read",
        _read("Metadata-Version: 2.4\nName: démo\nVersion: 1.0\n"),
        says=(Says("the field 'name' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "a version given twice, as it is read",
        _read(f"{_HEAD}Version: 1.1\n"),
        says=(
            Says("the field 'version' is not valid: …"),
            Says("the field 'version' is not valid: …"),
        ),
    ),
    *(
        Case(
            metadata_invalid,
            f"{name}, for {index.label}",
            _read(text),
            policy(index),
            (Says(f"the field {field!r} is not valid: …", row=row),),
        )
        for name, (text, (field, refused)) in REFUSED.items()
        for index, row in ((TESTPYPI, refused), (INTERNAL, ""))
    ),
    *(
        Case(
            metadata_invalid,
            f"the character set {spelled}, which PyPI wants in capitals",
            _read(
                f"{_HEAD}Description-Content-Type: text/markdown; charset={spelled}\n"
            ),
            says=(Says("the field 'description-content-type' …", row="27"),),
        )
        for spelled in ("utf-8", "Utf-8", '"utf-8"')
    ),
    *(
        Case(
            metadata_invalid,
            f"the type {kind}",
            _read(f"{_HEAD}Description-Content-Type: {kind}\n"),
        )
        for kind in (
            "text/markdown",
            "text/markdown; charset=UTF-8; variant=GFM",
            "text/markdown; variant=CommonMark",
            "text/x-rst; charset=UTF-8",
            "text/plain",
        )
    ),
    *(
        Case(
            metadata_invalid,
            f"{name}, for {index.label}",
            file,
            policy(index),
            (Says(f"the field {field!r} is not valid: {told}", row=row),),
        )
        for name, (file, field, told, row) in BEYOND.items()
        for index in (TESTPYPI,)
    ),
    *(
        Case(
            metadata_invalid,
            f"{name}, for an index without PyPI's rules",
            file,
            policy(INTERNAL),
        )
        for name, (file, *_) in BEYOND.items()
    ),
    *(
        Case(
            metadata_invalid,
            f"an address as PyPI takes it: {address or 'none'}",
            described(author_email=address, maintainer_email=address),
        )
        for address in ADDRESSES
    ),
    *(
        Case(
            metadata_invalid,
            f"an address that PyPI refuses: {address}",
            described(author_email=address),
            says=(Says(f"… {found!r} is no e-mail address: …", row="28"),),
        )
        for address, found in NO_ADDRESSES.items()
    ),
    *(
        Case(
            metadata_invalid,
            f"a URL as PyPI takes it: {url}",
            described(home_page=url, download_url=url, project_urls=(("A", url),)),
        )
        for url in URLS
    ),
    *(
        Case(
            metadata_invalid,
            f"a URL that PyPI refuses: {url}",
            described(home_page=url, download_url=url, project_urls=(("A", url),)),
            says=(
                Says("the field 'home-page' is not valid: …", row="31"),
                Says("the field 'download-url' is not valid: …", row="31"),
                Says("the field 'project-url' is not valid: …", row="32"),
            ),
        )
        for url in NO_URLS
    ),
    Case(
        metadata_invalid,
        "all fields at their limits",
        described(
            summary="ü" * 512,
            project_urls=(
                ("x" * 32, "https://demo.example"),
                ("é", "http://a.example"),
            ),
            provides_dist=("a", "b[c]>=1; os_name == 'nt'"),
            obsoletes_dist=("a (<2)",),
            dynamic=("Version-Like", "License"),
        ),
    ),
    Case(
        metadata_invalid,
        "every field that PyPI refuses beyond the specification, in its place",
        described(
            summary="x" * 600,
            author_email="a",
            maintainer_email="b",
            home_page="c",
            download_url="d",
            project_urls=(("", "e"), ("F", "")),
            provides_dist=("g h", "i @ https://demo.example"),
            obsoletes_dist=("j k",),
            dynamic=("dynamic", "DYNAMIC"),
        ),
        says=(
            Says("the field 'summary' …", row="26"),
            Says("the field 'author-email' …", row="28"),
            Says("the field 'maintainer-email' …", row="28"),
            Says("the field 'home-page' …", row="31"),
            Says("the field 'download-url' …", row="31"),
            Says("the field 'project-url' … has no label", row="32"),
            Says("the field 'project-url' … 'F' has no URL", row="32"),
            Says("the field 'provides-dist' … 'g h' …", row="34"),
            Says("the field 'provides-dist' … i is given by a URL", row="34"),
            Says("the field 'obsoletes-dist' …", row="34"),
            Says("the field 'dynamic' … 'dynamic' may not be dynamic", row="37"),
            Says("the field 'dynamic' … 'DYNAMIC' may not be dynamic", row="37"),
        ),
    ),
    *(
        Case(
            metadata_invalid,
            f"the {kind} field {field!r} has the row {row or 'of none'}",
            _problem(kind, field, "is odd"),
            says=(Says(f"{what} is not valid: is odd", row=row),),
        )
        for kind, field, what, row in (
            (ProblemKind.TOO_NEW, "license-file", "the field 'license-file'", "21"),
            (ProblemKind.TOO_NEW, "classifier", "the field 'classifier'", "21"),
            (ProblemKind.MALFORMED, "license-file", "the field 'license-file'", "22"),
            (ProblemKind.MALFORMED, "keywords", "the field 'keywords'", "22"),
            (ProblemKind.MALFORMED, "", "the metadata", ""),
            (ProblemKind.INVALID, "", "the metadata", ""),
            (ProblemKind.INVALID, "keywords", "the field 'keywords'", ""),
        )
    ),
    *(
        Case(
            metadata_invalid,
            f"of the {field} speaks license-invalid",
            _problem(ProblemKind.INVALID, field, "is odd"),
            policy(TESTPYPI),
        )
        for field in ("license-expression", "license-file")
    ),
    *(
        Case(
            metadata_invalid,
            f"{line!r}, where license-invalid says nothing",
            _read(f"{_HEAD}{line}\n"),
            policy(INTERNAL),
            (Says(f"the field {field!r} is not valid: …", row=""),),
        )
        for line, field in (
            ("License-Expression: Apache 2.0", "license-expression"),
            ("License-File: ../LICENSE", "license-file"),
        )
    ),
    *(
        Case(
            metadata_invalid,
            f"a project that is called {name!r}, for PyPI",
            described(name=name),
            says=(Says("the field 'name' …: it says UNKNOWN", row="10"),),
        )
        for name in ("UNKNOWN", " UNKNOWN")
    ),
    Case(
        metadata_invalid,
        "a project that is called UNKNOWN, for an index without PyPI's rules",
        described(name="UNKNOWN"),
        policy(INTERNAL),
    ),
    Case(
        metadata_invalid,
        "a project whose name only resembles UNKNOWN",
        described(name="Unknown"),
    ),
    *(
        Case(
            metadata_invalid,
            f"a field that no specification has, for {index.label} by {by}",
            _read(f"{_HEAD}X-Custom: 1\n"),
            policy(index) if by == "anybody" else _by(by, index),
            (
                Says(
                    f"the field 'x-custom' is no field of core metadata: {who} refuses "
                    "the file, and the index would not see the field",
                    severity=Severity.WARNING,
                    row="",
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
        for by, who in {
            "anybody": "twine (since 6.1)",
            "twine==6.1": "twine==6.1",
            _ACTION: _ACTION,
        }.items()
    ),
    *(
        Case(
            metadata_invalid,
            f"a field that no specification has, by {by}, which does not mind",
            _read(f"{_HEAD}X-Custom: 1\n"),
            _by(by),
        )
        for by in ("twine==6.0.1", "pypa/gh-action-pypi-publish@v1.12.3", "uv")
    ),
    Case(
        metadata_invalid,
        "a field that says only UNKNOWN, which twine refuses and no index sees",
        _read(f"{_HEAD}Requires-Python: UNKNOWN\n"),
        says=(
            Says(
                "the field 'requires-python' is empty, or says only UNKNOWN: twine "
                "(since 6.1) refuses the file, and the index would not see the field",
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        metadata_invalid,
        "a field that says only UNKNOWN, by uv, which does not mind",
        _read(f"{_HEAD}Requires-Python: UNKNOWN\n"),
        _by("uv"),
    ),
    Case(
        metadata_invalid,
        "a field that no specification has beside one that is not valid",
        _read(f"{_HEAD}X-Custom: 1\nRequires-Python: x\n"),
        says=(
            Says("the field 'x-custom' …", severity=Severity.WARNING),
            Says("the field 'requires-python' …", row="35"),
        ),
    ),
    Case(
        metadata_invalid,
        "a field that says only UNKNOWN, on an index that promises nothing of it",
        _read(f"{_HEAD}Requires-Python: UNKNOWN\n"),
        policy(INTERNAL),
        (Says("the field 'requires-python' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "License-File of an older setuptools, which twine leaves out",
        _read(
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense-File: LICENSE\n"
        ),
        policy(publisher=publisher_of("twine==7.0")),
    ),
    Case(
        metadata_invalid,
        "License-File of an older setuptools, by a publisher that sends it",
        _read(
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense-File: LICENSE\n"
        ),
        policy(publisher=publisher_of("uv")),
        (
            Says(
                "the field 'license-file' came with metadata 2.4, and this is 2.1: uv "
                "sends it as it is",
                row="21",
            ),
        ),
    ),
    Case(
        metadata_invalid,
        "License-File in its own metadata version, by a publisher that sends it",
        _read(f"{_HEAD}License-File: LICENSE\n"),
        policy(publisher=publisher_of("uv")),
    ),
    Case(
        metadata_invalid,
        "License-File of an older setuptools, on an index of one's own",
        _read(
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense-File: LICENSE\n"
        ),
        policy(INTERNAL, publisher=publisher_of("uv")),
    ),
    # metadata-version
    *(
        Case(
            metadata_version,
            f"metadata {version} is taken",
            described(metadata_version=version),
        )
        for version in _TAKEN
    ),
    Case(
        metadata_version,
        "packaging does not know it, whatever the index",
        described(
            metadata_version="2.0",
            problems={"metadata-version": "'2.0' is no valid metadata version"},
        ),
        policy(INTERNAL),
        (Says("'2.0' is no valid metadata version", row=""),),
    ),
    Case(
        metadata_version,
        "one finding where packaging and PyPI both refuse",
        described(metadata_version="9", problems={"metadata-version": "is not known"}),
        says=(Says("is not known", row="20"),),
    ),
    Case(
        metadata_version,
        "of other fields speaks metadata-invalid",
        described(problems={"version": "is missing"}),
    ),
    *(
        Case(
            metadata_version,
            f"packaging knows {version or 'none'}, and PyPI does not take it",
            described(metadata_version=version),
            policy(TESTPYPI),
            says=(
                Says(
                    f"Metadata-Version is {version!r}; PyPI takes {', '.join(_TAKEN)} "
                    "(as of 2026-08-21)",
                    row="20",
                ),
            ),
        )
        for version in ("2.6", "2.0", "")
    ),
    Case(
        metadata_version,
        "a newer one that packaging knows, for an index without PyPI's rules",
        described(metadata_version="2.6"),
        policy(INTERNAL),
    ),
    Case(
        metadata_version,
        "2.0, as it is read",
        _read(_HEAD.replace("2.5", "2.0")),
        policy(INTERNAL),
        says=(Says("'2.0'…"),),
    ),
    Case(
        metadata_version,
        "none, as it is read",
        _read("Name: demo\nVersion: 1.0\n"),
        policy(INTERNAL),
        says=(Says("…"),),
    ),
    Case(
        metadata_version,
        "given twice, as it is read",
        _read(f"Metadata-Version: 2.1\n{_HEAD}"),
        policy(INTERNAL),
        says=(Says("…"), Says("…")),
    ),
    Case(
        metadata_version,
        "a newer one, on the last day of the list",
        described(metadata_version="2.6"),
        _aged(0),
        (Says("Metadata-Version is '2.6'; PyPI takes …", row="20"),),
    ),
    Case(
        metadata_version,
        "a newer one, and the list is too old to know",
        described(metadata_version="2.6"),
        _aged(1),
        (
            Says(
                "Metadata-Version '2.6' is not known to a list that is 184 days old",
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        metadata_version,
        "a newer one as it is read, and the list is too old to know",
        _read(_HEAD.replace("2.5", "2.9")),
        _aged(1),
        (Says("…", severity=Severity.WARNING, row=""),),
    ),
    *(
        Case(
            metadata_version,
            f"however old the list, {version or 'none'} is not taken",
            described(metadata_version=version),
            _aged(1000),
            (Says(f"Metadata-Version is {version!r}; PyPI takes …", row="20"),),
        )
        for version in ("2.0", "", "1.3", "dog")
    ),
    *(
        Case(
            metadata_version,
            f"{by} knows {version}",
            described(metadata_version=version),
            _by(by),
        )
        for by, version in (
            ("twine==6.1", "2.4"),
            ("twine==7.0", "2.5"),
            ("twine==4.0", "2.2"),
            ("uv", "2.5"),
        )
    ),
    *(
        Case(
            metadata_version,
            f"twine 6.1 does not know 2.5, for {index.label}",
            described(WHEEL, metadata_version="2.5"),
            _by("twine==6.1", index),
            (
                Says(
                    "Metadata-Version is 2.5; twine==6.1 knows at most 2.4 and refuses "
                    "the file",
                    WHEEL,
                    Severity.WARNING,
                    "",
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
    ),
    Case(
        metadata_version,
        "neither the publisher nor PyPI knows it, and it is told once",
        described(metadata_version="2.6"),
        _by("twine==6.1"),
        (Says("Metadata-Version is '2.6'; PyPI takes …", row="20"),),
    ),
    Case(
        metadata_version,
        "an index without PyPI's rules takes it, and the publisher does not",
        described(metadata_version="2.6"),
        _by("twine==7.0", INTERNAL),
        (
            Says(
                "Metadata-Version is 2.6; twine==7.0 knows at most 2.5 …",
                severity=Severity.WARNING,
            ),
        ),
    ),
    # dependency-url
    Case(
        dependency_url,
        "released versions, an extra and a marker",
        described(requires_dist=("a>=1", "b[c]==2; extra == 'd'", "e; sys_platform")),
    ),
    Case(
        dependency_url,
        "a fork, and an archive behind an extra",
        described(
            requires_dist=(
                "a>=1",
                "b @ git+https://git.example/b@main",
                "c[x] @ https://files.example/c.zip ; extra == 'd'",
            )
        ),
        policy(TESTPYPI),
        (
            Says("depends on b by a URL", row="33"),
            Says("depends on c by a URL", row="33"),
        ),
    ),
    Case(
        dependency_url,
        "an index without PyPI's rules takes it",
        described(requires_dist=("b @ git+https://git.example/b@main",)),
        policy(INTERNAL),
    ),
    Case(
        dependency_url,
        "what is no requirement is left to metadata-invalid, the next is judged",
        described(requires_dist=("b @", "=1", _DEEP, "b @ file:///b")),
        says=(Says("depends on b by a URL", row="33"),),
    ),
    # classifier-refused
    Case(classifier_refused, "no classifiers", described()),
    Case(
        classifier_refused,
        "known ones, however old the list",
        _classified(Classifier("Topic :: Utilities"), as_of=date(2020, 1, 1)),
    ),
    *(
        Case(
            classifier_refused,
            f"Private keeps a project off every index, for {index.label}",
            _classified(
                Classifier("Private :: Do Not Upload", Standing.UNKNOWN), as_of=as_of
            ),
            policy(index),
            (
                Says(
                    "the classifier 'Private :: Do Not Upload' marks the project as "
                    "private, and this goes to an index",
                    row=row,
                ),
            ),
        )
        for index, as_of, row in (
            (TESTPYPI, AS_OF, "29"),
            (INTERNAL, AS_OF, ""),
            # It is no matter of the list's age.
            (IndexPolicy("old"), date(2020, 1, 1), ""),
        )
    ),
    Case(
        classifier_refused,
        "Private, and the list is too old to know others",
        _classified(Classifier("Private :: X", Standing.UNKNOWN), as_of=_LONG_AGO),
        says=(Says("the classifier 'Private :: X' marks the project …", row="29"),),
    ),
    Case(
        classifier_refused,
        "what only begins like Private",
        _classified(Classifier("Privateer :: X", Standing.UNKNOWN)),
        policy(INTERNAL),
    ),
    Case(
        classifier_refused,
        "unknown and deprecated ones, each told once",
        _classified(
            Classifier("Topic :: Utilites", Standing.UNKNOWN, ("Topic :: Utilities",)),
            Classifier("Nothing :: Like It", Standing.UNKNOWN),
            Classifier("Old :: One", Standing.DEPRECATED, ("New :: One",)),
            Classifier("Topic :: Utilites", Standing.UNKNOWN, ("Topic :: Utilities",)),
        ),
        policy(TESTPYPI),
        (
            Says("the classifier 'Topic :: Utilites' is not known", row="29"),
            Says("the classifier 'Nothing :: Like It' is not known", row="29"),
            Says("the classifier 'Old :: One' is deprecated", row="30"),
        ),
    ),
    Case(
        classifier_refused,
        "an index without PyPI's rules",
        _classified(
            Classifier("Nothing :: Like It", Standing.UNKNOWN),
            Classifier("Old :: One", Standing.DEPRECATED),
        ),
        policy(INTERNAL),
    ),
    Case(
        classifier_refused,
        "an unknown one, on the last day of the list",
        _classified(
            Classifier("New :: One", Standing.UNKNOWN), as_of=AS_OF - AGES_AFTER
        ),
        says=(Says("the classifier 'New :: One' is not known", row="29"),),
    ),
    Case(
        classifier_refused,
        "the list is too old to know a new one, and deprecated stays deprecated",
        _classified(
            Classifier("New :: One", Standing.UNKNOWN),
            Classifier("Old :: One", Standing.DEPRECATED),
            as_of=_LONG_AGO,
        ),
        says=(
            Says(
                "the classifier 'New :: One' is not known to a list that is 184 days "
                "old",
                severity=Severity.WARNING,
                row="",
            ),
            Says("the classifier 'Old :: One' is deprecated", row="30"),
        ),
    ),
    # license-invalid
    Case(license_invalid, "no licence", described()),
    *(
        Case(license_invalid, f"{lines!r}", _read(f"{_HEAD}{lines}\n"))
        for lines in (
            "License: Apache 2.0",
            "License-Expression: Apache-2.0",
            "License-Expression: LicenseRef-My-Own",
            "License-Expression: MIT OR (GPL-2.0-only WITH Classpath-exception-2.0)",
            "License-File: LICENSE",
            "License-File: LICENSES/MIT.txt",
        )
    ),
    *(
        Case(
            license_invalid,
            f"{name}, for testpypi",
            _read(f"{_HEAD}{line}\n"),
            policy(TESTPYPI),
            (Says(f"the field {field!r} is not valid: …", row=refused),),
        )
        for name, line, field, refused in (
            ("no SPDX", "License-Expression: Apache 2.0", "license-expression", "38"),
            ("an unknown one", "License-Expression: Foo", "license-expression", "38"),
            ("a path that climbs", "License-File: ../LICENSE", "license-file", "40"),
            ("a pattern", "License-File: LICEN*", "license-file", "40"),
            ("an absolute path", "License-File: /LICENSE", "license-file", "40"),
            ("a path of Windows", "License-File: a\\LICENSE", "license-file", "40"),
        )
    ),
    *(
        Case(
            license_invalid,
            f"{line!r} is left to metadata-invalid, without PyPI's rules",
            _read(f"{_HEAD}{line}\n"),
            policy(INTERNAL),
        )
        for line in ("License-Expression: Apache 2.0", "License-File: ../LICENSE")
    ),
    Case(
        license_invalid,
        "a field that comes too early is left to metadata-invalid",
        _read(_HEAD.replace("2.5", "2.1") + "License-Expression: MIT\n"),
    ),
    Case(
        license_invalid,
        "a field given twice is left to metadata-invalid",
        _read(f"{_HEAD}License-Expression: MIT\nLicense-Expression: Zlib\n"),
    ),
    Case(
        license_invalid,
        "of other fields speaks metadata-invalid",
        described(problems={"license": "is odd", "name": "is odd"}),
    ),
    Case(
        license_invalid,
        "License beside License-Expression",
        described(license="MIT", license_expression="MIT"),
        policy(TESTPYPI),
        (Says("has License beside License-Expression", row="39"),),
    ),
    Case(
        license_invalid,
        "License beside License-Expression, for an index without PyPI's rules",
        described(license="MIT", license_expression="MIT"),
        policy(INTERNAL),
    ),
    # license-classifier
    *(
        Case(license_classifier, name, file)
        for name, file in {
            "neither": described(),
            "only an expression": described(license_expression="MIT"),
            "only a classifier": _classified(Classifier(_MIT)),
            "an expression and other classifiers": described(
                license_expression="MIT",
                classifiers=(Classifier("Topic :: License :: Plates"),),
            ),
        }.items()
    ),
    *(
        Case(
            license_classifier,
            f"an expression and a classifier, for {index.label}",
            described(
                license_expression="MIT",
                classifiers=(Classifier("Topic :: X"), Classifier(_MIT)),
            ),
            policy(index),
            (
                Says(
                    f"has the License-Expression 'MIT' and the classifier {_MIT!r}",
                    severity=Severity.WARNING,
                    row="",
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
    ),
    # description-missing
    Case(description_missing, "a description", described()),
    *(
        Case(
            description_missing,
            f"none, for {index.label}",
            described(description=""),
            policy(index),
            (
                Says(
                    "has no description: the project's page will be empty",
                    severity=Severity.WARNING,
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
    ),
    Case(
        description_missing,
        "only UNKNOWN, as it is read",
        _read(f"{_HEAD}Description: UNKNOWN\n"),
        says=(Says("has no description: …", severity=Severity.WARNING),),
    ),
    Case(
        description_missing,
        "none, beside a field that no specification has",
        _read(f"{_HEAD}X-Custom: 1\n"),
        says=(Says("has no description: …", severity=Severity.WARNING),),
    ),
    Case(
        description_missing,
        "metadata that could not be read says nothing of it",
        described(description="", problems={"": "has more than 10000 fields"}),
    ),
    # description-refused
    Case(description_refused, "it can be rendered", _rendered("text/markdown")),
    Case(
        description_refused,
        "an error in a line",
        _rendered(
            "text/x-rst", RenderingProblem("Unknown directive", 3, ("3: .. x::",))
        ),
        policy(TESTPYPI),
        (
            Says(
                "its description cannot be rendered (text/x-rst) in line 3: Unknown "
                "directive",
                SDIST,
                row="59",
            ),
        ),
    ),
    Case(
        description_refused,
        "an error without a line, in a text of no type",
        _rendered("", RenderingProblem("renders to nothing")),
        says=(
            Says(
                "its description cannot be rendered (text/x-rst, as no type is given): "
                "renders to nothing",
                row="59",
            ),
        ),
    ),
]


_TELL = """
from release_guard.sources.metadata import parse_metadata
text = b"Metadata-Version: 2.4\\nRequires-Python: x\\nRequires-Dist: =\\nDynamic: x\\n"
print([problem.field for problem in parse_metadata(text).problems])
"""


def test_the_fields_are_told_in_one_order_in_every_run() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELL],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in range(4)
    }

    assert len(told) == 1
    assert "version" in told.pop()


def test_the_subject_is_called_by_its_file_name() -> None:
    assert described().label == SDIST


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60_000,
        "(" * 30_000 + ")" * 30_000,
        ":" * 60_000,
        "a@b.example" + "(" * 50_000,
    ],
    ids=["open", "balanced", "colons", "behind an address"],
)
def test_an_address_that_no_parser_follows_does_not_end_the_judgement(
    text: str,
) -> None:
    file = described(author_email=text, maintainer_email=text, home_page="x")

    fields = [f.evidence["field"] for f in metadata_invalid.findings(file, policy())]

    assert fields in (["home-page"], ["author-email", "maintainer-email", "home-page"])


@pytest.mark.parametrize(
    ("classifier", "fix"),
    [
        (
            Classifier("A", Standing.DEPRECATED, ("B", "C")),
            "use 'B', 'C'",
        ),
        (Classifier("A", Standing.DEPRECATED), "remove it"),
        (Classifier("A", Standing.UNKNOWN, ("B",)), "the nearest known one is 'B'"),
        (Classifier("A", Standing.UNKNOWN), "remove it"),
    ],
)
def test_the_fix_says_which_classifier_is_meant(
    classifier: Classifier, fix: str
) -> None:
    (finding,) = classifier_refused.findings(_classified(classifier), policy())

    assert finding.fix == fix
    assert finding.evidence == {"classifier": "A", "instead": classifier.instead}


def test_the_fix_of_a_classifier_that_may_be_new_is_a_new_list() -> None:
    file = _classified(
        Classifier("A", Standing.UNKNOWN, ("B",)), as_of=date(2020, 1, 1)
    )

    (finding,) = classifier_refused.findings(file, policy())

    assert finding.fix == "update release-guard; the nearest known one is 'B'"


def test_the_lines_around_an_error_of_a_description_are_evidence() -> None:
    lines = ("2: a", "3: .. x::", "4: b")
    file = _rendered("text/x-rst", RenderingProblem("Unknown directive", 3, lines))

    (finding,) = description_refused.findings(file, policy())

    assert finding.evidence == {"line": 3, "source": lines}


def test_the_field_of_a_refusal_says_when_the_index_comes_to_it() -> None:
    file = described(
        author_email="me", classifiers=(Classifier("A", Standing.UNKNOWN),)
    )

    found = [
        finding.refusal.field
        for rule in (metadata_invalid, classifier_refused)
        for finding in rule.findings(file, policy())
        if finding.refusal
    ]

    assert found == ["author-email", "classifier"]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "is_told"),
    [("A <a@b.org>", False), ("a@localhost", True), ("", False)],
    ids=["an address", "no domain", "nothing"],
)
def test_an_address_is_judged_alike_by_newer_and_older_pythons(
    text: str, is_told: bool, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "supports_strict_parsing"
    monkeypatch.setattr(email.utils, name, strict, raising=False)
    file = described(author_email=text)

    assert bool(list(metadata_invalid.findings(file, policy()))) is is_told

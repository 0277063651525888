"""Core metadata that an index refuses, that misleads, or that says too little."""

from __future__ import annotations

from defects.archive import REFUSED
from defects.model import (
    SAYS,
    Aspect,
    Class,
    Defect,
    Release,
    Says,
    built,
    sdist,
    tree,
    wheel,
)

__all__ = ["METADATA"]

_READERS = "who reads its page, or looks for it"
_PYTHONS = "who installs it on a Python that it does not run on"


def _says(**fields: str | tuple[str, ...] | None) -> Release:
    """A release whose metadata says this, in both files and in their checkout."""
    said: Says = {name.replace("_", "-"): value for name, value in fields.items()}
    return built(says=said)


def _written(says: Says) -> Release:
    """A release whose metadata says what no ``pyproject.toml`` of ours can say: its
    sdist builds what is sound.
    """
    sound = {"pyproject.toml": tree()["pyproject.toml"]}
    return built(wheel(says=says), sdist(says=says, info=sound))


def _described(text: bytes, form: str | None) -> Release:
    says: Says = {"Description-Content-Type": form}
    return built(says=says, description=text)


def _nameless() -> Release:
    says: Says = {"Name": None}
    sound = {"pyproject.toml": tree()["pyproject.toml"]}
    return built(
        wheel(says=says, stem="demo-1.0"),
        sdist(says=says, stem="demo-1.0", info=sound),
    )


_VALID, _TAKEN, _TRUE = (Aspect.METADATA,), (Aspect.REFUSED,), (Aspect.SENSE,)
_TOLD, _PAGE = (Aspect.PROJECT,), (Aspect.DESCRIPTION,)


def _row(
    name: str,
    what: str,
    who: str,
    source: str,
    aspects: tuple[Aspect, ...],
    bad: Release,
    sound: Release | None = None,
) -> Defect:
    made = Release() if sound is None else sound
    return Defect(name, what, who, source, Class.METADATA, aspects, bad, made)


def _classifiers(*also: str, without: str = "\n") -> tuple[str, ...]:
    usual = SAYS["Classifier"]
    assert isinstance(usual, tuple)  # noqa: S101 - for the types
    return (*(text for text in usual if not text.startswith(without)), *also)


_RST = (
    b"Demo\n====\n\nA small library that is released over and over again, so that the\n"
    b"tools which look at releases have something to look at.\n"
)
_BROKEN_RST = _RST + b"\n.. no-such-directive:: demo\n\n   text\n"

METADATA = (
    _row(
        "description-broken",
        "the description does not render: a directive that there is not",
        REFUSED,
        "upload rule 59; twine check",
        (*_PAGE, *_TOLD),
        _described(_BROKEN_RST, "text/x-rst"),
        _described(_RST, "text/x-rst"),
    ),
    _row(
        "description-type-missing",
        "a Markdown description without its content type: it is shown as text in rST",
        _READERS,
        "twine check --strict",
        _PAGE,
        _written({"Description-Content-Type": None}),
    ),
    _row(
        "description-missing",
        "there is no description",
        _READERS,
        "twine check --strict; pyroma Description",
        (*_PAGE, *_TOLD),
        built(description=b""),
    ),
    _row(
        "description-short",
        "the description is a few words",
        _READERS,
        "pyroma Description",
        _TOLD,
        built(description=b"A demo.\n"),
    ),
    _row(
        "content-type-unknown",
        "the description's content type is text/asciidoc",
        REFUSED,
        "upload rule 27",
        _VALID,
        _written({"Description-Content-Type": "text/asciidoc"}),
    ),
    _row(
        "metadata-version-2-0",
        "the metadata version is 2.0, which never was one",
        REFUSED,
        "upload rule 20",
        _VALID,
        _written({"Metadata-Version": "2.0", "License-Expression": None}),
        _written({"Metadata-Version": "2.4", "License-Expression": None}),
    ),
    _row(
        "field-too-new",
        "License-Expression in metadata 2.1",
        REFUSED,
        "upload rule 21",
        _VALID,
        _written({"Metadata-Version": "2.1", "License-File": None}),
        _written({"License-File": None}),
    ),
    _row(
        "field-unknown",
        "a field that no metadata version has",
        "the maintainer: twine refuses the upload",
        "twine 7: unrecognized or malformed field",
        _VALID,
        _written({"Home-Page-Url": "https://example.org/demo"}),
    ),
    _row(
        "field-twice",
        "a field of one value stands twice",
        REFUSED,
        "upload rule 22",
        _VALID,
        _written({"Summary": ("A small library of releases", "Another summary")}),
    ),
    _row(
        "name-missing",
        "there is no Name",
        REFUSED,
        "upload rule 10; twine check",
        _VALID,
        _nameless(),
    ),
    _row(
        "summary-long",
        "the summary has more than 512 characters",
        REFUSED,
        "upload rule 26",
        _TAKEN,
        _says(Summary="A small library " + "of releases " * 50),
    ),
    _row(
        "summary-short",
        "the summary has five characters",
        _READERS,
        "pyroma Summary",
        _TOLD,
        _says(Summary="Demos"),
    ),
    _row(
        "email-invalid",
        "the author's address is none",
        REFUSED,
        "upload rule 28",
        _TAKEN,
        _written({"Author-email": "Ada Example <ada@localhost>"}),
    ),
    _row(
        "classifier-unknown",
        "a classifier that there is not",
        REFUSED,
        "upload rule 29; pyroma ClassifierVerification",
        (*_TAKEN, *_TOLD),
        _says(Classifier=_classifiers("Topic :: Software Development :: Releases")),
    ),
    _row(
        "classifier-deprecated",
        "a classifier that was replaced",
        REFUSED,
        "upload rule 30",
        (*_TAKEN, *_TOLD),
        _says(Classifier=_classifiers("Natural Language :: Ukranian")),
    ),
    _row(
        "classifier-private",
        "a Private :: classifier, and the upload goes to PyPI",
        "the maintainer: what was to stay inside is about to go out",
        "upload rule 29",
        _TAKEN,
        _says(Classifier=_classifiers("Private :: Do Not Upload")),
    ),
    _row(
        "url-no-scheme",
        "a project URL without a scheme",
        REFUSED,
        "upload rule 32",
        _TAKEN,
        _says(Project_URL="Source, github.com/org/demo"),
    ),
    _row(
        "url-label-long",
        "the label of a project URL has more than 32 characters",
        REFUSED,
        "upload rule 32",
        _TAKEN,
        _says(
            Project_URL="The place where the source of it is, https://example.org/demo"
        ),
    ),
    _row(
        "dependency-url",
        "a dependency is a URL, behind an extra",
        REFUSED,
        "sentry 20.10.0, getsentry/sentry#21390; upload rule 33",
        _TAKEN,
        _written(
            {
                "Provides-Extra": "fast",
                "Requires-Dist": "six @ https://example.org/six.zip ; extra == 'fast'",
            }
        ),
        _written(
            {"Provides-Extra": "fast", "Requires-Dist": "six>=1 ; extra == 'fast'"}
        ),
    ),
    _row(
        "dependency-malformed",
        "a dependency that no installer can read",
        REFUSED,
        "upload rule 33; celery before 5.2.7, celery/celery#7534",
        _VALID,
        _written({"Requires-Dist": "six>=dev"}),
        _written({"Requires-Dist": "six>=1.16"}),
    ),
    _row(
        "dependency-dev",
        "a dependency is pinned to a development version",
        "who installs it: the version is gone again",
        "atxm 0.2.0, nucypher/atxm@81a3e0b",
        _TRUE,
        _says(Requires_Dist="cryptography==43.0.0.dev1"),
        _says(Requires_Dist="cryptography>=42"),
    ),
    _row(
        "requires-python-invalid",
        "Requires-Python is a word",
        REFUSED,
        "upload rule 35; pyroma PythonRequiresVersion",
        (*_VALID, *_TOLD),
        _says(Requires_Python="python3"),
    ),
    _row(
        "requires-python-missing",
        "there is no Requires-Python",
        _PYTHONS,
        "protobuf 4.21.0, protocolbuffers/protobuf#10076; pyroma PythonRequiresVersion",
        _TOLD,
        _says(Requires_Python=None),
    ),
    _row(
        "requires-python-low",
        "Requires-Python allows a Python below the lowest classifier",
        _PYTHONS,
        "email-validator 2.1.0, JoshData/python-email-validator#118",
        _TRUE,
        _says(Requires_Python=">=3.8"),
    ),
    _row(
        "license-invalid",
        "License-Expression is no SPDX expression",
        REFUSED,
        "upload rule 38",
        _VALID,
        _written({"License-Expression": "Apache 2.0"}),
    ),
    _row(
        "license-twice",
        "License stands beside License-Expression",
        REFUSED,
        "upload rule 39",
        _TAKEN,
        _written({"License": "MIT"}),
    ),
    _row(
        "license-classifier",
        "a License classifier stands beside License-Expression",
        "who builds it: setuptools refuses",
        "PEP 639; pyroma Licensing",
        _TRUE,
        _written(
            {"Classifier": _classifiers("License :: OSI Approved :: MIT License")}
        ),
    ),
    _row(
        "license-missing",
        "no licence is named",
        "who may use it only if they know",
        "pyroma Licensing",
        _TOLD,
        _says(License_Expression=None),
    ),
    _row(
        "license-file-missing",
        "License-File names a file that is not there",
        "who must ship the licence along, and the maintainer: the upload is refused",
        "upload rules 103 and 115; pydistcheck expected-files",
        (*_TAKEN, Aspect.PATHS),
        built(
            wheel(info={"licenses/LICENSE": None}),
            sdist(info={"LICENSE": None}),
        ),
    ),
    _row(
        "dynamic-invalid",
        "Dynamic names a field that may not be dynamic",
        REFUSED,
        "upload rule 37",
        _VALID,
        _written({"Dynamic": "Version"}),
    ),
    _row(
        "version-not-pep-440",
        "the version is none of PEP 440",
        REFUSED,
        "upload rule 24; pyroma PEPVersion",
        (*_VALID, *_TOLD),
        built(
            wheel(says={"Version": "1.0-final"}, stem="demo-1.0"),
            sdist(says={"Version": "1.0-final"}, stem="demo-1.0"),
            tag="v1.0",
            checkout=tree(says={"Version": "1.0-final"}),
        ),
    ),
    _row(
        "keywords-missing",
        "there are no keywords",
        _READERS,
        "pyroma Keywords",
        _TOLD,
        _says(Keywords=None),
    ),
    _row(
        "author-missing",
        "nobody is named as author",
        _READERS,
        "pyroma Author and AuthorEmail",
        _TOLD,
        _says(Author_email=None),
    ),
    _row(
        "author-nameless",
        "the author has an address and no name",
        _READERS,
        "pyroma Author",
        _TOLD,
        _says(Author_email="ada@example.org"),
    ),
    _row(
        "urls-missing",
        "no URL leads to the project",
        _READERS,
        "pyroma Url",
        _TOLD,
        _says(Project_URL=None),
    ),
    _row(
        "classifiers-missing",
        "there are no classifiers",
        _READERS,
        "pyroma Classifiers",
        _TOLD,
        _says(Classifier=None),
    ),
    _row(
        "classifier-python-missing",
        "no classifier names a Python",
        _READERS,
        "pyroma PythonClassifierVersion",
        _TOLD,
        _says(Classifier=_classifiers(without="Programming Language")),
    ),
    _row(
        "classifier-status-missing",
        "no classifier tells the status of the project",
        _READERS,
        "pyroma DevStatusClassifier",
        _TOLD,
        _says(Classifier=_classifiers(without="Development Status")),
    ),
)

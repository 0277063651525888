"""The rule of the upload URL, case by case."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from builders import TESTPYPI, Case, Says, destination, policy

from release_guard.facts import Destination
from release_guard.findings import Severity
from release_guard.layouts import public_repository_url, simple_url_of
from release_guard.policy import IndexSettings, Overrides, Policy, PolicyFile, resolve
from release_guard.rules.destination import index_mismatch

_UPLOAD = "https://index.example/upload/"
_SIMPLE = "https://index.example/simple/"
_OTHER = "https://other.example/upload/"
_A, _B = "https://a.example/", "https://b.example/"
_FILE = PolicyFile(
    indexes={
        "internal": IndexSettings(repository_url=_UPLOAD, simple_url=_SIMPLE),
        "mirror": IndexSettings(simple_url="https://cache.example/simple/"),
        "rc": IndexSettings(repository_url="https://files.example/pypi/rc/legacy/"),
        "final": IndexSettings(
            repository_url="https://files.example/pypi/final/legacy/"
        ),
    }
)
_PYPI = public_repository_url("pypi")
_TESTPYPI = public_repository_url("testpypi")
#: Where PyPI is read, on a host that takes no uploads.
_WEB = _PYPI.replace("upload.", "")
_HOST = urlsplit(_PYPI).netloc
_OPTION = "--repository-url"
_VARIABLE = "TWINE_REPOSITORY_URL"
_NAMED = "TWINE_REPOSITORY and .pypirc [pypi]"


def _judged(index: str = "", *, url: str = "", index_url: str = "") -> Policy:
    """The policy where the command line says this of the index."""
    said = Overrides(index=index, repository_url=url, index_url=index_url)
    return resolve(_FILE, said)


def _goes(
    url: str, *, place: str = _OPTION, to: str = "pypi", index_url: str = ""
) -> tuple[Destination, Policy]:
    """One place that says a URL, and the index that is judged."""
    option = url if place == _OPTION else ""
    judged = _judged(to, url=option, index_url=index_url)
    return destination((place, url)), judged


CASES = [
    # what is one and the same
    Case(index_mismatch, "nothing was said", destination(), _judged()),
    Case(
        index_mismatch,
        "nothing was said, and the index declares no URL",
        destination(),
        _judged("mirror"),
    ),
    Case(index_mismatch, "PyPI's own URL", *_goes(_PYPI)),
    Case(index_mismatch, "PyPI's URL chooses PyPI", *_goes(_PYPI, to="")),
    Case(index_mismatch, "a declared URL", *_goes(_UPLOAD, to="internal")),
    Case(index_mismatch, "a declared URL chooses its index", *_goes(_UPLOAD, to="")),
    Case(index_mismatch, "a URL that nobody declared", *_goes(_OTHER, to="")),
    Case(
        index_mismatch,
        "upper case in the host",
        *_goes("HTTPS://Index.EXAMPLE/upload/", to="internal"),
    ),
    Case(
        index_mismatch,
        "an index that declares no URL",
        *_goes(_OTHER, to="mirror"),
    ),
    Case(
        index_mismatch,
        "all places say the declared URL",
        destination(
            (_OPTION, _UPLOAD), (_VARIABLE, _UPLOAD), (".pypirc [internal]", _UPLOAD)
        ),
        _judged("internal"),
    ),
    Case(
        index_mismatch,
        "one of two indexes on one server",
        *_goes("https://files.example/pypi/final/legacy/", to="final"),
    ),
    Case(
        index_mismatch,
        "the URL of an index without a name, in all places",
        destination((_OPTION, _OTHER), (_VARIABLE, _OTHER)),
        _judged(url=_OTHER),
    ),
    # the look-alikes of the issue
    Case(
        index_mismatch,
        "pyca/cryptography#11798: the web host in place of the upload host",
        *_goes(_WEB),
        (
            Says(
                f"the upload goes to {_WEB} (--repository-url), the web host in place "
                f"of the upload host; pypi is at {_PYPI}",
                row="",
            ),
        ),
    ),
    Case(
        index_mismatch,
        "pyca/cryptography#11574: the same, and the URL chooses the index",
        *_goes(_WEB, to=""),
        (Says("…, the web host in place of the upload host; pypi is at …"),),
    ),
    Case(
        index_mismatch,
        "pydicom/pydicom#1807: the release index for the test index",
        *_goes(_PYPI, place=_VARIABLE, to="testpypi"),
        (
            Says(
                f"the upload goes to pypi (TWINE_REPOSITORY_URL: {_PYPI}); testpypi "
                "was judged"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "the test index for the release index",
        *_goes(_TESTPYPI, place=_NAMED),
        (
            Says(
                f"the upload goes to testpypi ({_NAMED}: {_TESTPYPI}); pypi was judged"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "the slash at the end is missing",
        *_goes(_PYPI.rstrip("/")),
        (
            Says(
                f"the upload goes to {_PYPI[:-1]} (--repository-url), without the "
                f"slash at the end; pypi is at {_PYPI}"
            ),
        ),
    ),
    # more of them
    Case(
        index_mismatch,
        "a slash that is missing, and the URL chooses the index",
        *_goes(_UPLOAD.rstrip("/"), to=""),
        (Says(f"…, without the slash at the end; internal is at {_UPLOAD}"),),
    ),
    Case(
        index_mismatch,
        "the web host, without the slash, and unencrypted",
        *_goes(_WEB.rstrip("/").replace("https", "http")),
        (
            Says(
                "…, http in place of https, the web host in place of the upload host, "
                "without the slash at the end; …"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "the test index without its slash, for the release index",
        *_goes(_TESTPYPI.rstrip("/")),
        (
            Says(
                f"the upload goes to {_TESTPYPI[:-1]} (--repository-url), which "
                "resembles testpypi: without the slash at the end; pypi was judged"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "PyPI's web host for the test index",
        *_goes(_WEB, to="testpypi"),
        (Says("…, which resembles pypi: the web host in …; testpypi was judged"),),
    ),
    Case(
        index_mismatch,
        "the Simple API root",
        *_goes(str(simple_url_of(_PYPI))),
        (Says(f"…, the Simple API root; pypi is at {_PYPI}"),),
    ),
    Case(
        index_mismatch,
        "a declared Simple API root",
        *_goes(_SIMPLE, to="internal"),
        (Says("…, the Simple API root; …"),),
    ),
    Case(
        index_mismatch,
        "a page below the Simple API root",
        *_goes(f"{simple_url_of(_TESTPYPI)}demo/", to="testpypi"),
        (Says("…, a project's page; …"),),
    ),
    Case(
        index_mismatch,
        "a project's page for readers",
        *_goes(_WEB.replace("legacy", "project/demo")),
        (Says("…, the web host in place of the upload host, a project's page; …"),),
    ),
    Case(
        index_mismatch,
        "a host with a letter too many",
        *_goes(_PYPI.replace("upload.", "uploads.")),
        (Says("…, on a host that only looks like it; …"),),
    ),
    Case(
        index_mismatch,
        "a host that only begins like the right one",
        *_goes(_PYPI.replace(_HOST, f"{_HOST}.evil.example")),
        (Says("…, on a host that only looks like it; …"),),
    ),
    Case(
        index_mismatch,
        "a user that is written like the right host",
        *_goes(_PYPI.replace(_HOST, f"{_HOST}@evil.example")),
        (
            Says(
                "the upload goes to https://evil.example/legacy/ (--repository-url), "
                f"with a user in front of the host, on another host; pypi is at {_PYPI}"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "a user in front of the right host",
        *_goes(_UPLOAD.replace("//", "//user:hunter2@"), to="internal"),
        (
            Says(
                f"the upload goes to {_UPLOAD} (--repository-url), with a user in "
                f"front of the host; internal is at {_UPLOAD}",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        index_mismatch,
        "the port of https, written out",
        *_goes(_UPLOAD.replace("example/", "example:443/"), to="internal"),
        (
            Says(
                "…, with the port written otherwise; …",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        index_mismatch,
        "a server of one's own, and nothing of it",
        *_goes("https://index.example:8443/upload/", to="internal"),
        (Says("…, with another port; …"),),
    ),
    Case(
        index_mismatch,
        "another declared index on the same server",
        *_goes("https://files.example/pypi/rc/legacy/", to="final"),
        (
            Says(
                "the upload goes to rc (--repository-url: "
                "https://files.example/pypi/rc/legacy/); final was judged"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "a declared index that was not judged",
        *_goes(_UPLOAD, place=_VARIABLE),
        (Says("the upload goes to internal (TWINE_REPOSITORY_URL: …); pypi was …"),),
    ),
    Case(
        index_mismatch,
        "a URL that nobody declared, for an index that has one",
        *_goes(_OTHER, to="internal"),
        (Says(f"the upload goes to {_OTHER} (…), on another host; internal is at …"),),
    ),
    Case(
        index_mismatch,
        "the same, where the index is named by where it is read",
        *_goes(_OTHER, to="", index_url=_SIMPLE),
        (Says("…, on another host; internal is at …"),),
    ),
    Case(
        index_mismatch,
        "a path of another server",
        *_goes("https://index.example/legacy/", to="internal"),
        (Says("…, with another path; …"),),
    ),
    # indexes that declare no URL, or have no name
    Case(
        index_mismatch,
        "PyPI's URL for an index that declares none",
        *_goes(_PYPI, to="mirror"),
        (Says(f"the upload goes to pypi (--repository-url: {_PYPI}); mirror was …"),),
    ),
    Case(
        index_mismatch,
        "PyPI's URL in the environment for an index without a name",
        *_goes(_PYPI, place=_VARIABLE, to="", index_url="https://own.example/simple/"),
        (Says(f"… ({_VARIABLE}: {_PYPI}); an unnamed index was judged"),),
    ),
    Case(
        index_mismatch,
        "an index without a name that looks like PyPI",
        *_goes(_PYPI.replace("upload.", "upl0ad."), to=""),
        (
            Says(
                "the upload goes to … (--repository-url), which resembles pypi: on a "
                "host that only looks like it; an unnamed index was judged"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "another URL than that of an index without a name",
        destination((_OPTION, _OTHER), (_VARIABLE, "https://own.example/")),
        _judged(url=_OTHER),
        (
            Says(
                "the upload goes to https://own.example/ (TWINE_REPOSITORY_URL), on "
                f"another host; an unnamed index is at {_OTHER}"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "two URLs where the index declares none",
        destination((_OPTION, _OTHER), ("UV_PUBLISH_URL", "https://own.example/")),
        _judged("mirror", url=_OTHER),
        (
            Says(
                "the upload goes to https://own.example/ (UV_PUBLISH_URL), and to "
                f"{_OTHER}"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "three URLs where the index declares none",
        destination(
            (_OPTION, _OTHER), ("UV_PUBLISH_URL", _A), (".pypirc [mirror]", _B)
        ),
        _judged("mirror", url=_OTHER),
        (
            Says(f"the upload goes to {_A} (UV_PUBLISH_URL), and to {_OTHER}"),
            Says(f"the upload goes to {_B} (.pypirc [mirror]), and to {_OTHER}"),
        ),
    ),
    Case(
        index_mismatch,
        "one URL twice where the index declares none",
        destination((_OPTION, _OTHER), (_VARIABLE, _OTHER.replace("o", "O", 1))),
        _judged("mirror", url=_OTHER),
    ),
    Case(
        index_mismatch,
        "one URL with a user and without where the index declares none",
        destination((_OPTION, _OTHER), (_VARIABLE, _OTHER.replace("//", "//u@"))),
        _judged("mirror", url=_OTHER),
        (Says("…", severity=Severity.WARNING),),
    ),
    # several places
    Case(
        index_mismatch,
        "two places say the same wrong URL",
        destination((_OPTION, _WEB), (_VARIABLE, _WEB)),
        _judged("pypi", url=_WEB),
        (
            Says(
                f"the upload goes to {_WEB} ({_OPTION} and {_VARIABLE}), the web host …"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "the option is right and the variable is not",
        destination((_OPTION, _PYPI), (_VARIABLE, _TESTPYPI)),
        _judged("pypi", url=_PYPI),
        (Says(f"the upload goes to testpypi ({_VARIABLE}: …); pypi was judged"),),
    ),
    Case(
        index_mismatch,
        "the option is wrong and the file is not",
        destination((_OPTION, _TESTPYPI), (".pypirc [pypi]", _PYPI)),
        _judged("pypi", url=_TESTPYPI),
        (Says(f"the upload goes to testpypi ({_OPTION}: …); pypi was judged"),),
    ),
    Case(
        index_mismatch,
        "each of three is wrong in its own way",
        destination(
            (_OPTION, _WEB), ("UV_PUBLISH_URL", _OTHER), (_VARIABLE, _TESTPYPI)
        ),
        _judged("pypi", url=_WEB),
        (
            Says("the upload goes to … (--repository-url), the web host …"),
            Says("the upload goes to … (UV_PUBLISH_URL), on another host; …"),
            Says("the upload goes to testpypi (TWINE_REPOSITORY_URL: …); …"),
        ),
    ),
    # what is no URL
    Case(
        index_mismatch,
        "the name of an index where twine takes a URL",
        *_goes("testpypi", place=_VARIABLE),
        (
            Says(
                "TWINE_REPOSITORY_URL: is no URL that an upload can be sent to, but "
                "the name testpypi"
            ),
        ),
    ),
    Case(
        index_mismatch,
        "no URL, and the index declares none either",
        *_goes("index.example/upload/", place=_VARIABLE, to="mirror"),
        (Says("TWINE_REPOSITORY_URL: is no URL that an upload can be sent to"),),
    ),
    Case(
        index_mismatch,
        "two hosts, of which each program takes another",
        *_goes("https://evil.example\\@index.example/upload/", to="internal"),
        (Says("--repository-url: is no URL that an upload can be sent to"),),
    ),
    Case(
        index_mismatch,
        "a secret that ends with a line break",
        *_goes(f"{_PYPI}\n", place=_VARIABLE),
        (
            Says(
                f"the upload goes to {_PYPI} (TWINE_REPOSITORY_URL), with blanks "
                f"around it; pypi is at {_PYPI}"
            ),
        ),
    ),
]


def test_where_nothing_is_said_nothing_heavy_is_loaded_for_it() -> None:
    code = """
import sys
from release_guard.facts import Destination
from release_guard.policy import Policy
from release_guard.rules.destination import index_mismatch
assert not list(index_mismatch.findings(Destination(), Policy()))
print("twine" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert run.stdout.split() == [b"False"]


def test_the_subject_is_called_the_upload() -> None:
    assert destination().label == "the upload"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@other.example/upload/",
        "https://user:hunter2@index.example/upload",
        "https://user:hunter2@index.example/upload/?token=hunter2#hunter2",
        "https://user:hunter2@upload.other.example/simple/",
        "https://user:hunter2/a@index.example/upload/",
        "user:hunter2@index.example/upload/",
        "hunter2",
        "",
    ],
)
@pytest.mark.parametrize("index", ["internal", "pypi", "mirror", ""])
def test_a_password_is_not_told(url: str, index: str) -> None:
    goes = destination((_VARIABLE, url), (_OPTION, _OTHER))

    findings = list(index_mismatch.findings(goes, _judged(index, url=_OTHER)))

    assert findings
    assert "hunter2" not in repr(findings)


@pytest.mark.parametrize(
    ("url", "to", "fix"),
    [
        (_TESTPYPI, "pypi", f"give {_PYPI}, or judge for --index testpypi"),
        (_PYPI, "mirror", "name the index that is meant: --index pypi"),
        (_UPLOAD[:-1], "internal", "add the slash: an upload follows no redirect"),
        (
            _PYPI.replace("upload.", "upl0ad."),
            "",
            (
                "compare letter by letter, and write the declared host; or declare "
                "this index in the policy"
            ),
        ),
        (
            "testpypi",
            "pypi",
            "give its upload URL; twine takes names in TWINE_REPOSITORY",
        ),
    ],
)
def test_the_fix_is_for_the_case(url: str, to: str, fix: str) -> None:
    (finding,) = index_mismatch.findings(*_goes(url, to=to))

    assert finding.fix == fix


def test_the_urls_and_the_places_are_evidence() -> None:
    (differs,) = index_mismatch.findings(*_goes(_WEB))
    (elsewhere,) = index_mismatch.findings(*_goes(_TESTPYPI, place=_VARIABLE))
    (text,) = index_mismatch.findings(*_goes("x", place=_VARIABLE))

    assert differs.evidence == {"expected": _PYPI, "found": _WEB, "said": (_OPTION,)}
    assert elsewhere.evidence == {
        "expected": "pypi",
        "found": "testpypi",
        "url": _TESTPYPI,
        "said": (_VARIABLE,),
    }
    assert text.evidence == {"said": (_VARIABLE,)}


def test_a_very_long_url_is_told_in_part() -> None:
    url = f"https://other.example/{'a' * 10_000}/"

    (finding,) = index_mismatch.findings(*_goes(url, place=_VARIABLE))

    assert len(finding.message) < 500


def test_a_public_index_has_its_url_whether_or_not_the_policy_was_resolved() -> None:
    (finding,) = index_mismatch.findings(
        destination((_VARIABLE, _PYPI)), policy(TESTPYPI)
    )

    assert finding.message.startswith("the upload goes to pypi (")


def test_a_public_index_may_have_another_url_in_the_policy() -> None:
    file = PolicyFile(indexes={"pypi": IndexSettings(repository_url=_UPLOAD)})
    own = resolve(file, Overrides(index="pypi"))

    assert not list(index_mismatch.findings(destination((_VARIABLE, _UPLOAD)), own))
    assert list(index_mismatch.findings(destination((_VARIABLE, _PYPI)), own))

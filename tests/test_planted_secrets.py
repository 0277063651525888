"""Credentials planted in a sdist and a wheel, among what looks like some: each is
found, nothing else is, and none is printed, whatever the output.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import archives
import planted
import pytest
from builders import policy

from release_guard.cli import main
from release_guard.credential_forms import FORMS, search
from release_guard.facts import SearchedDistribution
from release_guard.findings import Finding, Severity
from release_guard.rules.secrets import metadata_credential, secret
from release_guard.sources.dist import read

ROOT = Path(__file__).parent.parent
#: So many of what a credential is made of nobody may see, in a row.
_SHOWN = 12

#: How a credential stands in files of a kind; a key of several lines keeps them.
_PYTHON = 'client = connect(token="{}", retries=3)\n'
_FILES: Mapping[str, str] = {
    "settings.py": _PYTHON,
    "config.json": '{{"name": "x", "token": "{}", "n": 1}}\n',
    "values.yml": "service:\n  token: {}\n  retries: 3\n",
    ".env": "# local\r\nTOKEN={}\r\nDEBUG=1\r\n",
    "tool.ini": "[service]\ntoken = {}\n",
    "NOTES.md": "Log in with `{}`, and go on.\n",
    "token.txt": "{}\n",
    "run.sh": "curl -H 'Authorization: Bearer {}' -o out.json\n",
    "escaped.json": '{{"log": "first\\n{}\\nlast"}}\n',
}


@dataclass(frozen=True)
class Plant:
    """A credential, where it was planted, and in what text."""

    kind: str
    member: str
    credential: str
    content: bytes


def _plants(rng: random.Random) -> Iterator[Plant]:
    """Two or three of each kind, each in a file of another sort."""
    files = list(_FILES.items())
    for number, ((kind, _), make) in enumerate(planted.CREDENTIALS.items()):
        for again in range(2):
            credential = make(rng)
            name, form = files[(number + 4 * again) % len(files)]
            text = form.format(_fitted(credential, name))
            member = f"demo/n{number}_{again}/{name}"
            encoding = "utf-16" if name == "token.txt" and again else "utf-8"
            yield Plant(kind, member, credential, text.encode(encoding))


def _fitted(credential: str, name: str) -> str:
    """A credential as somebody would write it in a file of this sort."""
    if "\n" in credential and name.endswith((".py", ".json")):
        return credential.replace("\n", "\\n")
    if "\n" in credential and name.endswith(".yml"):
        return "|\n    " + credential.replace("\n", "\n    ")
    return credential


RNG = random.Random(20260101)
PLANTS = list(_plants(RNG))
NEAR_MISSES = [
    (f"demo/near/{number}.txt", why, text)
    for number, (why, text) in enumerate(planted.near_misses(RNG))
]


@pytest.fixture(name="dist", scope="module")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sdist and a wheel that hold all of it."""
    folder = tmp_path_factory.mktemp("dist")
    contents = {plant.member: plant.content for plant in PLANTS}
    contents |= {path: f'x = "{text}"\n'.encode() for path, _, text in NEAR_MISSES}
    archives.sdist(folder, contents)
    archives.wheel(folder, contents)
    return folder


def _findings(path: Path) -> list[Finding]:
    layout = read(path).layout
    file = SearchedDistribution(
        layout.distribution, layout.credentials, layout.unsearched
    )
    return [
        *secret.findings(file, policy()),
        *metadata_credential.findings(file, policy()),
    ]


def test_there_are_enough_of_both() -> None:
    assert len(PLANTS) >= 100
    assert len({plant.kind for plant in PLANTS}) >= 40
    assert len(NEAR_MISSES) >= 300


@pytest.mark.parametrize("name", [archives.SDIST, archives.WHEEL])
def test_every_planted_credential_is_found_and_nothing_else(
    name: str, dist: Path
) -> None:
    findings = _findings(dist / name)

    told = {
        (str(f.evidence["member"]).partition("demo/")[2], f.evidence["credential"])
        for f in findings
    }
    wanted = {(p.member.removeprefix("demo/"), p.kind) for p in PLANTS}
    assert len(wanted & told) / len(wanted) == 1.0, ("recall", wanted - told)
    assert len(wanted & told) / len(told) == 1.0, ("precision", told - wanted)
    assert len(findings) == len(PLANTS)


def test_only_what_is_weak_is_a_warning(dist: Path) -> None:
    weighed = {
        (f.evidence["credential"], f.severity) for f in _findings(dist / archives.WHEEL)
    }

    kinds = {plant.kind for plant in PLANTS}
    warnings = {(kind, Severity.WARNING) for kind in planted.WEAK}
    errors = {(kind, Severity.ERROR) for kind in kinds - planted.WEAK}
    assert weighed == warnings | errors


def test_every_form_that_stands_in_one_text_is_planted() -> None:
    elsewhere = {"Google service account key", "private key that a passphrase protects"}

    assert {form.kind for form in FORMS} - elsewhere == {p.kind for p in PLANTS}
    assert {
        form.kind for form in FORMS if not form.is_whole
    } - elsewhere == planted.WEAK


def test_the_line_is_that_of_the_credential(dist: Path) -> None:
    lines = {
        f.evidence["member"]: f.evidence["line"]
        for f in _findings(dist / archives.WHEEL)
    }

    for member, line in lines.items():
        name = str(member).rpartition("/")[2]
        wanted = {"values.yml": (2, 3), ".env": (2,), "tool.ini": (2,)}.get(name, (1,))
        assert line in wanted, member


# --- none is printed ----------------------------------------------------------------


_FORMATS = ("text", "json", "github")


def _leaked(output: str) -> list[str]:
    """The kinds of which an output holds more than the mark."""
    text = "".join(output.split())
    return [plant.kind for plant in PLANTS if any(p in text for p in _pieces(plant))]


def _pieces(plant: Plant) -> Iterator[str]:
    body = "".join(plant.credential.split())
    for mark in planted.MARKS:
        body = body.replace(mark, "")
    if body.startswith("-----"):
        body = body.split("-----")[2]
    if plant.kind == "password in a URL":
        body = body.partition("admin:")[2].partition("@")[0]
    start = 0 if body.isalnum() else 8
    for at in range(start, max(len(body) - _SHOWN, 0)):
        piece = body[at : at + _SHOWN]
        # Words of the form are no secret: discord.com/api/webhooks.
        if re.search(r"[0-9A-Z]", piece) and _is_secret(piece):
            yield piece


def _is_secret(piece: str) -> bool:
    return not any(word in piece for word in ("eyJ", "http", "T3BlbkFJ", "AccountKey"))


def test_a_leak_would_be_seen() -> None:
    for plant in PLANTS:
        assert plant.kind in _leaked(f"has {plant.credential}!")
        assert plant.kind in _leaked(repr(plant.credential))


@pytest.mark.parametrize(
    "options",
    [[*job, "--format", form] for job in ([], ["--part"]) for form in _FORMATS],
    ids=" ".join,
)
def test_no_output_holds_a_credential(
    options: list[str],
    dist: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summary, manifest = tmp_path / "summary.md", tmp_path / "manifest.json"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    command = ["check", "--offline", "--manifest", str(manifest)]

    code = main([*command, *options, str(dist)])

    told = "".join(capsys.readouterr())
    assert code == 1
    assert "a PyPI API token" in told
    assert _leaked(told) == []
    for path in tmp_path.rglob("*"):
        assert _leaked(path.read_text(encoding="utf-8")) == [], path


def test_no_fact_holds_a_credential(dist: Path) -> None:
    for path in dist.iterdir():
        assert _leaked(repr(read(path))) == []


_METADATA = """\
Metadata-Version: 2.4
Name: demo
Version: 1.0
Summary: A demonstration, with {token}
Home-page: https://bot:{token}@git.kite.dev/demo
Requires-Dist: other @ git+https://x-access-token:{token}@github.com/owner/other.git
Requires-Dist: wrong @ @ https://bot:{token}@git.kite.dev/wrong
License-Expression: {token}
Nonsense: {token}

Log in with {token}.

.. unknown:: {token}
"""


@pytest.mark.parametrize("form", _FORMATS)
def test_no_output_holds_a_credential_of_the_metadata(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other rules quote fields, and lines of the description: pypa/wheel#442."""
    token = planted.CREDENTIALS["npm token", ""](RNG)
    dist = tmp_path / "dist"
    dist.mkdir()
    metadata = _METADATA.format(token=token).encode()
    archives.wheel(dist, METADATA=metadata)
    archives.sdist(dist, {"PKG-INFO": metadata})
    part = tmp_path / "part.json"

    codes = [
        main(["check", "--offline", "--format", form, *job, str(dist)])
        for job in ([], ["--part", "--manifest", str(part)])
    ]

    told = "".join(capsys.readouterr())
    assert codes == [1, 1]
    assert "metadata-credential" in told
    assert token[4:16] not in told
    assert not part.exists() or token[4:16] not in part.read_text()
    assert token[4:16] not in "".join(repr(read(path)) for path in dist.iterdir())


def test_a_part_holds_no_password_of_a_requirement(tmp_path: Path) -> None:
    """The rule is switched off, so that a part is written, as for an internal index."""
    dist = tmp_path / "dist"
    dist.mkdir()
    metadata = (
        b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"
        b"Requires-Dist: other @ https://bot:f4Kq91zLx8Rt@git.kite.dev/other.zip\n\nx\n"
    )
    archives.wheel(dist, METADATA=metadata)
    rules = {"metadata-credential": "ignore", "dependency-url": "ignore"}
    policy_file = tmp_path / "policy.json"
    policy_file.write_text(
        json.dumps({"rules": rules, "expect": {"sdist": "optional"}})
    )
    part = tmp_path / "part.json"
    command = ["check", "--part", "--offline", "--policy", str(policy_file)]

    code = main([*command, "--manifest", str(part), str(dist)])

    assert code == 0
    text = part.read_text()
    assert "other @ https://***@git.kite.dev/other.zip" in text
    assert "f4Kq91zLx8Rt" not in text


# --- our own -----------------------------------------------------------------------


def test_no_file_of_this_project_holds_one() -> None:
    folders = ("src", "tests", "tools", "docs", "examples", "schema", "requirements")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    paths += ROOT.iterdir()

    found = [
        (path, item.form.kind)
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
        for item in search(path.read_bytes())[0]
        if item.form.is_whole
    ]

    assert found == []

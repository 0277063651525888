"""No credential in what is printed: whole, cut off, or in what was a URL once."""

from __future__ import annotations

import random
from pathlib import Path

import archives
import planted
import pytest

from release_guard.cli import main
from release_guard.concealment import concealed, hidden
from release_guard.findings import Finding, Report, Severity

RNG = random.Random(20260202)
TOKEN = planted.CREDENTIALS["GitHub token", "personal"](RNG)
LETTERS = planted.CREDENTIALS["Hugging Face token", ""](RNG)
#: A password that is none: no file is to hold one that looks like it.
WORD = "Xk7p" + planted.chance(RNG, planted.ALNUM, 12)
HALVES = WORD[:6], WORD[6:]

_HIDDEN = {
    "a token in the path of a member": (f"'demo/{TOKEN}.txt'", "'demo/ghp_***.txt'"),
    "a token between dots": (f"demo.{LETTERS}, it lacks", "demo.hf_***, it lacks"),
    "a token that is cut off": (TOKEN[:-9], "ghp_***"),
    "a token within a word": (f"x{TOKEN[:-3]}", "xghp_***"),
    "a password in a URL": (
        f"https://me:{WORD}@git.kite.dev",
        "https://***@git.kite.dev",
    ),
    "a password in what has no scheme": (f"//me:{WORD}@kite.dev", "//***@kite.dev"),
    "a password behind one slash": (f"https:/me:{WORD}@a.dev", "https:/***@a.dev"),
    "a password behind backslashes": (f"https:\\\\me:{WORD}@a", "https:\\\\***@a"),
    "a password without slashes": (f"me:{WORD}@kite.dev/x", "me:***@kite.dev/x"),
    "a space before it": (f"https://me: {WORD}@kite.dev", "https://me: ***@kite.dev"),
    "a token for a user": (f"https://a%3A{WORD}@kite.dev", "https://***@kite.dev"),
    "a weak password": ("git+https://me:house@kite.dev", "git+https://***@kite.dev"),
    "a URL that is cut off": (f"`x <https://me:{WORD}", "`x <https://me:***"),
    **{
        f"a password with {sign} in it": (
            f"https://me:{HALVES[0]}{sign}{HALVES[1]}@kite.dev/x",
            "https://***@kite.dev/x",
        )
        for sign in "/#?')"
    },
}
_SHOWN = (
    "demo-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "sha256:" + "0123456789abcdef" * 4,
    "https://index.example:8443/simple/a@b",
    "http://localhost:8080",
    "git+ssh://git@github.com:owner/name@v1.0",
    "https://github.com/owner/name@1f2e3d4c5b6a7988aabbccddeeff00112233445",
    "mailto:me@kite.dev",
    "npm_config_registry_of_this_user_and_no_other_one",
    "hf_transfer-0.1.9-cp38-abi3-manylinux_2_17_x86_64",
    "https://${USER}:${TOKEN}@git.kite.dev",
    "https://***@git.kite.dev",
    "a\udcff\u202eb",
    "",
)


@pytest.mark.parametrize("name", _HIDDEN)
def test_a_credential_is_hidden_behind_its_mark(name: str) -> None:
    text, wanted = _HIDDEN[name]

    assert hidden(text) == wanted


@pytest.mark.parametrize("text", _SHOWN)
def test_what_is_no_credential_is_shown(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(
    "kind",
    [
        ("AWS access key with its secret", ""),
        ("Twilio account with its token", ""),
    ],
    ids=" ".join,
)
def test_of_a_pair_both_are_hidden(kind: tuple[str, str]) -> None:
    pair = planted.CREDENTIALS[kind](RNG)

    shown = hidden(pair)

    assert pair.rpartition('"')[2] not in shown
    assert shown.count("***") == 2


def test_a_report_is_concealed_in_all_its_texts_and_nothing_else() -> None:
    finding = Finding(
        rule="junk-file",
        severity=Severity.ERROR,
        subject="demo-1.0.tar.gz",
        message=f"holds {TOKEN}",
        fix="",
        docs="",
        evidence={"members": (f"a/{TOKEN}", "b"), "line": 3},
    )
    report = Report("check", "pypi", findings=(finding,), error=f"no {TOKEN}", rules=9)

    shown = concealed(report)

    assert TOKEN[4:] not in repr(shown)
    assert shown.findings[0].evidence == {"members": ("a/ghp_***", "b"), "line": 3}
    assert shown.findings[0].severity is Severity.ERROR
    assert shown.rules == 9
    assert concealed(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "/u:a" * 250_000,
        "u:" * 500_000,
        "//" * 500_000,
        "a:bcdefg1" * 100_000 + "@",
        "ghp_" * 250_000,
        "https://a:b1c2d3e4@" * 50_000,
    ],
    ids=lambda text: text[:10],
)
def test_no_text_takes_more_than_its_length(text: str) -> None:
    with archives.within(10):
        hidden(text)


_ENTRIES = f"""\
[console_scripts]
{TOKEN} = demo:nope
a {TOKEN} = demo.{TOKEN}:x
"""


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_no_output_holds_a_credential_that_a_name_holds(
    form: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dist, summary = tmp_path / "dist", tmp_path / "summary.md"
    dist.mkdir()
    members = {
        "demo/__init__.py": f"__version__ = '{TOKEN}'\nfrom . import {TOKEN}\n",
        f"demo/{TOKEN}/.git/config": "x",
        f"demo/__pycache__/{TOKEN}.cpython-311.pyc": "x",
        f"{TOKEN}/a.txt": "x",
        f"{'a' * 170}/{TOKEN}/.git/config": "x",
        "demo.pth": f"import os; os.environ['T'] = '{TOKEN}'\n",
        f"{TOKEN}.data/purelib/x": "x",
        "demo-1.0.dist-info/entry_points.txt": _ENTRIES,
    }
    archives.wheel(dist, {path: text.encode() for path, text in members.items()})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    command = ["check", "--offline", "--format", form, "--manifest"]

    codes = [
        main([*command, str(tmp_path / f"out{job}.json"), *job, str(dist)])
        for job in ([], ["--part"])
    ]

    told = "".join(capsys.readouterr())
    assert codes == [1, 1]
    assert "ghp_***" in told
    assert TOKEN[4:-4] not in told


def test_a_part_holds_no_credential_that_a_name_holds(tmp_path: Path) -> None:
    """It is written where nothing fails."""
    dist, part = tmp_path / "dist", tmp_path / "part.json"
    dist.mkdir()
    archives.wheel(dist, {"demo/__init__.py": b"", f"{TOKEN}/a.txt": b"x"})

    policy = tmp_path / "policy.json"
    policy.write_text('{"rules": {"secret": "ignore"}}')
    command = ["check", "--part", "--offline", "--policy", str(policy)]

    code = main([*command, "--manifest", str(part), str(dist)])

    assert code == 0
    assert TOKEN[4:] not in part.read_text(encoding="utf-8")

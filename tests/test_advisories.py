"""Known weaknesses of what the locks name: no answer is none that says "none"."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import advisories
import pytest
from advisories import WEAK, Pin, UnreadableError, answer, judge, pins, proven, rounds

ROOT = Path(__file__).parent.parent
_HASH = "--hash=sha256:" + "0" * 64
_A, _B = Pin("a", "1.0"), Pin("b-c", "2.0.post1")


def test_the_pins_of_a_lock_are_all_of_them_whatever_their_marker() -> None:
    lock = (
        f"# a comment\na==1.0 \\\n    {_HASH} \\\n    {_HASH}\n    # via b\n"
        f"B_c==2.0.post1 ; sys_platform == 'win32' \\\n    {_HASH}\n\n"
    )

    assert pins(lock) == {_A, _B}


@pytest.mark.parametrize(
    "lock",
    [
        "",
        "# nothing\n",
        "a==1.0\n",
        f"a>=1.0 {_HASH}\n",
        f"a==1.* {_HASH}\n",
        f"a @ https://index.example/a.whl {_HASH}\n",
        f"-r other.txt {_HASH}\n",
        f"a==1.0 {_HASH}\n--index-url https://index.example/\n",
    ],
    ids=[
        *("empty", "comments", "no hash", "a range", "a wildcard"),
        *("a URL", "another file", "an option"),
    ],
)
def test_a_line_that_is_no_pin_with_hashes_is_not_passed_over(lock: str) -> None:
    with pytest.raises(UnreadableError):
        pins(lock)


def test_every_pin_is_asked_for_and_no_project_twice_at_a_time() -> None:
    wanted = {Pin("a", "1"), Pin("a", "2"), Pin("a", "3"), Pin("b", "1")}

    parts = list(rounds(wanted))

    assert sorted(pin for part in parts for pin in part) == sorted(wanted)
    assert [len({pin.name for pin in part}) for part in parts] == [2, 1, 1]


def _told(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


_CLEAN = {"name": "A", "version": "1.0", "vulns": []}
_SKIPPED = {"name": "b.c", "version": "2.0.post1", "skip_reason": "not found"}
_WEAK = {**_SKIPPED, "vulns": [{"id": "PYSEC-2026-1", "fix_versions": []}]}
del _WEAK["skip_reason"]


@pytest.mark.parametrize(
    ("told", "code", "lines"),
    [
        pytest.param(
            [_CLEAN, {**_WEAK, "vulns": []}], 0, [], id="both answered, nothing known"
        ),
        pytest.param(
            [_CLEAN, _WEAK], 1, ["b-c==2.0.post1: PYSEC-2026-1 (osv)"], id="one is weak"
        ),
        pytest.param(
            [_CLEAN, _SKIPPED],
            3,
            ["not answered by osv: b-c==2.0.post1"],
            id="one is not known there: no pass",
        ),
        pytest.param(
            [_CLEAN], 3, ["not answered by osv: b-c==2.0.post1"], id="one is left out"
        ),
        pytest.param(
            [_CLEAN, {**_WEAK, "version": "2.0"}],
            3,
            ["not answered by osv: b-c==2.0.post1"],
            id="another version is answered",
        ),
        pytest.param(
            [_WEAK],
            1,
            [
                "b-c==2.0.post1: PYSEC-2026-1 (osv)",
                "not answered by osv: a==1.0",
            ],
            id="a known weakness outranks an open question",
        ),
    ],
)
def test_a_pin_without_an_answer_is_no_pass(
    told: list[object], code: int, lines: list[str]
) -> None:
    said = {"osv": answer(_told(*told))}

    assert judge(frozenset({_A, _B}), said) == (code, lines)


_KNOWN = ("PYSEC-1999-1",)


def test_with_the_pins_a_weak_one_is_asked_for_and_found() -> None:
    asked: list[tuple[Pin, ...]] = []

    def ask(_: str, part: Sequence[Pin]) -> dict[Pin, tuple[str, ...]]:
        asked.append(tuple(part))
        return {pin: _KNOWN if pin in WEAK else () for pin in part}

    assert proven("osv", [_A, _B], ask) == {_A: (), _B: ()}
    own = Pin(WEAK[0].name, "99.0")
    assert proven("osv", [_A, own], ask) == {_A: (), own: ()}
    assert asked == [(_A, _B, WEAK[0]), (_A, own, WEAK[1])]


@pytest.mark.parametrize("weak", [{WEAK[0]: ()}, {}], ids=["is sound", "is left out"])
def test_a_service_to_which_the_weak_pin_is_sound_has_not_answered(
    weak: dict[Pin, tuple[str, ...]],
) -> None:
    """pip-audit takes ``{}`` of OSV, or no ``vulnerabilities`` at all, for none."""
    with pytest.raises(UnreadableError, match=f"osv knows of no weakness of {WEAK[0]}"):
        proven("osv", [_A], lambda *_: {_A: (), **weak})


def test_where_each_weak_project_is_pinned_nothing_is_proven() -> None:
    part = [Pin(pin.name, "99.0") for pin in WEAK]

    with pytest.raises(UnreadableError, match="every project"):
        proven("osv", part, lambda *_: dict.fromkeys(part, ()))


def test_a_pip_audit_that_knows_nothing_is_no_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every pin is answered with no weakness, the weak one too."""
    (tmp_path / "a.txt").write_text(f"a==1.0 {_HASH}\n")
    monkeypatch.setattr(advisories, "REQUIREMENTS", tmp_path)
    (tmp_path / "pip_audit.py").write_text(_SAYS_NOTHING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert advisories.main() == 3
    assert "no weakness of django==3.0" in capsys.readouterr().err


_SAYS_NOTHING = """\
import json, pathlib, sys
lines = pathlib.Path(sys.argv[-1]).read_text().split()
told = [dict(zip(("name", "version"), line.split("=="))) for line in lines]
print(json.dumps({"dependencies": [{**each, "vulns": []} for each in told]}))
"""


def test_every_lock_is_asked_about_or_said_not_to_be() -> None:
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=True,
    )
    locks = {
        path
        for path in listed.stdout.split("\0")
        if path.endswith("package-lock.json")
        or (path.endswith(".txt") and "--hash=sha256:" in (ROOT / path).read_text())
    }

    others = {path for path in locks if not path.startswith("requirements/")}
    assert others == {"benchmarks/defects/sound.txt", "tests/browser/package-lock.json"}
    assert all(path in (advisories.__doc__ or "") for path in others)
    assert locks - others


def test_one_service_does_not_answer_for_another() -> None:
    said = {"pypi": {_A: ()}, "osv": {}}

    assert judge(frozenset({_A}), said)[0] == 3


def test_nothing_asked_is_no_pass() -> None:
    assert judge(frozenset(), {"osv": {}})[0] == 3
    assert judge(frozenset({_A}), {})[0] == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No known vulnerabilities found",
        "[]",
        '{"dependencies": 1}',
        '{"dependencies": [{"vulns": []}]}',
        '{"dependencies": [{"name": "a", "version": "1", "vulns": null}]}',
    ],
)
def test_an_answer_that_is_none_is_no_pass(text: str) -> None:
    with pytest.raises(UnreadableError):
        answer(text)


def test_without_pip_audit_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(f"a==1.0 {_HASH}\n")
    monkeypatch.setattr(advisories, "REQUIREMENTS", tmp_path)
    broken = tmp_path / "pip_audit.py"
    broken.write_text("raise SystemExit('the service is not reached')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert advisories.main() == 3
    assert "the service is not reached" in capsys.readouterr().err


def test_an_unreadable_lock_is_no_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("a>1\n")
    monkeypatch.setattr(advisories, "REQUIREMENTS", tmp_path)

    assert advisories.main() == 3

"""What a set must know of the contents of its files goes through parts to the join."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import checkouts
import forge
import pytest
import sound
from archives import sdist, wheel
from builders import WHEEL, described
from test_catalogue import CASES

from release_guard import cli, run
from release_guard.cli import main
from release_guard.errors import ExitCode
from release_guard.facts import CoreMetadata
from release_guard.findings import Report
from release_guard.jobs.files import FILE_SCOPE
from release_guard.manifest import Part, write_part


def test_a_join_tells_of_contents_what_a_check_of_the_files_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist, parts = tmp_path / "dist", tmp_path / "parts"
    for folder in (dist, parts):
        folder.mkdir()
    files = [
        wheel(dist, {"tests/__init__.py": b"", "demo.pth": b"import os\n"}),
        sdist(dist, {"LICENSE": b""}),
    ]
    for number, file in enumerate(files):
        part = str(parts / f"part-{number}.json")
        main(["check", "--part", "--offline", "--manifest", part, str(file)])
    capsys.readouterr()

    told = []
    for paths in ([str(dist)], [str(part) for part in sorted(parts.iterdir())]):
        manifest = str(tmp_path / "manifest.json")
        code = main(["check", "--offline", "--manifest", manifest, *paths])
        out = capsys.readouterr().out
        told.append((code, [rule in out for rule in _RULES]))

    assert told == [(1, [True] * 3)] * 2


_RULES = ("top-level-unexpected", "path-configuration", "wheel-sdist-content")


# --- the metadata -----------------------------------------------------------------


def test_a_part_holds_all_metadata_that_the_rules_of_a_set_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = json.loads(write_part(Part((described(WHEEL),), "0" * 64)))
    (file,) = part["predicate"]["files"]
    read: set[str] = set()

    def recorded(metadata: CoreMetadata, name: str) -> object:
        read.add(name)
        return object.__getattribute__(metadata, name)

    monkeypatch.setattr(CoreMetadata, "__getattribute__", recorded)
    for case in CASES:
        if case.rule.subject not in FILE_SCOPE:
            case.found()

    read = {name for name in read if not name.startswith("__")}
    assert {"classifiers", "requires_dist", "requires_python"} <= read
    assert read <= {key.replace("-", "_") for key in file["metadata"]}


def _report(*words: str) -> Report:
    report = run.run(cli.parse(["check", *words]), {}).report
    assert report is not None
    return report


def _classified(folder: str, version: str, *minors: str) -> Path:
    lines = [f"Classifier: Programming Language :: Python :: {m}\n" for m in minors]
    Path(folder).mkdir()
    text = "".join(lines) + "Description-Content-Type: text/markdown\n\nA demo.\n"
    return sound.wheel(Path(folder), version, description=text)


def test_a_join_knows_the_classifiers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JoshData/python-email-validator 118."""
    monkeypatch.chdir(tmp_path)
    old = _classified("old", "1.0", "3.9", "3.12")
    _classified("dist", "1.1", "3.12")
    Path("policy.json").write_text('{"expect": {"sdist": "optional"}}')
    with sound.serving() as index:
        index.says(sound.listing(old))
        index.serves(old)
        where = ("--index-url", index.root, "--policy", "policy.json")
        whole = _report(*where, "dist")
        _report(*where, "--part", "--manifest", "part-1.json", "dist")
        joined = _report(*where, "part-1.json")

    for report in (whole, joined):
        assert "requires-python-stale" in [found.rule for found in report.findings]


# --- the commit -------------------------------------------------------------------


@pytest.fixture(name="made")
def _made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> forge.Repository:
    """A repository of which ``dist`` is built, to work in."""
    made = forge.Repository(tmp_path / "repository")
    monkeypatch.chdir(made.folder)
    files = dict[str, bytes]()
    for path in sound.pair(Path("dist")):
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive:
                    stored = archive.extractfile(member)
                    assert stored
                    files[member.name.partition("/")[2]] = stored.read()
    del files["PKG-INFO"]
    checkouts.commit(made, {".gitignore": "/dist/\n/*.json\n", **files})
    return made


def _part(number: int, *files: Path) -> str:
    path = f"part-{number}.json"
    report = _report("--part", "--manifest", path, *map(str, files))
    assert report.exit_code is ExitCode.PASSED
    return path


def _join(*words: str) -> tuple[ExitCode, list[tuple[str, bool]]]:
    report = _report("--offline", *words)
    rule = "source-differs"
    told = [(r.reason, r.needed) for r in report.not_run if r.rule == rule]
    return report.exit_code, told


def test_parts_that_were_compared_with_the_built_commit_are_taken_as_judged(
    made: forge.Repository,
) -> None:
    made.tag("v1.0")
    parts = [_part(number, file) for number, file in enumerate(Path("dist").iterdir())]

    code, told = _join("--tag", "v1.0", *parts)

    assert (code, told) == (
        ExitCode.PASSED,
        [("judged where the part was made", False)],
    )


def test_a_part_that_was_compared_with_another_commit_is_not_judged(
    made: forge.Repository,
) -> None:
    built = made.git("rev-parse", "HEAD").strip()
    part = _part(0, Path("dist"))
    released = checkouts.commit(made, {"demo.py": "answer = 43\n"})
    made.tag("v1.0")

    code, told = _join("--tag", "v1.0", part)

    assert code is ExitCode.UNDECIDED
    both = f"compared with the commit {built[:12]}, and {released[:12]} was built"
    names = ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz")
    assert told == [(f"{name}: {both}", True) for name in names]


def test_parts_of_two_commits_are_no_release_wherever_they_are_joined(
    made: forge.Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel_, sdist_ = sorted(Path("dist").iterdir())
    parts = [_part(0, wheel_)]
    checkouts.commit(made, {"CHANGES": "One more.\n"})
    parts.append(_part(1, sdist_))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for part in parts:
        Path(part).rename(elsewhere / part)
    monkeypatch.chdir(elsewhere)

    code, told = _join("--tag", "v1.0", *parts)

    assert code is ExitCode.UNDECIDED
    assert [(reason.partition(":")[0], needed) for reason, needed in told] == [
        (wheel_.name, True),
        (sdist_.name, True),
    ]


def test_a_file_that_its_part_did_not_compare_is_named(tmp_path: Path) -> None:
    part, manifest = tmp_path / "part" / "part-0.json", tmp_path / "manifest.json"
    part.parent.mkdir()
    files = map(str, sound.pair(tmp_path / "dist"))
    _report("--part", "--manifest", str(part), *files)

    code, told = _join("--manifest", str(manifest), str(part))

    names = "demo-1.0-py3-none-any.whl, demo-1.0.tar.gz"
    reason = f"not compared where the part was made: {names}"
    assert (code, told) == (ExitCode.PASSED, [(reason, False)])


# --- waivers ----------------------------------------------------------------------


def test_what_a_part_waived_is_told_by_the_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in (wheel(tmp_path, {"demo.py~": b""}), sdist(tmp_path)):
        Path("dist").mkdir(exist_ok=True)
        file.rename(Path("dist") / file.name)
    waiver = {"rule": "junk-file", "match": "*", "reason": "it is known"}
    Path("policy.json").write_text(json.dumps({"waivers": [waiver]}))
    where = ("--policy", "policy.json")
    part = _report(*where, "--part", "--manifest", "part-0.json", "dist")

    joined = _report(*where, "--offline", "part-0.json", "part-0.json")

    assert joined.waived == part.waived
    assert [item.finding.rule for item in joined.waived] == ["junk-file"]


@pytest.mark.parametrize(
    ("key", "said", "told"),
    [
        ("rule", "a-rule-of-mine", "there is no rule 'a-rule-of-mine'"),
        ("docs", "https://elsewhere.example/", "docs: no such key"),
    ],
)
def test_a_part_leads_to_no_page_but_that_of_a_rule_of_ours(
    key: str,
    said: str,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.chdir(tmp_path)
    wheel(tmp_path, {"demo.py~": b""})
    waiver = {"rule": "junk-file", "match": "*", "reason": "it is known"}
    Path("policy.json").write_text(json.dumps({"waivers": [waiver]}))
    where = ("check", "--policy", "policy.json")
    main([*where, "--part", "--manifest", "part-0.json", "demo-1.0-py3-none-any.whl"])
    part = json.loads(Path("part-0.json").read_text())
    part["predicate"]["waived"][0][key] = said
    Path("part-0.json").write_text(json.dumps(part))

    assert main([*where, "--offline", "part-0.json"]) == ExitCode.UNDECIDED
    assert told in capsys.readouterr().err

"""The action, as the runner starts it: inputs, outputs, files, owner, exit code."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import errno
import functools
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hostile
import jsonschema
import pages
import pytest
import runner_model
import sound
from forge import Repository
from hypothesis import given, settings
from runner import file_commands
from sound import Index, Reply

from release_guard import action, start
from release_guard.errors import ExitCode, SourceError, UsageError
from release_guard.findings import Audited, Report, Verdict
from release_guard.options import Options
from release_guard.reports import github, json_v1
from release_guard.rules import RULE_IDS
from release_guard.run import Answer

_TIMEOUT = 60
_UPLOAD = "https://index.example/legacy/"
_COMMIT = "c0ffee" + "0" * 34
_REPORT = Path("release-guard-report.json")
_PAGE = Path("release-guard-report.html")
_OUTPUTS = {
    *("verdict", "project", "version", "manifest", "report", "report-html"),
    *("findings", "to-upload"),
}
_OWNER = 1001
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")


# --- inputs -------------------------------------------------------------------------


def _named(inputs: Mapping[str, str]) -> dict[str, str]:
    """The variables that the runner makes of inputs: upper case, dashes stay. Here
    ``index_url`` stands for the input ``index-url``.
    """
    return {
        f"INPUT_{name.replace('_', '-').upper()}": value
        for name, value in inputs.items()
    }


@pytest.mark.parametrize(
    ("given_inputs", "expected"),
    [
        ({}, Options("check")),
        ({"command": ""}, Options("check")),
        ({"command": "verify"}, Options("verify")),
        # As the runner gives them: every declared input, most of them empty.
        (
            {"command": "check", "dist": "", "tag": " \n", "strict": ""},
            Options("check"),
        ),
        ({"command": " verify\n"}, Options("verify")),
        (
            {"index-url": "https://index.example/simple/", "repository-url": _UPLOAD},
            Options(
                "check",
                index_url="https://index.example/simple/",
                repository_url=_UPLOAD,
            ),
        ),
        ({"dist": "a"}, Options("check", paths=(Path("a"),))),
        (
            {"dist": " a/b c \n\n  d.whl\r\n"},
            Options("check", paths=(Path("a/b c"), Path("d.whl"))),
        ),
        # LF alone ends a line, as for the toolkit.
        *(
            ({"dist": f"a{mark}b"}, Options("check", paths=(Path(f"a{mark}b"),)))
            for mark in ("\u2028", "\v", "\f", "\x85", "\r")
        ),
        (
            {"command": "verify", "dist": "a\nb"},
            Options("verify", dist=(Path("a"), Path("b"))),
        ),
        ({"command": "verify", "timeout": "5"}, Options("verify", timeout=5)),
        ({"manifest": "m"}, Options("check", manifest=Path("m"))),
        ({"command": "verify", "manifest": "m"}, Options("verify", manifest=Path("m"))),
        (
            {
                "policy": "p",
                "tag": "v1",
                "commit": f" {_COMMIT}\n",
                "index": "testpypi",
            },
            Options(
                "check", policy=Path("p"), tag="v1", commit=_COMMIT, index="testpypi"
            ),
        ),
        ({"against": "m"}, Options("check", against=Path("m"))),
        *(
            ({"strict": text, "offline": text, "part": text}, options)
            for words, options in (
                (
                    ("true", "True", "TRUE", " true\n"),
                    Options("check", strict=True, offline=True, part=True),
                ),
                (("false", "False", "FALSE"), Options("check")),
            )
            for text in words
        ),
    ],
)
def test_inputs_become_options(
    given_inputs: Mapping[str, str], expected: Options
) -> None:
    assert action.inputs(_named(given_inputs)) == expected


@pytest.mark.parametrize(
    ("given_inputs", "message"),
    [
        (
            {"command": "publish"},
            "command: expected check or verify or audit, found 'publish'",
        ),
        (
            {"command": "rehearse"},
            "command: expected check or verify or audit, found 'rehearse'",
        ),
        (
            {"command": "Check"},
            "command: expected check or verify or audit, found 'Check'",
        ),
        *(
            ({"strict": text}, f"strict: expected true or false, found {text!r}")
            for text in ("yes", "1", "0", "on", "tRUE", "truE", "null", "true false")
        ),
        (
            {"command": "verify", "tag": "v1"},
            "tag: is no input of the command verify",
        ),
        (
            {"command": "verify", "offline": "false"},
            "offline: is no input of the command verify",
        ),
        ({"commit": "main"}, "commit: expected a whole commit id, found 'main'"),
        (
            {"command": "verify", "commit": _COMMIT},
            "commit: is no input of the command verify",
        ),
        ({"timeout": "5"}, "timeout: is no input of the command check"),
        (
            {"command": "verify", "timeout": "soon"},
            "timeout: expected seconds from 0, found 'soon'",
        ),
    ],
)
def test_wrong_inputs_are_usage_errors(
    given_inputs: Mapping[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        action.inputs(_named(given_inputs))
    assert caught.value.message == message


def test_an_input_is_not_read_from_another_variable() -> None:
    assert action.inputs({"INDEX-URL": "x", "INPUT_STRCT": " "}) == Options("check")


@pytest.mark.parametrize(
    "name", ["INPUT_INDEX_URL", "INPUT_index-url", "INPUT_STRCT", "INPUT_ARGS"]
)
def test_an_input_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="there is no input"):
        action.inputs({name: "x"})


# --- outputs ------------------------------------------------------------------------


def _passing(report: Report) -> Report:
    return replace(report, findings=(), not_run=(), error="")


@settings(deadline=None)
@given(hostile.reports())
def test_no_text_makes_another_output(report: Report) -> None:
    for told in (report, _passing(report), replace(report, releases=())):
        written = action.outputs(Answer(told, Path("a\nverdict=pass")))
        read = runner_model.outputs(
            written.encode("utf-8", "backslashreplace").decode("utf-8")
        )
        assert read.keys() == _OUTPUTS
        assert read["verdict"] == told.verdict
        assert read["findings"] == str(len(told.findings))
        assert read["manifest"] == "a\nverdict=pass"


def test_the_files_to_upload_are_an_output_of_a_pass_only() -> None:
    report = replace(hostile.report_of(["x"]), to_upload=("a.whl", "b.tar.gz"))
    read = runner_model.outputs(action.outputs(Answer(_passing(report))))
    assert read["to-upload"] == "a.whl\nb.tar.gz"
    for other in (report, replace(_passing(report), command="verify")):
        read = runner_model.outputs(action.outputs(Answer(other)))
        assert read["to-upload"] == ""


def test_where_the_index_was_not_asked_all_files_are_to_be_uploaded() -> None:
    """An empty list would say that the index has everything."""
    report = _passing(replace(hostile.report_of(["x"]), to_upload=None))
    read = runner_model.outputs(action.outputs(Answer(report)))
    assert read["to-upload"] == "x"


def test_the_project_of_an_audit_is_an_output_where_there_is_one() -> None:
    row = Audited("demo", 1, 1, 1, 0, 0, 0, Verdict.PASS)
    report = Report("audit", "pypi", audited=(row,))
    assert runner_model.outputs(action.outputs(Answer(report)))["project"] == "demo"
    two = replace(report, audited=(row, row))
    assert runner_model.outputs(action.outputs(Answer(two)))["project"] == ""


def test_project_and_version_are_outputs_where_there_is_one_release() -> None:
    report = replace(hostile.report_of(["x"]), audited=())
    one = replace(report, releases=report.releases[:1])
    read = runner_model.outputs(action.outputs(Answer(one)))
    assert (read["project"], read["version"]) == ("x", "1.0")
    read = runner_model.outputs(action.outputs(Answer(report)))
    assert (read["project"], read["version"]) == ("", "")


def test_each_output_has_a_delimiter_of_its_own() -> None:
    report = hostile.report_of(["x"])
    lines = (action.outputs(Answer(report)) * 2).splitlines()
    delimiters = [line.partition("<<")[2] for line in lines if "<<" in line]
    assert len(set(delimiters)) == len(_OUTPUTS)


def test_a_value_that_holds_its_delimiter_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uuid, "uuid4", lambda: "known")
    with pytest.raises(SourceError, match="holds its own delimiter"):
        action.outputs(Answer(hostile.report_of(["x"]), Path("ghadelimiter_known")))


# --- a step -------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """What the runner has after a step."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str

    @property
    def commands(self) -> list[runner_model.Command]:
        """The commands that the runner saw."""
        return runner_model.commands(self.log)

    @property
    def report(self) -> Any:  # noqa: ANN401 - JSON
        """The report file."""
        return json.loads(_REPORT.read_bytes())


Run = Callable[..., Step]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workspace with a sound pair, and the files that the runner made."""
    before = signal.getsignal(signal.SIGTERM)
    folder = tmp_path / "workspace"
    sound.pair(folder / "dist")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    for name in ("output", "step_summary"):
        (tmp_path / name).touch()
        monkeypatch.setenv(f"GITHUB_{name.upper()}", str(tmp_path / name))
    yield folder
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def step(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the action in this process with the given inputs."""

    def call(*words: str, **inputs: str) -> Step:
        with monkeypatch.context() as patch:
            for name, value in _named(inputs).items():
                patch.setenv(name, value)
            code = action.main(words)
        out, err = capsys.readouterr()
        outputs = (workspace.parent / "output").read_text("utf-8")
        summary = (workspace.parent / "step_summary").read_text("utf-8")
        return Step(code, out + err, runner_model.outputs(outputs), summary)

    return call


@pytest.fixture
def index() -> Iterator[Index]:
    """An index that knows nothing yet."""
    with sound.serving() as serving:
        yield serving


def test_a_pass(step: Run, index: Index) -> None:
    index.says(sound.listing(Path("dist/demo-1.0.tar.gz")))
    ended = step(index_url=index.root, tag="v1.0")
    assert ended.code == ExitCode.PASSED
    assert ended.outputs == {
        "verdict": "pass",
        "project": "demo",
        "version": "1.0",
        "manifest": "release-manifest.json",
        "report": "release-guard-report.json",
        "report-html": "release-guard-report.html",
        "findings": "2",
        "to-upload": "demo-1.0-py3-none-any.whl",
    }
    assert ended.summary.startswith("## release-guard check: ✅ passed `demo 1.0`")
    assert "release-guard check: PASS - demo 1.0 for an unnamed index" in ended.log
    assert {command.name for command in ended.commands} == {"warning", "notice"}
    assert Path("release-manifest.json").exists()


def test_findings(step: Run) -> None:
    ended = step(offline="true", tag="v2")
    assert ended.code == ExitCode.FINDINGS
    assert ended.outputs["verdict"] == "fail"
    assert ended.outputs["findings"] == "2"
    assert ended.outputs["manifest"] == ""
    assert ended.outputs["to-upload"] == ""
    assert "❌ blocked" in ended.summary
    # One thing is wrong with both.
    assert [command.name for command in ended.commands] == ["error"]
    assert {f["rule"] for f in ended.report["findings"]} == {"tag-version-mismatch"}


def test_a_checkout_with_a_path(
    step: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action cannot be started in another folder than the workspace."""
    repository = Repository(workspace / "src")
    repository.tag("v1.0")
    for name, value in repository.dispatch("refs/heads/main").environ.items():
        monkeypatch.setenv(name, value)

    ended = step(offline="true")
    assert ended.code == ExitCode.UNDECIDED
    assert f"there is no checkout in {workspace}" in ended.log

    ended = step(offline="true", repo="src")
    assert ended.code == ExitCode.PASSED, ended.log
    predicate = json.loads(Path("release-manifest.json").read_bytes())["predicate"]
    assert predicate["tag"] == "v1.0"


def test_a_wrong_input(step: Run) -> None:
    ended = step(offline="yes")
    assert ended.code == ExitCode.USAGE
    assert ended.outputs["verdict"] == "undecided"
    assert ended.outputs["manifest"] == ""
    assert "⚠️ not decided" in ended.summary
    (annotation,) = ended.commands
    assert annotation.name == "error"
    assert annotation.data == "offline: expected true or false, found 'yes'"


def test_a_wrong_policy(step: Run) -> None:
    Path("policy.yml").write_text("colour: red\n")
    ended = step(policy="policy.yml")
    assert ended.code == ExitCode.USAGE
    assert ended.report["error"]["message"].startswith("policy.yml: colour: no such")


def test_nothing_to_examine(step: Run) -> None:
    for path in Path("dist").iterdir():
        path.unlink()
    ended = step()
    assert ended.code == ExitCode.UNDECIDED
    assert ended.outputs["verdict"] == "undecided"
    (annotation,) = ended.commands
    assert annotation.data.startswith("dist: ")


def test_an_index_that_is_not_reached(step: Run) -> None:
    url = f"http://127.0.0.1:{sound.closed_port()}/simple/"
    ended = step(index_url=url)
    assert ended.code == ExitCode.UNDECIDED
    assert ended.outputs["verdict"] == "undecided"
    assert ended.outputs["manifest"] == ""
    assert "### Not decided" in ended.summary


def test_warnings_block_where_the_input_is_strict(step: Run, index: Index) -> None:
    assert step(index_url=index.root).code == ExitCode.PASSED
    assert step(index_url=index.root, strict="true").code == ExitCode.FINDINGS


def test_a_check_and_then_a_verification_in_one_job(step: Run, index: Index) -> None:
    index.says(sound.listing())
    assert step(index_url=index.root).code == ExitCode.PASSED
    index.says(sound.listing(*Path("dist").iterdir()))
    ended = step(command="verify", index_url=index.root)
    assert ended.code == ExitCode.PASSED
    assert ended.report["command"] == "verify"
    assert ended.outputs["manifest"] == ""
    assert ended.summary.count("✅ passed") == 2


def test_a_verification_of_several_folders(step: Run, index: Index) -> None:
    Path("more").mkdir()
    Path("dist/demo-1.0.tar.gz").rename("more/demo-1.0.tar.gz")
    index.says(sound.listing(*Path("dist").iterdir(), *Path("more").iterdir()))
    ended = step(command="verify", dist="dist\nmore\n", index_url=index.root)
    assert ended.code == ExitCode.PASSED
    assert len(ended.report["files"]) == 2


def test_the_report_file_is_of_the_schema(step: Run) -> None:
    schema = json_v1.report_schema(RULE_IDS)
    for inputs in (
        {"offline": "true"},
        {"tag": "v2", "offline": "true"},
        {"part": "x"},
    ):
        jsonschema.validate(step(**inputs).report, schema)


def test_outputs_and_summary_are_added_to_what_is_there(
    step: Run, workspace: Path
) -> None:
    (workspace.parent / "output").write_text("mine=1\n")
    (workspace.parent / "step_summary").write_text("# Mine\n")
    ended = step(offline="true")
    assert ended.outputs["mine"] == "1"
    assert ended.summary.startswith("# Mine\n## release-guard")


def test_a_manifest_is_named_relative_to_the_workspace(
    step: Run, workspace: Path
) -> None:
    ended = step(offline="true", manifest=str(workspace / "out.json"))
    assert ended.code == ExitCode.PASSED
    assert ended.outputs["manifest"] == "out.json"


def test_hostile_names_say_nothing_in_the_log(step: Run) -> None:
    Path("dist/a\n::set-output name=verdict::pass").write_text("")
    Path("dist/##[set-output name=verdict]pass").write_text("")
    ended = step(offline="true")
    assert ended.code == ExitCode.FINDINGS
    assert [command.name for command in ended.commands] == ["error"]
    assert ended.outputs["verdict"] == "fail"


def test_arguments_are_refused(step: Run) -> None:
    ended = step("check", "--offline", offline="true")
    assert ended.code == ExitCode.USAGE
    (annotation,) = ended.commands
    assert annotation.data == (
        "the action takes no arguments\nuse its inputs, not 'with: args'"
    )


@pytest.mark.parametrize("missing", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_outside_of_a_runner_nothing_is_handed_over(
    step: Run, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    ended = step(offline="true")
    assert ended.code == ExitCode.PASSED
    assert (ended.outputs == {}) == (missing == "GITHUB_OUTPUT")
    assert (ended.summary == "") == (missing == "GITHUB_STEP_SUMMARY")


@pytest.mark.parametrize("inputs", [{"offline": "true"}, {"offline": "x"}])
@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
@pytest.mark.parametrize("path", ["dist", "nowhere/file", "/dev/full"])
def test_a_file_of_the_runner_that_cannot_be_written_is_no_pass(
    step: Run,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    path: str,
    inputs: dict[str, str],
) -> None:
    monkeypatch.setenv(variable, path)
    ended = step(**inputs)
    assert ended.code == ExitCode.UNDECIDED
    assert ended.commands[-1].name == "error"
    assert ended.commands[-1].data.startswith(f"{path}: ")


def test_a_link_in_the_place_of_the_manifest_is_replaced(
    step: Run, tmp_path: Path
) -> None:
    Path("release-manifest.json").symlink_to(tmp_path / "elsewhere.json")
    ended = step(offline="true")
    assert ended.code == ExitCode.PASSED
    assert ended.outputs["manifest"] == "release-manifest.json"
    assert not (tmp_path / "elsewhere.json").exists()


_UNWRITABLE = [
    ("GITHUB_OUTPUT", "/dev/full"),
    ("GITHUB_STEP_SUMMARY", "nowhere/file"),
]


@pytest.mark.parametrize(("variable", "path"), _UNWRITABLE)
def test_what_says_pass_does_not_outlive_a_step_that_could_not_hand_it_over(
    step: Run, monkeypatch: pytest.MonkeyPatch, variable: str, path: str
) -> None:
    monkeypatch.setenv(variable, path)
    assert step(offline="true").code == ExitCode.UNDECIDED
    assert [path.name for path in Path().iterdir()] == ["dist"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("odd")])
def test_what_says_pass_does_not_outlive_an_interrupt(
    step: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(github, "summary", _breaking(error))
    assert step(offline="true").code == ExitCode.UNDECIDED
    assert [path.name for path in Path().iterdir()] == ["dist"]


@pytest.mark.parametrize(
    "wrong",
    [{"offline": "maybe"}, {"strct": "true"}, {"timeout": "5"}],
    ids=["no switch", "no input", "no input of check"],
)
def test_an_older_manifest_does_not_outlive_a_wrong_input(
    step: Run, wrong: dict[str, str]
) -> None:
    assert step(offline="true", manifest="m.json").code == ExitCode.PASSED
    assert Path("m.json").exists()
    assert step(**wrong, manifest="m.json").code == ExitCode.USAGE
    assert not Path("m.json").exists()


@pytest.mark.parametrize(
    "inputs",
    [
        {"command": "verify", "timeout": "soon"},
        {"command": "verfy"},
        {"against": "release-manifest.json", "offline": "maybe"},
        {"dist": "dist\nrelease-manifest.json", "offline": "maybe"},
        {"manifest": "other.json", "offline": "maybe"},
    ],
    ids=["verify", "a command that is none", "against", "joined", "another"],
)
def test_a_manifest_that_is_read_outlives_a_wrong_input(
    step: Run, inputs: dict[str, str]
) -> None:
    assert step(offline="true").code == ExitCode.PASSED
    Path("other.json").write_text("{}")
    assert step(**inputs).code == ExitCode.USAGE
    assert Path("release-manifest.json").exists()
    assert Path("other.json").exists()


@pytest.mark.parametrize("path", ["../m.json", "/github/runner_temp/m.json", "out/m"])
def test_a_manifest_is_not_written_where_later_steps_do_not_find_it(
    step: Run, tmp_path: Path, path: str
) -> None:
    Path("out").symlink_to(tmp_path)
    ended = step(offline="true", manifest=path)
    assert ended.code == ExitCode.USAGE
    assert f"manifest: {path} lies outside of the workspace" in ended.log
    assert ended.outputs["verdict"] == "undecided"


@pytest.mark.parametrize("path", [_REPORT, _PAGE])
def test_a_report_file_that_cannot_be_written_is_no_pass(step: Run, path: Path) -> None:
    path.mkdir()
    ended = step(offline="true")
    assert ended.code == ExitCode.UNDECIDED
    assert ended.outputs == {}
    assert ended.commands[-1].data == f"{path}: Is a directory"


def test_the_page_says_what_the_report_says(step: Run) -> None:
    ended = step(offline="true", tag="v2")
    page = pages.read(_PAGE.read_text("utf-8"))
    (heading,) = page.elements("h1")
    assert heading.text == "✕ Blocked demo 1.0 for pypi"
    for finding in ended.report["findings"]:
        assert finding["message"] in page.text


def test_a_manifest_is_not_written_where_the_page_is(step: Run) -> None:
    ended = step(offline="true", manifest=str(_PAGE))
    assert ended.code == ExitCode.USAGE
    assert "would be overwritten by the report" in ended.log


@pytest.mark.parametrize("name", ["output", "step_summary"])
def test_what_the_disk_does_not_take_whole_says_nothing_at_all(
    step: Run, workspace: Path, name: str
) -> None:
    """The runner applies the outputs that stand before a broken one; here all but the
    last bytes still find room.
    """
    path = workspace.parent / name
    before = f"mine={'x' * (1 << 20)}\n"
    path.write_text(before)
    room = len(before) + 150
    no_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, no_limit[1]))
    try:
        ended = step(offline="true")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, no_limit)
    assert ended.code == ExitCode.UNDECIDED
    assert path.read_text() == before
    assert ended.outputs.keys() <= {"mine"}


def test_the_verdict_is_the_last_of_the_outputs() -> None:
    written = action.outputs(Answer(hostile.report_of(["x"])))
    names = [name for name, _ in file_commands.pairs(written)]
    assert names[-1] == "verdict"
    assert len(names) == len(_OUTPUTS)


# --- what nobody foresaw ------------------------------------------------------------


def _breaking(error: BaseException) -> Callable[..., Answer]:
    def job(*_: object) -> Answer:
        raise error

    return job


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("a\n::warning::b"), "no verdict: ValueError: a\n::warning::b in "),
        (KeyboardInterrupt(), "interrupted: there is no verdict"),
        (SystemExit(0), "no verdict: SystemExit"),
    ],
    ids=["error", "interrupt", "exit"],
)
def test_an_unforeseen_error_is_one_annotation_and_no_verdict(
    step: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, told: str
) -> None:
    monkeypatch.setattr(action, "run", _breaking(error))
    ended = step()
    assert ended.code == ExitCode.UNDECIDED
    (annotation,) = ended.commands
    assert annotation.name == "error"
    assert annotation.data.startswith(told)
    assert "Traceback" not in ended.log


def test_a_job_that_broke_leaves_no_older_report_behind(
    step: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert step(offline="true").code == ExitCode.PASSED
    monkeypatch.setattr(action, "run", _breaking(ValueError("odd")))
    ended = step(offline="true")
    assert ended.code == ExitCode.UNDECIDED
    assert not _PAGE.exists()
    assert not _REPORT.exists() or ended.report["verdict"] != "pass"


# --- the process --------------------------------------------------------------------


def _process(
    shell: str = "", environ: Mapping[str, str] | None = None, **inputs: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "release_guard.start"]
    if shell:
        command = ["sh", "-c", f"exec {shlex.join(command)} {shell}"]
    return subprocess.run(
        command,
        env={**_unmeasured(), **(environ or {}), **_named(inputs)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )


def test_the_process_ends_with_the_verdict(workspace: Path) -> None:
    assert _process(offline="true").returncode == ExitCode.PASSED
    ended = _process(offline="true", tag="v2")
    assert ended.returncode == ExitCode.FINDINGS
    assert ended.stderr == ""


@pytest.mark.parametrize("shell", [">&-", ">/dev/full"], ids=["closed", "full"])
def test_a_log_that_takes_nothing_is_no_pass(workspace: Path, shell: str) -> None:
    ended = _process(shell, offline="true")
    assert ended.returncode == ExitCode.UNDECIDED
    assert "Traceback" not in ended.stderr


def test_a_cancelled_step_is_no_verdict(workspace: Path, index: Index) -> None:
    index.says(Reply(hang=True))
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "release_guard.start"],
        env={**os.environ, "INPUT_INDEX-URL": index.root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert index.heard.wait(_TIMEOUT)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=_TIMEOUT)
    assert process.returncode == ExitCode.UNDECIDED
    assert out == "::error::interrupted: there is no verdict\n"
    assert err == ""


def test_a_cancelled_step_waits_for_no_file_that_is_read(workspace: Path) -> None:
    """After ten seconds the runner leaves the container behind."""
    large = workspace / "dist" / "demo-1.0.tar.gz"
    os.truncate(large, 1 << 40)
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "release_guard.start"],
        env={**os.environ, "INPUT_OFFLINE": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not _reads(process.pid, large):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=5)
        finally:
            process.kill()
    assert process.returncode == ExitCode.UNDECIDED
    assert out == "::error::interrupted: there is no verdict\n"
    assert err == ""


def _reads(pid: int, path: Path) -> bool:
    """Whether a process has a file open."""
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if handle.readlink() == path:
                return True
    return False


# --- giving up root -----------------------------------------------------------------

#: A job first, as root, so that nothing is left to import: the interpreter may lie
#: where only root can read.
_WARM = """
import os, sys
from release_guard import action, cli, start
os.chdir(sys.argv[1])
cli.main(["check", "--offline", "--output", "warm.txt"])
os.chdir(sys.argv[2])
sys.argv = ["start"]
sys.exit(start.main())
"""
#: Without CAP_SETGID and CAP_SETUID from the next program on, as in rootless engines.
_WITHOUT_CAPABILITIES = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
if libc.prctl(24, 6, 0, 0, 0) or libc.prctl(24, 7, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Path]:
    """A workspace, and the runner's files, of another user."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        sound.pair(root / "workspace" / "dist")
        for name in ("output", "step_summary"):
            (root / name).touch()
        for path in (root, *root.rglob("*")):
            os.chown(path, _OWNER, _OWNER)
        yield root


def _started_as_root(root: Path, *before: str) -> subprocess.CompletedProcess[str]:
    warm = root / "warm"
    sound.pair(warm / "dist")
    return subprocess.run(
        [sys.executable, "-c", *before, _WARM, str(warm), str(root / "workspace")],
        env={
            **os.environ,
            "INPUT_OFFLINE": "true",
            # The runner's own home, which belongs to the workspace's owner too.
            "HOME": str(root),
            "GITHUB_WORKSPACE": str(root / "workspace"),
            "GITHUB_OUTPUT": str(root / "output"),
            "GITHUB_STEP_SUMMARY": str(root / "step_summary"),
        },
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )


def _owners(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.name: (path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir()
    }


@needs_root
def test_what_root_writes_belongs_to_the_owner_of_the_workspace(foreign: Path) -> None:
    ended = _started_as_root(foreign)
    assert ended.returncode == ExitCode.PASSED, ended.stdout + ended.stderr
    owners = _owners(foreign / "workspace")
    assert owners.keys() == {
        *("dist", "release-manifest.json", str(_REPORT), str(_PAGE)),
    }
    assert set(owners.values()) == {(_OWNER, _OWNER)}
    outputs = runner_model.outputs((foreign / "output").read_text("utf-8"))
    assert outputs["verdict"] == "pass"
    assert (foreign / "step_summary").read_text("utf-8")


@needs_root
@pytest.mark.parametrize("name", ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"])
def test_what_only_root_could_read_is_not_read(foreign: Path, name: str) -> None:
    secret = foreign / "workspace" / "dist" / name
    os.chown(secret, 0, 0)
    secret.chmod(0o600)
    ended = _started_as_root(foreign)
    assert ended.returncode == ExitCode.UNDECIDED
    assert "Permission denied" in ended.stdout


@needs_root
def test_root_that_cannot_be_given_up_goes_on_and_says_so(foreign: Path) -> None:
    ended = _started_as_root(foreign, _WITHOUT_CAPABILITIES)
    if ended.returncode == 77:
        pytest.skip("capabilities cannot be dropped here")
    assert ended.returncode == ExitCode.PASSED, ended.stdout + ended.stderr
    told = [c for c in runner_model.commands(ended.stdout) if c.name == "warning"]
    assert [command.data for command in told][:1] == [
        "root could not be given up: not permitted here"
    ]
    assert _owners(foreign / "workspace")["release-manifest.json"] == (0, 0)


@needs_root
def test_a_workspace_that_is_not_there_gives_no_verdict(workspace: Path) -> None:
    ended = _process(environ={"GITHUB_WORKSPACE": "/nowhere/workspace"}, offline="true")
    assert ended.returncode == ExitCode.UNDECIDED
    told = "::error::GITHUB_WORKSPACE: No such file or directory\n"
    assert (ended.stdout, ended.stderr) == (told, "")
    assert (workspace.parent / "output").read_bytes() == b""


def test_without_a_workspace_of_somebody_else_nobody_is_become(
    workspace: Path,
) -> None:
    before = (os.getresuid(), os.getresgid(), os.getgroups())
    assert start.drop_root({})
    assert start.drop_root({"GITHUB_WORKSPACE": ""})
    assert start.drop_root({"GITHUB_WORKSPACE": str(workspace)})
    assert (os.getresuid(), os.getresgid(), os.getgroups()) == before


Calls = list[tuple[str, object]]


def test_without_the_workspace_root_is_no_user_to_go_on_as(calls: Calls) -> None:
    with pytest.raises(SourceError, match="GITHUB_WORKSPACE: No such file"):
        start.drop_root({"GITHUB_WORKSPACE": "/nowhere/workspace"})
    assert calls == []


def test_who_is_not_root_stays_who_they_are(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    assert start.drop_root({"GITHUB_WORKSPACE": "/nowhere"})
    assert calls == []


@pytest.fixture(name="calls")
def _calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calls:
    """What is asked of the system, by who takes itself for root; there is no docker."""
    calls: Calls = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, functools.partial(_note, calls, name))
    monkeypatch.setattr(start, "_keep_root_away", lambda: calls.append(("keep", "")))
    monkeypatch.setattr(start, "_SOCKET", tmp_path / "docker.sock")
    return calls


def _of(monkeypatch: pytest.MonkeyPatch, workspace: int, docker: int) -> None:
    """The groups of the workspace, which is 1001's, and of docker's socket."""

    def stat(path: Path) -> os.stat_result:
        group = docker if path.name == "docker.sock" else workspace
        return os.stat_result((0o40755, 0, 0, 2, 1001, group, 0, 0, 0, 0))

    monkeypatch.setattr(Path, "stat", stat)


@pytest.mark.parametrize(
    ("workspace", "docker", "group"),
    [(1002, 121, 1002), (121, 121, 1001), (0, 0, 1001)],
    ids=["the workspace's", "but not docker's", "nor root's, where docker is root's"],
)
def test_root_is_given_up_for_good_groups_first(
    monkeypatch: pytest.MonkeyPatch,
    calls: Calls,
    workspace: int,
    docker: int,
    group: int,
) -> None:
    """Who gives up the user first may no longer give up the groups."""
    _of(monkeypatch, workspace, docker)

    assert start.drop_root({})

    given_up = [("setgroups", []), ("setgid", group), ("setuid", 1001)]
    assert calls == [("keep", ""), *given_up]


def test_without_docker_the_group_is_the_workspaces(
    calls: Calls, tmp_path: Path
) -> None:
    group = tmp_path.stat().st_gid
    owner = os.stat_result((0o40755, 0, 0, 2, 1001, group, 0, 0, 0, 0))
    assert start._group(owner) == group
    assert calls == []


@pytest.mark.parametrize(
    ("number", "is_error"),
    # A rootless engine knows no such user.
    [(errno.EPERM, False), (errno.EINVAL, False), (errno.EAGAIN, True)],
    ids=["forbidden", "no such user", "anything else ends it"],
)
def test_root_that_is_kept_is_told_or_ends_it(
    monkeypatch: pytest.MonkeyPatch, calls: Calls, number: int, *, is_error: bool
) -> None:
    def refuse(_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "setgroups", refuse)
    _of(monkeypatch, 1002, 121)

    if is_error:
        with pytest.raises(SourceError, match="root could not be given up: no"):
            start.drop_root({})
    else:
        assert not start.drop_root({})
    assert calls == [("keep", "")]


def _note(calls: Calls, name: str, value: object) -> None:
    calls.append((name, value))


@pytest.mark.parametrize(
    ("ends", "code", "told"),
    [
        (True, ExitCode.PASSED, ""),
        (
            False,
            ExitCode.PASSED,
            "::warning::root could not be given up: not permitted",
        ),
        (SourceError("odd"), ExitCode.UNDECIDED, "::error::odd\n"),
    ],
    ids=["given up", "kept", "neither"],
)
def test_the_job_begins_once_root_is_given_up(  # noqa: PLR0917 - fixtures
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ends: object,
    code: int,
    told: str,
) -> None:
    def drop(_: object) -> object:
        if isinstance(ends, SourceError):
            raise ends
        return ends

    monkeypatch.setattr(start, "drop_root", drop)
    monkeypatch.setattr(sys, "argv", ["start"])
    monkeypatch.setenv("INPUT_OFFLINE", "true")
    monkeypatch.setenv("OPENSSL_CONF", str(workspace))

    assert start.main() == code
    assert capsys.readouterr().out.startswith(told)
    assert "OPENSSL_CONF" not in os.environ
    assert (workspace / "release-manifest.json").exists() == (code == ExitCode.PASSED)


def test_an_interrupt_while_it_starts_is_no_verdict(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = builtins.__import__

    def interrupted(name: str, *rest: Any) -> Any:  # noqa: ANN401 - what an import gives
        if name == "release_guard":
            raise KeyboardInterrupt
        return real(name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", interrupted)
        code = start.main()
    assert code == ExitCode.UNDECIDED
    assert capsys.readouterr().out == "::error::interrupted: there is no verdict\n"


def test_what_is_started_is_kept_from_rights_by_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked of a stand-in: it cannot be taken back, and this process goes on."""
    calls: Calls = []
    system = SimpleNamespace(prctl=lambda *words: calls.append(("prctl", words)))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: system)
    start._keep_root_away()
    assert calls == [("prctl", (38, 1, 0, 0, 0))]


def _unmeasured() -> dict[str, str]:
    """Without what lets coverage begin before the program, and load what it needs."""
    return {n: v for n, v in os.environ.items() if not n.startswith("COV")}


#: What a program that starts loads before it has looked at whose the workspace is.
_LOADED = """
import sys
from release_guard import start
def stop(_):
    print(*sorted(name for name in sys.modules if name in {"ssl", "_ssl", "_hashlib",
        "ctypes", "_ctypes", "hashlib"} or name.startswith("release_guard")))
    raise SystemExit
start.drop_root = stop
start.main()
"""


def test_next_to_nothing_is_loaded_before_root_is_given_up() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", _LOADED],
        env=_unmeasured(),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=True,
    )
    loaded = "release_guard release_guard.errors release_guard.start"
    assert done.stdout.split() == loaded.split()


@pytest.mark.parametrize("variable", ["OPENSSL_CONF", "SSLKEYLOGFILE"])
def test_a_library_is_not_led_by_what_earlier_steps_left(
    workspace: Path, variable: str
) -> None:
    """OpenSSL opens the one, and urllib3 the other: of a pipe nobody would return."""
    os.mkfifo(workspace / "named")
    named = {variable: str(workspace / "named")}
    ended = _process(environ=named, offline="true")
    assert ended.returncode == ExitCode.PASSED, ended.stdout


@needs_root
def test_no_program_gains_rights_once_root_is_given_up(foreign: Path) -> None:
    told = "import os; print([l for l in open('/proc/self/status') if 'NoNew' in l])"
    script = f"from release_guard import start; assert start.drop_root({{}}); {told}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=foreign / "workspace",
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=True,
    )
    assert done.stdout == "['NoNewPrivs:\\t1\\n']\n"


def test_the_module_that_is_not_the_program_refuses_to_be_one() -> None:
    command = [sys.executable, "-I", "-m", "release_guard.action"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "release_guard.start" in done.stderr

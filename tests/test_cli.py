"""The command line: every way to be wrong has its exit code, and one line says why."""

from __future__ import annotations

import functools
import gc
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sound
from sound import Index, Reply

from release_guard import __version__, cli, edge, run
from release_guard.errors import ExitCode, SourceError, UsageError
from release_guard.jobs import common, verify
from release_guard.manifest import MANIFEST_TYPE
from release_guard.rulebook import AS_OF
from release_guard.rules import RULES
from release_guard.sources.web import Web

_TIMEOUT = 60


@dataclass(frozen=True)
class Said:
    """What a run ended with."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """The only thing on standard output, as JSON."""
        return json.loads(self.out)

    def says_only(self, line: str) -> bool:
        """One line on standard error, at most a hint below it, and no report."""
        first, *hint = self.err.splitlines()
        told = first.startswith(f"release-guard: {line}")
        return told and len(hint) < 2 and all(h.startswith("  ") for h in hint)


Main = Callable[..., Said]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a sound pair in ``dist``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    sound.pair(tmp_path / "dist")
    return tmp_path


@pytest.fixture
def main(folder: Path, capsys: pytest.CaptureFixture[str]) -> Main:
    """``main`` with the given words, in ``folder``."""

    def call(*words: str) -> Said:
        code = cli.main(words)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call


@pytest.fixture
def index() -> Iterator[Index]:
    """An index that knows nothing yet."""
    with sound.serving() as serving:
        yield serving


def _process(*words: str, shell: str = "") -> Said:
    """``python -m release_guard``; ``shell`` redirects."""
    command = [sys.executable, "-m", "release_guard", *words]
    if shell:
        command = ["sh", "-c", f"exec {shlex.join(command)} {shell}"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_TIMEOUT,
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


# --- bad command lines --------------------------------------------------------------

_BAD_WORDS = {
    "nothing": "",
    "an unknown command": "publish",
    "an option of no command": "--strict",
    "an unknown option": "check --fast",
    "an abbreviated option": "check --off",
    "an option of another command": "check --timeout 5",
    "a value for a flag": "check --offline=yes",
    "no value": "check --tag",
    "an empty value": "check --tag ''",
    "an empty path": "check ''",
    "an empty path among others": "check dist ''",
    "an empty policy": "check --policy ''",
    "an unknown format": "check --format xml",
    "a format of another command": "rules --format github",
    "two manifests": "verify a.json b.json",
    "no number": "verify --timeout soon",
    "a negative number": "verify --timeout -1",
    "not a number": "verify --timeout nan",
    "no end": "verify --timeout inf",
    "an unknown rule": "rules no-such-rule",
    "two rules": "rules missing-sdist unknown-file",
    "an unknown index": "check --index nowhere",
    "part and against": "check --part --against m.json",
    "a part and a distribution": "check part-1.json dist",
    "a manifest among the distributions": "check --manifest dist/m.json",
    "a line end": "'che\nck'",
    "text that is not UTF-8": "check --format '\udcff'",
}


@pytest.mark.parametrize("words", _BAD_WORDS.values(), ids=list(_BAD_WORDS))
def test_a_bad_command_line_is_a_usage_error(main: Main, words: str) -> None:
    said = main(*shlex.split(words))
    assert said.code == ExitCode.USAGE
    assert said.out == ""
    assert said.says_only("")


@pytest.mark.parametrize("option", ["--index-url", "--repository-url"])
@pytest.mark.parametrize(
    "url",
    [
        *("index.example/simple/", "http://", "http://[", "http://127.0.0.1:99999/"),
        *("http://127.0.0.1:x/", "ftp://index.example/simple/", "file:///simple/", " "),
    ],
)
def test_what_is_no_url_is_a_usage_error(main: Main, option: str, url: str) -> None:
    said = main("check", option, url)
    assert said.code == ExitCode.USAGE
    assert said.out == ""
    assert said.says_only("")


@pytest.mark.parametrize(
    "words", ["publish", "check --fast", "check --tag ''", "rules no-such-rule"]
)
def test_a_bad_command_line_of_the_process_is_a_usage_error(words: str) -> None:
    said = _process(*shlex.split(words))
    assert said.code == ExitCode.USAGE
    assert said.out == ""
    assert said.says_only("")


def test_a_manifest_and_files_for_one_verification_are_a_usage_error(
    main: Main, index: Index
) -> None:
    index.says(sound.listing(*Path("dist").iterdir()))
    said = main(
        *("verify", "nowhere.json", "--dist", "dist"),
        *("--index-url", index.root, "--timeout", "0"),
    )
    assert said.code == ExitCode.USAGE


# --- bad files ----------------------------------------------------------------------


def _no_file(folder: Path) -> None:
    for path in (folder / "dist").iterdir():
        path.unlink()
    (folder / "dist").rmdir()


def _empty(folder: Path) -> None:
    for path in (folder / "dist").iterdir():
        path.unlink()


def _only_dot_files(folder: Path) -> None:
    _empty(folder)
    (folder / "dist" / ".gitignore").write_text("*\n")


def _folder_for_a_file(folder: Path) -> None:
    wheel = next((folder / "dist").glob("*.whl"))
    wheel.unlink()
    wheel.mkdir()


def _no_archive(folder: Path) -> None:
    next((folder / "dist").glob("*.whl")).write_bytes(b"<html>not found</html>")


def _empty_file(folder: Path) -> None:
    next((folder / "dist").glob("*.tar.gz")).write_bytes(b"")


def _half_an_archive(folder: Path) -> None:
    sdist = next((folder / "dist").glob("*.tar.gz"))
    sdist.write_bytes(sdist.read_bytes()[:100])


def _only_an_unknown_file(folder: Path) -> None:
    _empty(folder)
    (folder / "dist" / "notes.txt").write_text("notes")


def _dangling_link(folder: Path) -> None:
    (folder / "dist" / "demo-1.0-cp311-none-any.whl").symlink_to("nowhere.whl")


def _fifo(folder: Path) -> None:
    os.mkfifo(folder / "dist" / "demo-1.0-cp311-none-any.whl")


_BAD_DIST: Mapping[str, tuple[Callable[[Path], None], ExitCode, str]] = {
    "no file": (_no_file, ExitCode.UNDECIDED, "dist: there is no such file"),
    "an empty folder": (_empty, ExitCode.UNDECIDED, "dist: the folder is empty"),
    "only dot files": (
        _only_dot_files,
        ExitCode.UNDECIDED,
        "dist: the folder is empty",
    ),
    "a dangling link": (_dangling_link, ExitCode.FINDINGS, "unknown-file"),
    "a folder for a file": (_folder_for_a_file, ExitCode.FINDINGS, "unknown-file"),
    "a file that is no archive": (_no_archive, ExitCode.FINDINGS, "archive-unreadable"),
    "an empty file": (_empty_file, ExitCode.FINDINGS, "archive-unreadable"),
    "half an archive": (_half_an_archive, ExitCode.FINDINGS, "archive-unreadable"),
    "only an unknown file": (
        _only_an_unknown_file,
        ExitCode.FINDINGS,
        "unknown-file",
    ),
    "a FIFO": (_fifo, ExitCode.FINDINGS, "unknown-file"),
}


@pytest.mark.parametrize(
    ("spoil", "code", "told"), _BAD_DIST.values(), ids=list(_BAD_DIST)
)
def test_distributions_that_are_none_do_not_pass(
    main: Main,
    folder: Path,
    spoil: Callable[[Path], None],
    code: ExitCode,
    told: str,
) -> None:
    spoil(folder)
    said = main("check", "--offline")
    assert said.code == code
    if code is ExitCode.UNDECIDED:
        assert said.out == ""
        assert said.says_only(told)
    else:
        assert f"error: {told} " in said.out
        assert said.err == ""
    assert not (folder / "release-manifest.json").exists()


# --- bad policies -------------------------------------------------------------------

_BAD_POLICIES = {
    "an unknown key": ("tag-template: x", "tag-template: no such key"),
    "an unknown rule": ("rules: {no-such-rule: error}", "rules.no-such-rule: no such"),
    "an unknown severity": ("rules: {missing-sdist: off}", "rules.missing-sdist: "),
    "a wrong type": (
        "events: push",
        "events: expected any, or a list of events, found 'push'",
    ),
    "no table": ("[a]", "expected a table, found a list"),
    "a waiver without a reason": (
        "waivers: [{rule: missing-sdist}]",
        "waivers[0].reason: is missing",
    ),
    "no YAML": ("a: b: c", "is no YAML: "),
    "a key twice": ("index: pypi\nindex: testpypi", "is no YAML: "),
    "an index that nobody declared": ("index: nowhere", "index: no index is named"),
    "an index without a URL": ("indexes: {x: {}}", "indexes.x: needs a simple-url"),
}


@pytest.mark.parametrize("content", _BAD_POLICIES.values(), ids=list(_BAD_POLICIES))
@pytest.mark.parametrize("command", ["check --offline", "verify --dist dist"])
def test_a_bad_policy_is_one_line_that_names_its_place(
    main: Main, command: str, content: tuple[str, str]
) -> None:
    Path(".github").mkdir()
    Path(".github/release-guard.yml").write_text(content[0])
    said = main(*command.split())
    assert said.code == ExitCode.USAGE
    assert said.out == ""
    assert said.says_only(".github/release-guard.yml: ")
    assert content[1] in said.err


def test_each_wrong_place_in_a_policy_is_a_line(main: Main) -> None:
    Path("policy.yml").write_text("colour: red\nevents: push\n")
    said = main("check", "--policy", "policy.yml")
    assert said.code == ExitCode.USAGE
    assert [line.split(": ")[:3] for line in said.err.splitlines()] == [
        ["release-guard", "policy.yml", "colour"],
        ["release-guard", "policy.yml", "events"],
    ]


@pytest.mark.parametrize("name", ["nowhere.yml", "dist"])
def test_a_policy_that_is_not_there_is_a_usage_error(main: Main, name: str) -> None:
    said = main("check", "--offline", "--policy", name)
    assert said.code == ExitCode.USAGE
    assert said.says_only(f"{name}: there is no such policy file")


# --- bad manifests ------------------------------------------------------------------


def _statement(**changes: object) -> str:
    statement: dict[str, object] = json.loads(
        Path("release-manifest.json").read_text("utf-8")
    )
    return json.dumps(statement | changes)


_BAD_MANIFESTS: Mapping[str, tuple[Callable[[], str], str]] = {
    "half a document": (lambda: _statement()[:-40], ""),
    "no JSON": (lambda: "<html>", ""),
    "another document": (lambda: "{}", "is no manifest: "),
    "a list": (lambda: "[]", "is no manifest: expected a table"),
    "nested too deep": (lambda: "[" * 100_000, ""),
    "of a future schema": (
        lambda: _statement(predicateType=MANIFEST_TYPE.replace("/v1", "/v2")),
        "is of another schema",
    ),
    "without subjects": (lambda: _statement(subject=[]), ""),
    "without releases": (
        lambda: _statement(
            predicate={
                **json.loads(_statement())["predicate"],
                "releases": [],
            }
        ),
        "is no manifest: predicate.releases",
    ),
}


@pytest.mark.parametrize(
    ("content", "told"), _BAD_MANIFESTS.values(), ids=list(_BAD_MANIFESTS)
)
@pytest.mark.parametrize("command", ["verify bad.json", "check --against bad.json"])
def test_a_manifest_that_is_none_gives_no_verdict(
    main: Main, command: str, content: Callable[[], str], told: str
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    Path("bad.json").write_text(content())
    said = main(*command.split())
    assert said.code == ExitCode.UNDECIDED
    assert said.out == ""
    assert said.says_only(f"bad.json: {told}")


@pytest.mark.parametrize(
    ("name", "told"), [("nowhere.json", "is not there"), ("dist", "is a folder")]
)
@pytest.mark.parametrize("command", ["verify", "check --against"])
def test_a_manifest_that_is_not_there_gives_no_verdict(
    main: Main, command: str, name: str, told: str
) -> None:
    said = main(*command.split(), name)
    assert said.code == ExitCode.UNDECIDED
    assert said.out == ""
    assert said.says_only(f"{name}: {told}")


def test_a_manifest_of_a_project_that_the_policy_does_not_name_is_refused(
    main: Main, index: Index
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    index.says(sound.listing(*Path("dist").iterdir()))
    Path("policy.yml").write_text("projects: [other, another]")
    said = main("verify", "--policy", "policy.yml", "--index-url", index.root)
    assert said.code == ExitCode.USAGE
    assert said.says_only("the manifest is of demo, the policy names another, other")


# --- bad indexes --------------------------------------------------------------------

_LOGIN = Reply(
    b"<html><title>Sign in</title><form><input type=password></form></html>",
    content_type="text/html",
)
_BAD_INDEXES: Mapping[str, tuple[Reply, str]] = {
    "500": (Reply(b"", 500), "answers 500"),
    "503": (Reply(b"", 503), "answers 503"),
    "401": (Reply(b"", 401), "answers 401"),
    "403": (Reply(b"", 403), "answers 403"),
    "204": (Reply(b"", 204), "answers 204"),
    "a login page": (_LOGIN, "is no listing"),
    "some page": (Reply(b"<h1>Hi</h1>", content_type="text/html"), "is no listing"),
    "half a document": (Reply(sound.listing().body[:-5]), "is no listing"),
    "an empty answer": (Reply(b""), "is no listing"),
    "no type": (Reply(sound.listing().body, content_type=""), "is no listing"),
    "a listing without files": (
        Reply(b'{"meta": {"api-version": "1.0"}, "name": "demo"}'),
        "'files' is missing",
    ),
    "of another project": (sound.listing(project="other"), "of another project"),
    "of another API": (
        Reply(b'{"meta": {"api-version": "2.0"}, "files": []}'),
        "API version",
    ),
    "a redirect elsewhere": (
        Reply(b"", 302, location="https://index.example/login"),
        "redirects to another host",
    ),
    "a redirect without an end": (
        Reply(b"", 302, location="/simple/demo/"),
        "redirects without an end",
    ),
    "silence": (Reply(hang=True), "is not reached"),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent server is given up soon."""
    web = functools.partial(Web, connect=0.3, read=0.3, whole=5)
    monkeypatch.setattr(common, "Web", web)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("reply", "told"), _BAD_INDEXES.values(), ids=list(_BAD_INDEXES)
)
@pytest.mark.parametrize("command", ["check", "verify --timeout 0"])
def test_an_index_that_gives_no_listing_gives_no_verdict(
    main: Main, index: Index, command: str, reply: Reply, told: str
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    index.says(reply)
    said = main(*command.split(), "--index-url", index.root)
    assert said.code == ExitCode.UNDECIDED
    assert "UNDECIDED" in said.out
    assert told in said.out
    assert "(needed for a verdict)" in said.out


def test_a_check_that_is_offline_loads_nothing_to_ask_an_index_with(
    main: Main,
) -> None:
    """That would take a third as long again; twine brings it along."""
    script = (
        "import sys; from release_guard.cli import main; code = main(sys.argv[1:]);"
        " heavy = {'twine', 'requests', 'urllib3', 'http.client', 'ssl'};"
        " print(code, sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, "check", "--offline", "dist"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert main("check", "--offline").code == ExitCode.PASSED
    assert done.stderr.splitlines()[-1] == "0 []"


@pytest.mark.parametrize("status", [204, 401, 500])
def test_a_refused_answer_leaves_no_connection_open(
    main: Main, index: Index, status: int
) -> None:
    index.says(Reply(b"", status))
    main("check", "--index-url", index.root)
    # What was left open warns now, and a warning is an error.
    gc.collect()


@pytest.mark.parametrize("command", ["check", "verify --timeout 0"])
def test_an_index_that_refuses_the_connection_gives_no_verdict(
    main: Main, command: str
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    url = f"http://127.0.0.1:{sound.closed_port()}/simple/"
    said = main(*command.split(), "--index-url", url)
    assert said.code == ExitCode.UNDECIDED
    assert "is not reached: Connection refused" in said.out


@pytest.mark.parametrize("reply", [Reply(b"", 503), _LOGIN], ids=["503", "login"])
def test_a_certain_error_outranks_an_index_that_was_not_read(
    main: Main, index: Index, reply: Reply
) -> None:
    Path("dist/notes.txt").write_text("notes")
    index.says(reply)
    said = main("check", "--index-url", index.root)
    assert said.code == ExitCode.FINDINGS
    assert "error: unknown-file " in said.out
    assert "(needed for a verdict): missing-wheel, file-exists" in said.out


def test_an_index_that_does_not_know_the_project_warns_before_the_upload(
    main: Main, index: Index
) -> None:
    said = main("check", "--index-url", index.root)
    assert said.code == ExitCode.PASSED
    assert "warning: project-new " in said.out
    assert main("check", "--index-url", index.root, "--strict").code == 1


def test_an_index_that_does_not_know_the_project_fails_after_the_upload(
    main: Main, index: Index
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    said = main("verify", "--timeout", "0", "--index-url", index.root)
    assert said.code == ExitCode.FINDINGS
    assert said.out.count("which does not know the project") == 1
    assert "\n  each of 2 files: is not listed" in said.out


def test_a_path_of_the_host_for_certificates_gives_no_verdict(
    main: Main, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.says(sound.listing())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/certificates.pem")
    said = main("check", "--index-url", index.root)
    assert said.code == ExitCode.UNDECIDED
    assert "REQUESTS_CA_BUNDLE names /nowhere/certificates.pem" in said.out


# --- the event ----------------------------------------------------------------------


def test_an_event_that_is_given_is_read_or_there_is_no_verdict(main: Main) -> None:
    said = main("check", "--offline", "--event", "nowhere.json")
    assert said.code in (ExitCode.USAGE, ExitCode.UNDECIDED)


# --- what is written ----------------------------------------------------------------


def test_a_pass_prints_the_report_and_names_the_manifest(main: Main) -> None:
    said = main("check", "--offline")
    assert said.code == ExitCode.PASSED
    assert said.out.startswith("release-guard check: PASS - demo 1.0 for pypi (")
    assert "\n  manifest    release-manifest.json\n" in said.out
    assert said.err == ""


def test_the_manifest_is_named_in_the_log_where_the_report_is_for_programs(
    main: Main,
) -> None:
    said = main("check", "--offline", "--format", "json")
    assert said.document["manifest"] == "release-manifest.json"
    assert said.err == "release-guard: wrote release-manifest.json\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check --offline", 0),
        ("check --offline --tag v2", 1),
        ("check --policy nowhere.yml", 2),
        ("check nowhere", 3),
        ("verify nowhere.json", 3),
    ],
)
def test_json_is_one_object_and_nothing_else(main: Main, words: str, code: int) -> None:
    said = main(*words.split(), "--format", "json")
    assert said.code == code
    assert said.document["schema"] == "release-guard/report/1"
    assert said.document["command"] == words.split(maxsplit=1)[0]
    verdicts = {0: "pass", 1: "fail", 2: "undecided", 3: "undecided"}
    assert said.document["verdict"] == verdicts[code]
    assert (said.document["error"] is not None) == (code >= 2)


def test_json_tells_the_error_of_a_wrong_policy(main: Main) -> None:
    Path("policy.yml").write_text("colour: red")
    said = main("check", "--policy", "policy.yml", "--format", "json")
    assert said.code == ExitCode.USAGE
    assert said.document["error"]["message"].startswith("policy.yml: colour: no such")
    assert said.says_only("policy.yml: colour: no such key")


def test_a_report_for_github_has_annotations_and_the_text(main: Main) -> None:
    said = main("check", "--offline", "--tag", "v2", "--format", "github")
    assert said.code == ExitCode.FINDINGS
    title = "title=release-guard%3A tag-version-mismatch"
    assert said.out.startswith(f"::error {title}::demo-1.0")
    assert "\nrelease-guard check: FAIL" in said.out


def test_a_report_goes_to_a_file_instead_of_standard_output(main: Main) -> None:
    said = main("check", "--offline", "--output", "report.txt")
    assert said.code == ExitCode.PASSED
    assert said.out == ""
    assert Path("report.txt").read_text("utf-8").startswith("release-guard check: PASS")


def test_a_page_goes_to_a_file_and_its_words_to_standard_error(main: Main) -> None:
    said = main("check", "--offline", "--format", "html", "--output", "report.html")
    assert (said.code, said.out) == (ExitCode.PASSED, "")
    assert Path("report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "release-guard check: PASS" in said.err


def test_an_error_takes_the_place_of_an_older_report(main: Main) -> None:
    assert main("check", "--offline", "--output", "report.txt").code == 0
    assert main("check", "nowhere", "--output", "report.txt").code == 3
    assert "UNDECIDED" in Path("report.txt").read_text("utf-8")


@pytest.mark.parametrize("words", ["check --offline", "check nowhere", "rules"])
@pytest.mark.parametrize("output", ["folder", "nowhere/report.txt", "/dev/full"])
def test_a_report_that_cannot_be_written_is_no_pass(
    main: Main, words: str, output: str
) -> None:
    Path("folder").mkdir()
    said = main(*words.split(), "--output", output)
    assert said.code == ExitCode.UNDECIDED
    assert said.out == ""
    assert said.says_only(f"{output}: ")


@pytest.mark.parametrize("words", ["check --offline", "check nowhere --format json"])
def test_a_full_standard_output_is_no_pass(folder: Path, words: str) -> None:
    said = _process(*words.split(), shell=">/dev/full")
    assert said.code == ExitCode.UNDECIDED
    assert said.says_only("standard output: ")


@pytest.mark.parametrize("words", ["check --offline", "rules"])
def test_a_closed_standard_output_is_no_pass(folder: Path, words: str) -> None:
    said = _process(*words.split(), shell=">&-")
    assert said.code == ExitCode.UNDECIDED
    assert said.says_only("")


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full"], ids=["closed", "full"])
def test_a_standard_error_that_takes_nothing_does_not_change_the_exit_code(
    folder: Path, shell: str
) -> None:
    said = _process("check", "nowhere", shell=shell)
    assert said.code == ExitCode.UNDECIDED


@pytest.mark.parametrize("words", ["check --offline", "rules"])
def test_a_broken_pipe_is_no_pass(folder: Path, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "release_guard", *words.split()]
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            command, stdout=pipe, stderr=subprocess.PIPE, timeout=_TIMEOUT, check=False
        )
    assert done.returncode == ExitCode.UNDECIDED
    assert done.stderr.decode().splitlines()[-1].startswith("release-guard: ")
    assert b"Traceback" not in done.stderr


def test_a_terminal_that_cannot_show_a_name_ends_no_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("dist/\N{SNOWMAN}.txt").write_text("x")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    said = _process("check", "--offline")
    assert said.code == ExitCode.FINDINGS
    assert "\\u2603.txt: is no wheel" in said.out


# --- what nobody foresaw ------------------------------------------------------------


def _breaking(error: BaseException) -> Callable[..., run.Answer]:
    def job(*_: object) -> run.Answer:
        raise error

    return job


@pytest.mark.parametrize(
    "error",
    [
        *(ValueError("odd\nthing"), KeyError("x"), AssertionError(), RecursionError()),
        *(
            MemoryError(),
            OSError(5, "I/O"),
            UnicodeEncodeError("x", "\udcff", 0, 1, ""),
        ),
        GeneratorExit(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_unforeseen_error_is_no_verdict_and_no_traceback(
    main: Main, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(run, "check", _breaking(error))
    said = main("check")
    assert said.code == ExitCode.UNDECIDED
    assert said.out == ""
    assert said.err.startswith(f"release-guard: no verdict: {type(error).__name__}: ")
    assert " in run.py:" in said.err
    assert said.err.endswith("\n  this is a bug: please report it with this line\n")
    assert "Traceback" not in said.err


@pytest.mark.parametrize("status", [0, None, 1])
def test_a_job_that_exits_by_itself_is_no_verdict(
    main: Main, monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    monkeypatch.setattr(run, "check", _breaking(SystemExit(status)))
    assert main("check").code == ExitCode.UNDECIDED


def test_an_interrupted_job_is_no_verdict(
    main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "check", _breaking(KeyboardInterrupt()))
    said = main("check")
    assert said.code == ExitCode.UNDECIDED
    assert said.err == "release-guard: interrupted: there is no verdict\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("odd")], ids=repr)
def test_a_job_that_broke_leaves_no_older_report_behind(
    main: Main, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    words = ("check", "--offline", "--format", "json", "--output", "report.json")
    assert main(*words).code == ExitCode.PASSED
    monkeypatch.setattr(run, "check", _breaking(error))
    assert main(*words).code == ExitCode.UNDECIDED
    report = Path("report.json")
    assert not report.exists() or json.loads(report.read_bytes())["verdict"] != "pass"


def test_an_error_in_a_file_of_ours_names_the_place_and_escapes_the_text(
    main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "check", _breaking(ValueError("a\n::error::b ##[x]")))
    said = main("check")
    assert "\n::error" not in said.err
    assert "##[" not in said.err


def test_an_error_from_elsewhere_names_no_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told: list[tuple[str, str]] = []
    bug = edge._bug(ValueError("never raised"))
    assert bug == "no verdict: ValueError: never raised"

    def fails() -> int:
        raise SourceError("x", hint="y")

    assert edge.guarded(fails, lambda *said: told.append(said)) == 3
    assert told == [("x", "y")]


@pytest.mark.parametrize("broken", [KeyboardInterrupt, LookupError("utf-16")])
def test_an_error_that_cannot_be_told_keeps_its_exit_code(
    broken: BaseException | type[BaseException],
) -> None:
    def fails() -> int:
        raise UsageError("x")

    def complain(message: str, hint: str) -> None:
        raise broken

    assert edge.guarded(fails, complain) == 2


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What runs in the background has interrupts ignored, and hands that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_an_index_is_silent_is_no_verdict(
    folder: Path, index: Index
) -> None:
    index.says(Reply(hang=True))
    command = [sys.executable, "-m", "release_guard", "check", "--index-url"]
    with subprocess.Popen(
        [*command, index.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert index.heard.wait(_TIMEOUT)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=_TIMEOUT)
    assert process.returncode == ExitCode.UNDECIDED
    assert out == b""
    assert err == b"release-guard: interrupted: there is no verdict\n"


# --- the other words ----------------------------------------------------------------


def test_the_version_and_the_help_are_no_job(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["--version"], ["--help"], ["check", "--help"]):
        assert cli.main(words) == ExitCode.PASSED
    out = capsys.readouterr().out
    assert out.startswith(f"{__version__}\n")
    assert out.count("exit codes: 0 passed, 1 findings, 2 usage or policy wrong") == 2


def test_the_rules_are_listed(main: Main) -> None:
    said = main("rules")
    assert said.code == ExitCode.PASSED
    *rules, nothing, snapshot = said.out.splitlines()
    assert len(rules) == len(RULES)
    assert nothing == ""
    assert snapshot.startswith(f"PyPI's upload rules as of {AS_OF}: ")


@pytest.mark.parametrize("rule", ["missing-sdist", "published-altered"])
def test_a_rule_is_explained(main: Main, rule: str) -> None:
    said = main("rules", rule)
    assert said.code == ExitCode.PASSED
    assert said.out.startswith(f"{rule} (error, judges: ")
    assert "How it happens:" in said.out


def test_the_rules_are_listed_as_json_and_markdown(main: Main) -> None:
    assert len(main("rules", "--format", "json").document) == len(RULES)
    (only,) = main("rules", "missing-sdist", "--format", "json").document
    assert only["rule"] == "missing-sdist"
    assert main("rules", "--format", "markdown").out.startswith("# The rules\n")


def test_the_rules_go_to_a_file(main: Main) -> None:
    said = main("rules", "--format", "markdown", "--output", "rules.md")
    assert (said.code, said.out) == (0, "")
    assert Path("rules.md").read_text("utf-8").startswith("# The rules\n")


@pytest.mark.parametrize(("quiet", "shown"), [("", 1), ("--no-progress", 0)])
def test_each_look_at_an_index_that_is_late_is_a_line_on_standard_error(
    main: Main,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
    quiet: str,
    shown: int,
) -> None:
    monkeypatch.setattr(verify, "_PAUSES", (0.001,))
    assert main("check", "--offline").code == ExitCode.PASSED
    files = sorted(Path("dist").iterdir())
    index.says(sound.listing(*files[:1]), sound.listing(*files))
    said = main("verify", "--index-url", index.root, *quiet.split())
    assert said.code == ExitCode.PASSED
    lines = [
        "look 1 after 0 s: 1 of 2 files listed, again in 0 s",
        "look 2 after 0 s: 2 of 2 files listed",
    ]
    assert said.err.splitlines() == lines * shown


def test_an_index_that_has_all_at_once_is_no_line(main: Main, index: Index) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    index.says(sound.listing(*Path("dist").iterdir()))
    assert main("verify", "--index-url", index.root).err == ""


def test_whoever_asks_for_all_gets_the_hashes(main: Main) -> None:
    short, whole = main("check", "--offline"), main("check", "--offline", "--verbose")
    assert short.code == whole.code == ExitCode.PASSED
    assert "sha256 " not in short.out
    assert whole.out.count("\n  sha256 ") == 2
    assert "\nnot judged:\n  --offline: " in whole.out


_TABLE = "pyproject.toml: tool.release-guard"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("", "none: the defaults"),
        (".github/release-guard.yml", ".github/release-guard.yml"),
        ("pyproject.toml", _TABLE),
        ("mine.yml", "mine.yml"),
    ],
)
@pytest.mark.parametrize("command", ["check --offline", "verify", "audit demo"])
def test_the_report_names_the_policy_that_was_used(
    main: Main, index: Index, command: str, place: str, told: str
) -> None:
    assert main("check", "--offline").code == ExitCode.PASSED
    index.says(sound.listing(*Path("dist").iterdir()))
    Path("tags.txt").write_text("v1.0\n")
    words = command.split()
    if place:
        Path(place).parent.mkdir(exist_ok=True)
        content = "[tool.release-guard]" if told == _TABLE else "index: pypi"
        Path(place).write_text(content)
    words += ["--policy", place] * (place == "mine.yml")
    words += ["--index-url", index.root] * ("--offline" not in words)
    words += ["--tags", "tags.txt"] * ("audit" in words)

    said, document = main(*words), main(*words, "--format", "json").document

    assert re.search(f"^  policy +{re.escape(told)}$", said.out, re.MULTILINE)
    assert document["policy"] == (told if place else None)


def test_the_process_ends_with_the_verdict(folder: Path) -> None:
    assert _process("check", "--offline").code == ExitCode.PASSED
    assert _process("check", "--offline", "--tag", "v2").code == ExitCode.FINDINGS

"""The model of GitHub's runner, held to what the runner's own code does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forge import Repository
from runner import events, metadata
from runner.environment import Facts, Layers, contexts, of_container, services
from runner.expressions import Context, ExpressionError, condition, filled
from runner.file_commands import (
    KINDS,
    FileCommandError,
    read_environment,
    read_outputs,
    summary,
)
from runner.folders import Folders, Owner, changes, snapshot
from runner.job import Job, Step
from runner.launch import Container, Launch, Process, arguments
from runner.log import Command, Log, commands, lines

ACTION = Path(__file__).parents[1] / "action.yml"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def named(*rows: tuple[object, ...]) -> list[Any]:
    """Rows of a table whose first column is the id."""
    return [pytest.param(*row[1:], id=str(row[0])) for row in rows]


# --- the log ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\rb\n", ["a", "b"]),
        ("a\n\n", ["a", ""]),
        ("a\u2028b\x85c\vd\fe\x1cf", ["a\u2028b\x85c\vd\fe\x1cf"]),
        ("", []),
    ],
)
def test_lines_end_as_dot_net_reads_them(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    named(
        (
            "a command stands at the beginning",
            "::error::bad",
            Command("error", "bad"),
        ),
        (
            "white space may stand before it, .NET's own too",
            " \t\u3000\x85::error::bad",
            Command("error", "bad"),
        ),
        ("a letter before it makes it text", "x::error::bad", None),
        ("a zero width space is a letter", "\u200b::error::bad", None),
        ("an unknown name is text", "::frob::bad", None),
        ("names do not mind their case", "::ERROR::bad", Command("error", "bad")),
        (
            "properties are split at commas, then at the first equals sign",
            "::error file=a,line=1,x=a=b,empty=,=y::bad",
            Command("error", "bad", {"file": "a", "line": "1", "x": "a=b"}),
        ),
        (
            "data are unescaped, the percent sign last",
            "::error::a%0Ab%0Dc%25d%250A%3A",
            Command("error", "a\nb\rc%d%0A%3A"),
        ),
        (
            "properties are unescaped further",
            "::error title=a%3Ab%2Cc::bad",
            Command("error", "bad", {"title": "a:b,c"}),
        ),
        (
            "the old form counts anywhere in a line",
            "evil ##[set-output name=verdict]pass",
            Command("set-output", "pass", {"name": "verdict"}),
        ),
        (
            "the old form is split at semicolons, and unescaped otherwise",
            "##[error a=1;b=x%3By]c%5Dd",
            Command("error", "c]d", {"a": "1", "b": "x;y"}),
        ),
        ("the old form needs its bracket", "##[error bad", None),
        (
            "the old form counts where the new one is unknown",
            "::frob::##[error]bad",
            Command("error", "bad"),
        ),
        ("only the first old form of a line is looked at", "##[x]y ##[error]bad", None),
        ("a command needs its second mark", "::error bad", None),
    ),
)
def test_a_line_is_a_command_or_text(line: str, expected: Command | None) -> None:
    assert commands(line) == ([expected] if expected else [])


def _read(*pipes: str, **said: Any) -> Log:  # noqa: ANN401
    log = Log(**said)
    for pipe in pipes:
        log.read(pipe)
    return log


def test_ten_annotations_of_a_kind_are_kept() -> None:
    log = _read("::error::x\n" * 12 + "::warning::y\n" * 3)
    assert [a.kind for a in log.kept] == ["error"] * 10 + ["warning"] * 3
    assert [a.kind for a in log.dropped] == ["error"] * 2
    # The log has them all.
    assert log.text.count("##[error]x\n") == 12


def test_a_message_ends_after_4096_characters_as_dot_net_counts_them() -> None:
    (plain,) = _read("::notice::" + "x" * 5000).kept
    assert len(plain.message) == 4096
    (wide,) = _read("::notice::" + "\N{PARTY POPPER}" * 5000).kept
    assert len(wide.message) == 2048


@pytest.mark.parametrize(
    ("said", "expected"),
    named(
        ("a line and a column stay", "line=3,col=2", {"line": "3", "col": "2"}),
        (
            "an end without a line is the line",
            "endLine=3",
            {"line": "3", "endline": "3"},
        ),
        ("a column without a line goes", "col=2", {}),
        (
            "a column goes where the lines are two",
            "line=3,endLine=4,col=2,endColumn=5",
            {"line": "3", "endline": "4"},
        ),
        ("lines that end before they begin go", "line=3,endLine=2", {}),
        (
            "columns that end before they begin go",
            "line=3,col=5,endColumn=2",
            {"line": "3"},
        ),
        ("what is no number is none", "endLine=x", {"endline": "x"}),
    ),
)
def test_lines_and_columns_are_mended(said: str, expected: Mapping[str, str]) -> None:
    (annotation,) = _read(f"::error {said}::x").kept
    assert annotation.properties == expected


def test_a_file_of_an_annotation_is_relative_to_the_workspace(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    for said in ("/github/workspace/a/b.py", "a/b.py", f"{folders.workspace}/a/b.py"):
        (one,) = _read(f"::error file={said}::x", to_host=folders.relative).kept
        assert one.properties["file"] == "a/b.py"


def test_set_output_is_still_obeyed_with_a_warning() -> None:
    log = _read("::set-output name=a::1\n##[set-output name=b]2\n")
    assert log.outputs == {"a": "1", "b": "2"}
    assert [a.kind for a in log.kept] == ["warning"] * 2
    assert "deprecated" in log.kept[0].message
    assert not log.failed


@pytest.mark.parametrize("command", ["::set-env name=A::1", "::add-path::/x"])
def test_set_env_fails_the_step_unless_it_is_allowed(command: str) -> None:
    log = _read(command)
    assert log.failed
    assert [a.kind for a in log.kept] == ["error"] * 2
    assert "is disabled" in log.kept[1].message
    allowed = _read(command, allows_unsecure=True)
    assert not allowed.failed
    assert allowed.environ == {"A": "1"} or allowed.path == ["/x"]


@pytest.mark.parametrize("line", ["::set-env::1", "::set-env name=Node_Options::1"])
def test_a_variable_without_a_name_or_that_is_blocked_is_not_set(line: str) -> None:
    log = Log(allows_unsecure=True)
    log.read(f"{line}\n")
    assert log.failed
    assert log.environ == {}


def test_a_command_without_what_it_needs_fails_the_step() -> None:
    log = _read("::set-output::x\n")
    assert log.failed
    assert log.outputs == {}
    assert "Required field 'name' is missing" in log.kept[1].message


def test_stopped_commands_are_text_until_the_token_of_either_pipe() -> None:
    log = _read("::stop-commands::t0ken-x\n::error::a\n", "::t0ken-x::\n::error::b\n")
    assert [annotation.message for annotation in log.kept] == ["b"]
    assert "::error::a" in log.text
    # A token of more than six characters is a secret.
    assert "t0ken-x" not in log.text


@pytest.mark.parametrize("token", ["", "pause-logging", "error", "ERROR"])
def test_a_token_must_be_one(token: str) -> None:
    assert _read(f"::stop-commands::{token}\n").failed


def test_a_mask_hides_what_comes_after_it() -> None:
    log = _read("hush\n::add-mask::hush%0A  other  \nhush other\n::error::hush\n")
    assert log.text == "hush\n*** ***\n##[error]***\n"
    assert log.kept[0].message == "***"
    assert [a.kind for a in _read("::add-mask:: \n").kept] == ["warning"]


def test_groups_are_shown_and_debug_only_where_it_is_wanted() -> None:
    text = "::group::a\n::debug::b\n::endgroup::\n"
    assert _read(text).text == "##[group]a\n##[endgroup]\n"
    assert _read(text, debug=True).text == "##[group]a\n##[debug]b\n##[endgroup]\n"


# --- the files --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    named(
        ("a pair", "a=1\n", {"a": "1"}),
        ("the last line may lack its end", "a=1", {"a": "1"}),
        ("empty lines are passed over", "\n\na=1\n\n", {"a": "1"}),
        ("a name keeps its spaces", " a b =1\n", {" a b ": "1"}),
        ("the later one wins", "a=1\na=2\n", {"a": "2"}),
        ("a value may hold the marks", "a==b<<c\n", {"a": "=b<<c"}),
        ("several lines", "a<<E\nx\ny\nE\nb=2\n", {"a": "x\ny", "b": "2"}),
        ("inner line ends stay, the last one goes", "a<<E\n\nx\n\nE\n", {"a": "\nx\n"}),
        ("no line is an empty value", "a<<E\nE\n", {"a": ""}),
        ("the delimiter is a whole line", "a<<E\nE \n E\nEE\nE\n", {"a": "E \n E\nEE"}),
        ("what comes first decides", "a<<b=c\nx\nb=c\n", {"a": "x"}),
        ("only LF ends a line", "a=1\r\nb=2\r", {"a": "1\r", "b": "2\r"}),
    ),
)
def test_an_output_file_is_read(content: str, expected: Mapping[str, str]) -> None:
    found: dict[str, str] = {}
    read_outputs(content, found)
    assert found == expected


_EMPTY = "Name must not be empty and delimiter must not be empty"


@pytest.mark.parametrize(
    ("content", "message"),
    named(
        ("a line of no form", "a=1\nb\n", "Invalid format 'b'"),
        (
            "no delimiter",
            "a=1\nb<<\n",
            f"Invalid format 'b<<'. {_EMPTY}",
        ),
        (
            "no name before a delimiter",
            "a=1\n<<E\nE\n",
            f"Invalid format '<<E'. {_EMPTY}",
        ),
        (
            "a delimiter that never comes",
            "a=1\nb<<E\nx\n",
            "Invalid value. Matching delimiter not found 'E'",
        ),
        (
            "a delimiter with the carriage return of a CRLF file",
            "a=1\nb<<E\r\nx\r\nE\n",
            "Invalid value. Matching delimiter not found 'E\r'",
        ),
        ("no name", "a=1\n=2\n", "Value cannot be null or empty: the name is empty"),
    ),
)
def test_what_stands_before_a_wrong_line_counts(content: str, message: str) -> None:
    found: dict[str, str] = {}
    with pytest.raises(FileCommandError) as caught:
        read_outputs(content, found)
    assert str(caught.value) == message
    assert found == {"a": "1"}


def test_any_variable_but_one_may_be_set_for_later_steps() -> None:
    found: dict[str, str] = {}
    read_environment("LD_PRELOAD=x\nPATH=y\n", found)
    assert found == {"LD_PRELOAD": "x", "PATH": "y"}
    with pytest.raises(FileCommandError, match="NODE_OPTIONS"):
        read_environment("Node_Options=x\n", found)


def test_a_summary_over_a_mebibyte_is_dropped_whole() -> None:
    assert summary(b"x" * (1 << 20)).error == ""
    dropped = summary(b"x" * ((1 << 20) + 1))
    assert dropped.text == ""
    assert "1024k" in dropped.error


# --- an action's metadata ---------------------------------------------------------


def _action(tmp_path: Path, text: str) -> metadata.Action:
    path = tmp_path / "action.yml"
    path.write_text(text)
    return metadata.read(path)


_INPUTS = """\
inputs:
  index-url: {default: a}
  my name: {required: true}
  Flag: {default: true}
  where: {default: "${{ github.ref }}"}
"""
_DOCKER = "runs: {using: docker, image: Dockerfile}\n"


def test_inputs_are_matched_and_named_as_the_runner_does(tmp_path: Path) -> None:
    action = _action(tmp_path, _INPUTS + _DOCKER)
    context = Context({"github": {"ref": "refs/tags/v1"}})

    given = metadata.given(action, {"INDEX-URL": True, "flag": 1}, context)

    assert given.environ == {
        "INPUT_INDEX-URL": "true",
        # Required is not asked for.
        "INPUT_MY_NAME": "",
        "INPUT_FLAG": "1",
        "INPUT_WHERE": "refs/tags/v1",
    }
    assert given.warnings == ()
    assert metadata.given(action, {}, context).environ["INPUT_FLAG"] == "true"


def test_an_unknown_input_only_warns_and_is_given(tmp_path: Path) -> None:
    given = metadata.given(
        _action(tmp_path, _INPUTS + _DOCKER),
        {"indexurl": "x", "where": ""},
        Context(),
    )
    assert given.environ["INPUT_INDEXURL"] == "x"
    (warning,) = given.warnings
    assert warning.startswith("Unexpected input(s) 'indexurl', valid inputs are [")


@pytest.mark.parametrize("context", ["secrets", "vars", "env", "steps", "inputs"])
def test_a_default_may_not_name_what_is_not_there_for_it(
    tmp_path: Path, context: str
) -> None:
    text = f'inputs: {{x: {{default: "${{{{ {context}.a }}}}"}}}}\n'
    action = _action(tmp_path, text + _DOCKER)
    names = {context: {"a": "hush"}}
    with pytest.raises(ExpressionError, match=f"there is no context '{context}'"):
        metadata.given(action, {}, Context(names))
    said = {"x": f"${{{{ {context}.a }}}}"}
    assert metadata.given(action, said, Context(names)).inputs == {"x": "hush"}


@pytest.mark.parametrize("default", ["[a]", "{a: b}"])
def test_a_default_is_a_scalar(tmp_path: Path, default: str) -> None:
    with pytest.raises(metadata.MetadataError, match="A scalar value was expected: x"):
        _action(tmp_path, f"inputs: {{x: {{default: {default}}}}}\n{_DOCKER}")


@pytest.mark.parametrize("hook", ["pre-entrypoint", "post-entrypoint"])
def test_a_hook_of_a_container_action_is_refused(tmp_path: Path, hook: str) -> None:
    with pytest.raises(metadata.NotSupportedError, match=f"{hook} is not known"):
        _action(tmp_path, f"runs: {{using: docker, image: Dockerfile, {hook}: /x}}\n")


def test_the_environment_of_an_action_may_name_its_inputs(tmp_path: Path) -> None:
    env = "env: {A: '${{ inputs.index-url }}', B: '${{ secrets.a }}'}"
    action = _action(tmp_path, f"runs: {{using: docker, image: Dockerfile, {env}}}\n")
    with pytest.raises(ExpressionError, match="there is no context 'secrets'"):
        metadata.environ_of(action, {"index-url": "x"})
    plain = replace(action, environ={"A": "${{ inputs.index-url }}"})
    assert metadata.environ_of(plain, {"index-url": "x"}) == {"A": "x"}


def test_entrypoint_and_args_are_hidden_inputs(tmp_path: Path) -> None:
    said = {"EntryPoint": "/bin/sh", "args": '-c "a b"'}
    plain = metadata.given(_action(tmp_path, _DOCKER), said, Context())
    assert plain.entrypoint == "/bin/sh"
    assert plain.args == ("-c", "a b")
    assert plain.warnings == ()

    own = "runs: {using: docker, image: Dockerfile, entrypoint: /x, args: [y]}\n"
    ours = metadata.given(_action(tmp_path, own), said, Context())
    assert ours.entrypoint == "/x"
    assert ours.args == ("y",)


@pytest.mark.parametrize(
    ("runs", "is_taken"),
    named(
        ("a Dockerfile", "docker, image: Dockerfile", True),
        ("one in a folder", "docker, image: a/Dockerfile", True),
        ("one with an ending", "docker, image: Dockerfile.x", True),
        ("one with a beginning", "docker, image: my.Dockerfile", True),
        ("a pinned image", "docker, image: 'docker://x/y@sha256:0'", True),
        ("another name", "docker, image: Containerfile", False),
        ("an image without its scheme", "docker, image: x/y:1", False),
        ("no image", "docker", False),
        ("another kind of action", "composite, image: Dockerfile", False),
    ),
)
def test_an_image_is_a_dockerfile_or_pulled(
    tmp_path: Path, runs: str, is_taken: bool
) -> None:
    text = f"runs: {{using: {runs}}}\n"
    if is_taken:
        assert _action(tmp_path, text).image
        return
    with pytest.raises(metadata.MetadataError):
        _action(tmp_path, text)


def test_our_own_action_is_one() -> None:
    action = metadata.read(ACTION)
    assert action.entrypoint == ""
    # Args would be split once more, and printed.
    assert action.args is None
    assert metadata.given(action, {}, Context()).inputs["command"] == "check"
    assert not action.is_built or action.dockerfile.is_file()


# --- the environment, and the folders ---------------------------------------------


def test_what_comes_later_wins(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    layers = Layers(
        job={"A": "job", "B": "job", "HOME": "/mine", "GITHUB_REF": "mine"},
        state={"s": "1"},
        inputs={"INPUT_X": "1", "B": "input"},
        runs={"A": "runs", "C": "runs", "HOME": "runs"},
        contexts={"GITHUB_REF": "refs/tags/v1"},
        services={"ACTIONS_RUNTIME_TOKEN": "t"},
    )
    assert of_container(layers, folders) == {
        "A": "job",
        "B": "input",
        "C": "runs",
        "STATE_s": "1",
        "INPUT_X": "1",
        "HOME": "/github/home",
        "GITHUB_REF": "refs/tags/v1",
        "ACTIONS_RUNTIME_TOKEN": "t",
    }


def test_paths_are_translated_as_a_whole_and_from_their_beginning(
    tmp_path: Path,
) -> None:
    folders = Folders(tmp_path)
    for there, here in (
        ("/github/workspace", folders.workspace),
        ("/github/workspace/dist", folders.workspace / "dist"),
        ("/github/file_commands/x", folders.file_commands / "x"),
        ("/github/workflow/event.json", folders.event),
        ("/github/home", folders.home),
        # The last one, as the three before it lie in it.
        ("/github/runner_temp/x", folders.temp / "x"),
    ):
        assert folders.to_container(str(here)) == there
        assert folders.to_host(there) == str(here)
    for value in (
        f"a:{folders.workspace}",
        f"{folders.workspace}-other",
        str(folders.tools),
        str(folders.workspace.parent),
    ):
        assert folders.to_container(value) == value


def test_the_context_has_what_an_action_may_know_and_no_token(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    facts = Facts({"GITHUB_REF": "refs/tags/v1", "CI": "true"}, debug=True)
    told = contexts(facts, folders, {"GITHUB_OUTPUT": folders.file_commands / "x"})
    assert told["GITHUB_REF"] == "refs/tags/v1"
    assert told["GITHUB_WORKFLOW_REF"].endswith("@refs/tags/v1")
    assert told["RUNNER_DEBUG"] == "1"
    assert {"GITHUB_TOKEN", "CI"}.isdisjoint(told)
    secrets = services(facts)
    assert "ACTIONS_RUNTIME_TOKEN" in secrets
    assert not any("ID_TOKEN" in name for name in secrets)
    allowed = services(Facts({}, may_ask_id_token=True))
    assert any("ID_TOKEN" in name for name in allowed)


@needs_root
def test_a_steps_files_are_new_and_the_runners(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "a", owner=Owner(1001, 121))
    folders.make()
    one, other = folders.files(KINDS), folders.files(KINDS)
    assert one.keys() == KINDS.keys()
    assert set(one.values()).isdisjoint(other.values())
    for path in one.values():
        said = path.stat()
        assert (said.st_uid, said.st_gid, said.st_mode & 0o777) == (1001, 121, 0o644)


def test_what_changed_has_owner_and_mode_and_links_are_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "gone").touch()
    before = snapshot(tmp_path)
    (tmp_path / "a").chmod(0o600)
    (tmp_path / "gone").unlink()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()

    changed = changes(before, snapshot(tmp_path))

    assert list(changed) == ["a", "folder", "gone", "link"]
    assert changed["gone"].after is None
    link, after = changed["link"].after, changed["a"].after
    assert link is not None
    assert link.content == "-> /etc/passwd"
    assert after is not None
    assert after.mode == "-rw-------"
    assert after.owner == Owner(os.geteuid(), os.getegid())


# --- docker -----------------------------------------------------------------------


def test_docker_is_told_names_and_not_values(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    environ = {"INPUT_TAG": "v1", "SECRET": "hush"}
    socket = tmp_path / "socket"
    words = arguments(Launch(folders, environ, "/x", ("a", "b")), socket)
    assert words == [
        *("--workdir", "/github/workspace", "--rm"),
        *("-e", "INPUT_TAG", "-e", "SECRET"),
        *("-e", "GITHUB_ACTIONS=true", "-e", "CI=true"),
        *("--entrypoint", "/x"),
        *("-v", f"{socket}:/var/run/docker.sock"),
        *("-v", f"{folders.temp}:/github/runner_temp"),
        *("-v", f"{folders.home}:/github/home"),
        *("-v", f"{folders.workflow}:/github/workflow"),
        *("-v", f"{folders.file_commands}:/github/file_commands"),
        *("-v", f"{folders.workspace}:/github/workspace"),
    ]
    known = arguments(Launch(folders, {"CI": "1"}))
    assert "CI=true" not in known


def test_the_engine_gets_the_values_and_its_own_environment(tmp_path: Path) -> None:
    """What would steer the engine itself goes by its arguments, and by no others."""
    folders = Folders(tmp_path)
    folders.make()
    shown = "import os, sys; print(sys.argv[1:]); print(os.environ.get('SECRET')); "
    shown += "print(os.environ['PATH'])"
    engine = (sys.executable, "-c", shown)
    run = Container(engine, "image", {"PATH": "/own"})
    ended = run(Launch(folders, {"PATH": "/leak", "SECRET": "hush"}, args=("z",)))
    argv, secret, path = ended.out.splitlines()
    assert "'-e', 'PATH=/leak', '-e', 'SECRET', " in argv
    assert argv.endswith("'image', 'z']")
    assert (secret, path) == ("hush", "/own")


# --- a job ------------------------------------------------------------------------


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin" / "demo")
    made.tag("v1.0")
    return made


_PLAIN = "inputs: {name: {default: x}}\n" + _DOCKER
Play = Callable[[str], Step]


@pytest.fixture(name="play")
def _play(tmp_path: Path, repository: Repository) -> Play:
    """Run a program in place of the action, in a job whose steps follow each other."""
    folders = Folders(tmp_path / "runner")
    folders.make()
    run = repository.push("refs/tags/v1.0")
    job = Job(folders, Facts(run.environ))
    action = _action(tmp_path, _PLAIN)

    def play(script: str) -> Step:
        program = (sys.executable, "-c", f"import os, sys\n{script}")
        return job.act(action, {}, Process(program))

    return play


_WRITE = "open(os.environ[{!r}], 'a').write({!r})\n"


def test_files_are_read_after_a_failure_too(play: Play) -> None:
    script = _WRITE.format("GITHUB_OUTPUT", "a=1\n")
    script += _WRITE.format("GITHUB_STEP_SUMMARY", "# Bad\n")
    step = play(f"{script}print('::error::bad')\nsys.exit(3)")
    assert (step.code, step.failed) == (3, True)
    assert step.outputs == {"a": "1"}
    assert step.summary == "# Bad\n"
    assert [a.message for a in step.kept] == [
        "bad",
        "Docker run failed with exit code 3",
    ]


def test_a_wrong_file_fails_a_step_that_ended_well(play: Play) -> None:
    step = play(_WRITE.format("GITHUB_OUTPUT", "a=1\noops\n"))
    assert (step.code, step.failed) == (0, True)
    assert step.outputs == {"a": "1"}
    assert step.kept[0].message == (
        "Unable to process file command 'output' successfully."
    )


@pytest.mark.parametrize("kind", ["env", "output", "state"])
def test_each_of_the_files_has_its_form(play: Play, kind: str) -> None:
    step = play(_WRITE.format(f"GITHUB_{kind.upper()}", "oops\n"))
    assert (step.code, step.failed) == (0, True)
    assert step.kept[0].message == (
        f"Unable to process file command '{kind}' successfully."
    )


_FILES = sorted(KINDS)


@pytest.mark.parametrize("variable", _FILES)
def test_a_file_that_the_step_removed_says_nothing(play: Play, variable: str) -> None:
    step = play(f"os.unlink(os.environ[{variable!r}])")
    assert (step.failed, step.outputs, step.summary) == (False, {}, "")


@pytest.mark.parametrize("variable", _FILES)
def test_a_folder_in_the_place_of_a_file_is_not_read(play: Play, variable: str) -> None:
    path = f"os.environ[{variable!r}]"
    step = play(f"os.unlink({path})\nos.mkdir({path})")
    is_of_pairs = variable in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STATE")
    assert step.failed == is_of_pairs


def test_the_file_wins_over_the_log(play: Play) -> None:
    script = _WRITE.format("GITHUB_OUTPUT", "a=file\n")
    step = play(script + "print('::set-output name=a::log')")
    assert step.outputs == {"a": "file"}


def test_a_summary_that_is_too_large_fails_nothing(play: Play) -> None:
    large = "open(os.environ['GITHUB_STEP_SUMMARY'], 'a').write('x' * 1100000)"
    step = play(large)
    assert (step.failed, step.summary) == (False, "")
    assert "upload aborted" in step.kept[0].message


def test_what_a_step_sets_is_there_for_the_next_one(play: Play) -> None:
    play(_WRITE.format("GITHUB_ENV", "LATER=1\n") + "print('::add-mask::hush')")
    step = play("print(os.environ['LATER'], 'hush')\nopen('made', 'w')")
    assert step.log.text == "1 ***\n"
    assert list(step.changed) == ["made"]


def test_a_summary_is_masked_line_by_line(play: Play) -> None:
    script = "print('::add-mask::hush')\n"
    step = play(script + _WRITE.format("GITHUB_STEP_SUMMARY", "a hush\nb\n"))
    assert step.summary == "a ***\nb\n"


def test_bytes_that_are_no_utf_8_are_replaced(play: Play) -> None:
    step = play("sys.stdout.buffer.write(b'a\\xff\\n')")
    assert step.log.text == "a\ufffd\n"


# --- events -----------------------------------------------------------------------


def test_events_say_the_same_in_the_environment_and_in_the_payload(
    repository: Repository,
) -> None:
    repository.tag("v1.1", annotated=True)
    head = repository.head("HEAD")

    pushed = repository.push("refs/tags/v1.1")
    assert pushed.environ["GITHUB_SHA"] == head
    # Of an annotated tag this is the tag object.
    assert pushed.payload["after"] != head

    edited = events.release(repository, "v1.0", action="edited", prerelease=True)
    assert edited.payload["release"]["prerelease"] is True
    assert edited.payload["release"]["target_commitish"] == "main"
    assert edited.environ["GITHUB_REF"] == "refs/tags/v1.0"

    gone = events.deleted_tag(repository, "v1.0")
    assert gone.payload["deleted"] is True
    assert gone.payload["after"] == "0" * 40

    other = events.rewritten(pushed, {"GITHUB_REF": "x"}, ref="x")
    assert other.payload["ref"] == other.environ["GITHUB_REF"] == "x"
    assert pushed.payload["ref"] == "refs/tags/v1.1"


# --- expressions ------------------------------------------------------------------

_CONTEXT = Context(
    {
        "github": {"ref": "refs/tags/v1", "event": {"inputs": {"x": "1"}}},
        "steps": {"a-b": {"outputs": {"to-upload": "x\ny", "n": "3"}}},
        "matrix": {"os": ["a", "B"]},
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ${{ github.ref }} b", "a refs/tags/v1 b"),
        ("${{ GitHub.Event.Inputs['x'] }}", "1"),
        ("${{ steps.a-b.outputs.to-upload }}", "x\ny"),
        ("${{ steps.none.outputs.x }}", ""),
        ("${{ 'it''s }}' }}", "it's }}"),
        ("${{ github.ref == 'REFS/TAGS/V1' }}", "true"),
        ("${{ steps.a-b.outputs.n > 2 && 'more' || 'less' }}", "more"),
        ("${{ startsWith(github.ref, 'refs/TAGS/') }}", "true"),
        ("${{ contains(matrix.os, 'b') }}", "true"),
        ("${{ contains('abc', 'B') }}", "true"),
        ("${{ endsWith(github.ref, 'v2') }}", "false"),
        ("${{ format('{0}-{1}', 'a', 1) }}", "a-1"),
        ("${{ join(matrix.os, '+') }}", "a+B"),
        ("${{ fromJSON('[1, 2]')[1] }}", "2"),
        ("${{ !github.nothing }}", "true"),
        ("${{ null == 0 }}", "true"),
        ("${{ '' == 0 }}", "true"),
        ("${{ github.event }}", "Object"),
        ("no expression $x {{ y }}", "no expression $x {{ y }}"),
    ],
)
def test_expressions_are_filled_in(text: str, expected: str) -> None:
    assert filled(text, _CONTEXT) == expected


@pytest.mark.parametrize(
    "text",
    [
        "${{ nothing.x }}",
        "${{ hashFiles('x') }}",
        "${{ github.* }}",
        "${{ 1 + 1 }}",
        "${{ (1 }}",
        "${{ }}",
        "${{ 'a' 'b' }}",
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        filled(text, _CONTEXT)


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    named(
        ("nothing said, and all went well", "", {}, True),
        ("nothing said after a failure", "", {"failed": True}, False),
        ("a condition is of a success too", "true", {"failed": True}, False),
        ("unless it asks for the state", "true && failure()", {"failed": True}, True),
        ("always", "always()", {"failed": True}, True),
        ("failure without one", "failure()", {}, False),
        ("not cancelled", "!cancelled()", {"failed": True}, True),
        ("with its marks", "${{ success() }}", {}, True),
        ("a job that it needs was skipped", "", {"skipped": True}, False),
        ("that is no failure", "failure()", {"skipped": True}, False),
        ("an empty text is false", "github.nothing", {}, False),
    ),
)
def test_a_condition_holds(text: str, state: Any, expected: bool) -> None:  # noqa: ANN401
    assert condition(text, Context(_CONTEXT.names, **state)) is expected


def test_a_condition_that_is_always_true_by_mistake_is_refused() -> None:
    with pytest.raises(ExpressionError):
        condition("${{ github.ref }} == 'x'", _CONTEXT)

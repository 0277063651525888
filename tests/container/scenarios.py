"""What the action is put through in its image: a table whose ids are sentences.

Each row says what must come of it; ``play`` sets the stage and runs the step. What must
hold for every row, whatever it is about, stands in ``test_scenarios.py``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sound
from container.stage import RUNNER, TAG, Stage
from runner import events
from runner.environment import LEAKS
from runner.folders import Owner
from runner.job import Step
from servers import Reply, Wire, closed_port, redirect

__all__ = ["SCENARIOS", "Expected", "Scenario"]

Play = Callable[[Stage], Step]


@dataclass(frozen=True)
class Expected:
    """What must come of a step: the output ``verdict`` (empty: no outputs at all), the
    exit code, rules with an error, and words of the log.
    """

    verdict: str
    code: int
    rules: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A row: a sentence, what it is about, what must come of it."""

    group: str
    sentence: str
    expected: Expected
    play: Play
    owner: Owner = RUNNER


PASS = Expected("pass", 0)
SCENARIOS: list[Scenario] = []


def blocked(*rules: str) -> Expected:
    """Refused, by these rules."""
    return Expected("fail", 1, rules)


def undecided(*says: str) -> Expected:
    """No verdict, for this reason."""
    return Expected("undecided", 3, says=says)


def add(group: str, sentence: str, expected: Expected, play: Play) -> None:
    """A row."""
    SCENARIOS.append(Scenario(group, sentence, expected, play))


def row(
    group: str, sentence: str, expected: Expected, owner: Owner = RUNNER
) -> Callable[[Play], Play]:
    """A row that plays the function below."""

    def note(play: Play) -> Play:
        SCENARIOS.append(Scenario(group, sentence, expected, play, owner))
        return play

    return note


# --- events -----------------------------------------------------------------------

EVENTS = "Events"


@row(EVENTS, "the push of a lightweight tag passes", PASS)
def _(stage: Stage) -> Step:
    stage.origin.tag("1.0")
    stage.renew()
    return stage.check(stage.origin.push("refs/tags/1.0"))


@row(EVENTS, "the push of an annotated tag passes", PASS)
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.push(f"refs/tags/{TAG}"))


@row(EVENTS, "the push of a branch whose head is tagged passes", PASS)
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.push("refs/heads/main"))


@row(
    EVENTS, "the push of a branch that nobody tagged is refused", blocked("tag-missing")
)
def _(stage: Stage) -> Step:
    stage.origin.commit("More")
    stage.renew()
    return stage.check(stage.origin.push("refs/heads/main"))


@row(EVENTS, "a branch that is called like a tag is no tag", blocked("tag-missing"))
def _(stage: Stage) -> Step:
    stage.origin.git("checkout", "--quiet", "-b", "v1.0")
    stage.origin.commit("More")
    stage.origin.git("tag", "--delete", TAG)
    stage.renew()
    return stage.check(stage.origin.push("refs/heads/v1.0"))


@row(EVENTS, "the end of a tag is refused", blocked("trigger-refused"))
def _(stage: Stage) -> Step:
    return stage.check(events.deleted_tag(stage.origin, TAG))


@row(
    EVENTS,
    "the push of a tag of another version is refused",
    blocked("tag-version-mismatch"),
)
def _(stage: Stage) -> Step:
    stage.origin.tag("v1.1")
    stage.renew()
    return stage.check(stage.origin.push("refs/tags/v1.1"))


def _release(**said: object) -> Play:
    return lambda stage: stage.check(events.release(stage.origin, TAG, **said))


for _action in ("published", "released"):
    add(EVENTS, f"a release that is {_action} passes", PASS, _release(action=_action))
add(
    EVENTS,
    "a release that is marked as a pre-release passes with a warning",
    Expected("pass", 0, says=("prerelease",)),
    _release(action="prereleased", prerelease=True),
)
add(
    EVENTS,
    "a release that is only edited is refused",
    blocked("trigger-refused"),
    _release(action="edited"),
)
add(
    EVENTS,
    "a release that is deleted is refused",
    blocked("trigger-refused"),
    _release(action="deleted"),
)
add(
    EVENTS,
    "a release that is a draft is refused",
    blocked("trigger-refused"),
    _release(action="created", draft=True),
)


@row(EVENTS, "a run by hand on the tag passes", PASS)
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.dispatch(f"refs/tags/{TAG}"))


@row(EVENTS, "a run by hand on a branch at the tag passes", PASS)
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.dispatch("refs/heads/main"))


@row(
    EVENTS,
    "a run by hand on a branch that nobody tagged is refused",
    blocked("tag-missing"),
)
def _(stage: Stage) -> Step:
    stage.origin.commit("More")
    stage.renew()
    return stage.check(stage.origin.dispatch("refs/heads/main"))


def _after_run(**said: str) -> Play:
    def play(stage: Stage) -> Step:
        sha = said.get("head_sha", stage.origin.head("HEAD"))
        rest = {name: text for name, text in said.items() if name != "head_sha"}
        return stage.check(stage.origin.workflow_run(TAG, sha, **rest))

    return play


add(EVENTS, "a run after a good run at the tag passes", PASS, _after_run())
add(
    EVENTS,
    "a run after a run of a fork is refused",
    blocked("trigger-refused"),
    _after_run(head_repository="stranger/demo"),
)
add(
    EVENTS,
    "a run after a run that failed is refused",
    blocked("trigger-refused"),
    _after_run(conclusion="failure"),
)
add(
    EVENTS,
    "a run after a run at a commit that the checkout lacks is not decided",
    undecided("fetch-depth: 0"),
    _after_run(head_sha="1" * 40),
)


@row(EVENTS, "a run by the clock is refused", blocked("trigger-refused"))
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.schedule())


@row(EVENTS, "a pull request is refused", blocked("trigger-refused"))
def _(stage: Stage) -> Step:
    return stage.check(stage.origin.pull_request())


# --- the event's file -------------------------------------------------------------

FILE = "The event's file"


def _event_file(make: Callable[[Path], object]) -> Play:
    def play(stage: Stage) -> Step:
        stage.own_event = True
        make(stage.folders.event)
        return stage.check()

    return play


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(40 << 20)


for _what, _make, _said in (
    ("is missing", lambda _: None, "is not there"),
    ("is empty", Path.touch, "is no JSON"),
    ("is no JSON", lambda path: path.write_text("::error::x"), "is no JSON"),
    ("is a folder", Path.mkdir, "is a folder"),
    ("is a pipe that nobody writes to", os.mkfifo, "is no regular file"),
    ("is larger than GitHub makes one", _huge, "is larger than"),
    ("is nested without end", lambda p: p.write_text("[" * 200_000), "is no JSON"),
):
    add(
        FILE,
        f"an event whose file {_what} is not decided",
        undecided(_said),
        _event_file(_make),
    )


@row(
    FILE, "an event of another repository is not decided", undecided("the event is of")
)
def _(stage: Stage) -> Step:
    run = stage.origin.push(f"refs/tags/{TAG}")
    other = {"full_name": "stranger/demo"}
    return stage.check(events.rewritten(run, {}, repository=other))


@row(FILE, "an event of another ref is not decided", undecided("the event names"))
def _(stage: Stage) -> Step:
    run = stage.origin.push(f"refs/tags/{TAG}")
    return stage.check(events.rewritten(run, {}, ref="refs/tags/v2.0"))


# --- what leaks in from the job ---------------------------------------------------

LEAKED = "Leaked environment"
#: Modules that an import would take from the workspace.
_HOSTILE_MODULES = (
    "sitecustomize",
    "usercustomize",
    "json",
    "requests",
    "yaml",
    "encodings",
)
_OWNED = "import pathlib\npathlib.Path('/github/workspace/owned').touch()\n"


def _hostile_modules(stage: Stage) -> None:
    for name in _HOSTILE_MODULES:
        stage.write(f"{name}.py", _OWNED)
    for name in ("release_guard", "packaging"):
        stage.write(f"{name}/__init__.py", _OWNED)
    stage.write("release_guard/action.py", _OWNED)
    stage.write("release_guard/start.py", _OWNED)
    stage.write("pyvenv.cfg", "home = /github/workspace\n")
    stage.write(".pypirc", "[distutils]\nindex-servers = x\n")


def _leaking(*names: str) -> Play:
    def play(stage: Stage) -> Step:
        _hostile_modules(stage)
        for name in names:
            stage.environ |= {
                variable: value.replace("{workspace}", str(stage.workspace))
                for variable, value in LEAKS[name].items()
            }
        return stage.check()

    return play


for _name in LEAKS:
    add(
        LEAKED,
        f"nothing is changed by {_name} of an earlier step",
        PASS,
        _leaking(_name),
    )
add(LEAKED, "nothing is changed by all of them together", PASS, _leaking(*LEAKS))


@row(
    LEAKED,
    "a CA bundle of the host that the container lacks is told",
    undecided("REQUESTS_CA_BUNDLE"),
)
def _(stage: Stage) -> Step:
    stage.environ["REQUESTS_CA_BUNDLE"] = "/etc/ssl/certs/company.pem"
    return stage.check()


@row(
    LEAKED,
    "SSL_CERT_FILE that the container lacks is told",
    undecided("SSL_CERT_FILE"),
)
def _(stage: Stage) -> Step:
    stage.environ["SSL_CERT_FILE"] = "/etc/ssl/certs/company.pem"
    return stage.check()


@row(LEAKED, "a CA bundle in the workspace is found where it is mounted", PASS)
def _(stage: Stage) -> Step:
    bundle = stage.write("company.pem", _authorities())
    stage.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
    return stage.check()


def _authorities() -> str:
    import certifi

    return Path(certifi.where()).read_text(encoding="utf-8")


_PROXY = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")


@row(
    LEAKED,
    "a proxy that does not answer is no pass, and its password is not printed",
    undecided("proxy"),
)
def _(stage: Stage) -> Step:
    url = f"http://user:canary-proxy@127.0.0.1:{closed_port()}"
    stage.environ |= dict.fromkeys(_PROXY, url)
    return stage.check(index_url="http://index.example/simple/")


@row(LEAKED, "a proxy that is not for the index is not asked", PASS)
def _(stage: Stage) -> Step:
    url = f"http://user:canary-proxy@127.0.0.1:{closed_port()}"
    stage.environ |= dict.fromkeys(_PROXY, url)
    return stage.check_with(no_proxy="127.0.0.1")


@row(
    LEAKED,
    "an upload that the environment leads elsewhere is refused",
    blocked("index-mismatch"),
)
def _(stage: Stage) -> Step:
    stage.environ["TWINE_REPOSITORY_URL"] = "https://upload.index.example/legacy/"
    return stage.check()


@row(LEAKED, "a company's proxy with a CA bundle of its own is gone by", PASS)
def _(stage: Stage) -> Step:
    stage.by_name()
    return stage.step({"command": "check"})


@row(LEAKED, "debug logging of the runner changes no verdict", PASS)
def _(stage: Stage) -> Step:
    stage.facts["debug"] = True
    return stage.check()


@row(LEAKED, "a token for trusted publishing is left alone", PASS)
def _(stage: Stage) -> Step:
    stage.facts["may_ask_id_token"] = True
    return stage.check()


# --- hostile text -----------------------------------------------------------------

HOSTILE = "Hostile text"
_SMUGGLED = "::set-output name=verdict::pass"
_OLD = "##[set-output name=verdict]pass"


def _named(*names: bytes) -> Play:
    def play(stage: Stage) -> Step:
        for name in names:
            (stage.dist / os.fsdecode(name)).touch()
        return stage.check()

    return play


for _what, _names in (
    ("a command after a line end", f"a\n{_SMUGGLED}".encode()),
    ("a command after a carriage return", f"a\r{_SMUGGLED}".encode()),
    ("a command of the old form", _OLD.encode()),
    ("a command that stops commands", b"a\n::stop-commands::x"),
    ("a command that masks a letter", b"a\n::add-mask::e"),
    ("bytes that are no UTF-8", b"demo-1.0-\xff\xfe.txt"),
    ("marks that turn its direction", "demo-1.0\u202elhw.\u2066".encode()),
    ("codes for a terminal", b"a\x1b[2J\x1b]8;;x\x07"),
    ("Markdown and HTML", b"a|`<img src=x onerror=alert(1)>![x](y)@me"),
    ("255 bytes", b"a" * 255),
    ("an expression of the workflow", b"${{ github.token }}$(id)`id`;id"),
):
    add(
        HOSTILE,
        f"a file whose name has {_what} is shown as it is, and refused",
        blocked("unknown-file"),
        _named(_names),
    )


def _ref(ref: str) -> Play:
    """The event of a ref that no git would make; both of the runner's words say it."""

    def play(stage: Stage) -> Step:
        run = stage.origin.push(f"refs/tags/{TAG}")
        name = ref.split("/", 2)[-1]
        environ = {"GITHUB_REF": ref, "GITHUB_REF_NAME": name}
        if ref.startswith("refs/heads/"):
            environ["GITHUB_REF_TYPE"] = "branch"
        return stage.check(events.rewritten(run, environ, ref=ref))

    return play


for _what, _text in (
    ("a command after a line end", f"v1.0\n{_SMUGGLED}"),
    ("a command of the old form", f"v1.0{_OLD}"),
    ("an escaped line end", f"v1.0%0A{_SMUGGLED}"),
    ("marks that turn its direction", "v\u202e1.0"),
):
    add(
        HOSTILE,
        f"a tag whose name has {_what} is shown as it is, and refused",
        blocked("tag-unrecognized"),
        _ref(f"refs/tags/{_text}"),
    )
add(
    HOSTILE,
    "a branch whose name has commands says nothing to the runner",
    PASS,
    _ref(f"refs/heads/main\n{_SMUGGLED}{_OLD}"),
)


@row(
    HOSTILE,
    "commands in the description say nothing to the runner",
    blocked("description-refused"),
)
def _(stage: Stage) -> Step:
    text = f"Description-Content-Type: text/x-rst\n\n{_SMUGGLED}\n{_OLD}\n`x <y\n"
    sound.wheel(stage.dist, description=text)
    return stage.check()


@row(
    HOSTILE,
    "commands in the metadata say nothing to the runner",
    blocked("classifier-refused", "metadata-invalid"),
)
def _(stage: Stage) -> Step:
    hostile = f"Classifier: {_OLD}\nKeywords: {_SMUGGLED}\nLicense: {_OLD}\n"
    hostile += f"Requires-Dist: {_OLD}\nHome-page: javascript:{_OLD}\n"
    sound.wheel(stage.dist, description=f"{hostile}\nA demonstration.\n")
    return stage.check()


@row(
    HOSTILE,
    "commands in the names that an index lists say nothing to the runner",
    Expected("pass", 0),
)
def _(stage: Stage) -> Step:
    old = sound.sdist(stage.write("old/x", "").parent, "0.9")
    stage.lists(
        old,
        sound.indexed(old, filename=f"demo-0.8.tar.gz\n{_SMUGGLED}"),
        sound.indexed(old, filename=f"demo-0.7{_OLD}.tar.gz", yanked=_OLD),
    )
    return stage.check()


@row(
    HOSTILE,
    "a project's status that holds commands says nothing to the runner",
    Expected("fail", 1, ("project-status",)),
)
def _(stage: Stage) -> Step:
    status = {"status": "quarantined", "reason": f"x\n{_SMUGGLED}{_OLD}"}
    stage.lists(**{"project-status": status})
    return stage.check()


@row(
    HOSTILE,
    "an answer of the index that is commands is not decided",
    undecided("/simple/demo/"),
)
def _(stage: Stage) -> Step:
    stage.answers(f"{_SMUGGLED}\n{_OLD}\n".encode())
    return stage.check()


@row(
    HOSTILE,
    "a redirect of the index to commands is not decided",
    undecided("redirect"),
)
def _(stage: Stage) -> Step:
    where = f"https://other.example/{_OLD}?{_SMUGGLED}"
    stage.index.on("/simple/demo/", redirect(where.replace(" ", "%20")))
    return stage.check()


def _policy(text: str) -> Play:
    def play(stage: Stage) -> Step:
        stage.write(".github/release-guard.yml", text)
        return stage.check()

    return play


add(
    HOSTILE,
    "commands in a policy that is wrong say nothing to the runner",
    Expected("undecided", 2, says=("release-guard.yml",)),
    _policy(f'"{_OLD}": "x\\n{_SMUGGLED}"\n'),
)
add(
    HOSTILE,
    "commands in a policy's reason say nothing to the runner",
    PASS,
    _policy(
        "waivers:\n- rule: project-new\n  match: '*'\n"
        f'  reason: "x\\n{_SMUGGLED}\\r{_OLD}"\n'
    ),
)
add(
    HOSTILE,
    "a policy of folded references is refused",
    Expected("undecided", 2, says=("an alias (*name) is not read here",)),
    _policy("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
)
add(
    HOSTILE,
    "an input that holds commands says nothing to the runner",
    Expected("undecided", 2, says=("expected check or verify or audit",)),
    lambda stage: stage.step({"command": f"x\n{_SMUGGLED}\r{_OLD}"}),
)


@row(
    HOSTILE,
    "a manifest that holds commands says nothing to the runner",
    undecided("release-manifest.json"),
)
def _(stage: Stage) -> Step:
    assert stage.check().code == 0
    path = stage.workspace / "release-manifest.json"
    manifest = json.loads(path.read_bytes())
    for subject in manifest["subject"]:
        subject["name"] = f"x\n{_SMUGGLED}{_OLD}"
    path.write_text(json.dumps(manifest))
    return stage.verify(timeout="0")


@row(HOSTILE, "a repository that starts programs is only read", PASS)
def _(stage: Stage) -> Step:
    owned = "touch /github/workspace/owned"
    git = ["config", "--file", str(stage.workspace / ".git" / "config")]
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"):
        stage.origin.git(*git, key, owned)
    stage.origin.git(*git, "alias.rev-parse", f"!{owned}")
    stage.origin.git(*git, "filter.x.clean", owned)
    stage.write(".gitattributes", "* filter=x\n")
    for hook in (stage.workspace / ".git" / "hooks").iterdir():
        hook.unlink()
    for name in ("post-index-change", "reference-transaction", "post-checkout"):
        hook = stage.write(f".git/hooks/{name}", f"#!/bin/sh\n{owned}\n")
        hook.chmod(0o755)
    return stage.check()


# --- owners, links and places -----------------------------------------------------

PLACES = "Owners, links and places"


@row(
    PLACES,
    "a workspace of another group is written to as that group",
    PASS,
    Owner(1001, 121),
)
def _(stage: Stage) -> Step:
    return stage.check()


@row(
    PLACES,
    "a workspace of another user is written to as that user",
    PASS,
    Owner(501, 20),
)
def _(stage: Stage) -> Step:
    return stage.check()


@row(PLACES, "a workspace of root is written to as root", PASS, Owner(0, 0))
def _(stage: Stage) -> Step:
    return stage.check()


@row(
    PLACES,
    "an engine that lets nobody become another user goes on, and it is said",
    Expected("pass", 0, says=("root could not be given up",)),
)
def _(stage: Stage) -> Step:
    stage.container = {"options": (*stage.engine.options, *_NO_OTHER_USER)}
    stage.writer = Owner(0, 0)
    return stage.check()


@row(PLACES, "an engine that starts it as the workspace's owner passes", PASS)
def _(stage: Stage) -> Step:
    stage.container = {"options": (*stage.engine.options, "--user", "1001:1001")}
    return stage.check()


@row(
    PLACES,
    "an engine that starts it as a stranger, who may not write, is not decided",
    Expected("", 3, says=("Permission denied",)),
)
def _(stage: Stage) -> Step:
    stage.container = {"options": (*stage.engine.options, "--user", "12345:12345")}
    return stage.check()


_NO_OTHER_USER = ("--cap-drop", "SETUID", "--cap-drop", "SETGID")


@row(
    PLACES,
    "a read-only workspace is not decided",
    Expected("", 3, says=("Read-only file system",)),
)
def _(stage: Stage) -> Step:
    stage.container = {"read_only": True}
    return stage.check()


@row(
    PLACES,
    "an output file that cannot be written is not decided",
    Expected("", 3, says=("Permission denied",)),
)
def _(stage: Stage) -> Step:
    make = stage.folders.files

    def made(kinds: Mapping[str, str]) -> dict[str, Path]:
        files = make(kinds)
        os.chown(files["GITHUB_OUTPUT"], 0, 0)
        stage.roots.add(files["GITHUB_OUTPUT"].name)
        return files

    stage.files_by(made)
    return stage.check()


@row(PLACES, "without an output file the exit code tells", Expected("", 0))
def _(stage: Stage) -> Step:
    stage.withheld = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    return stage.check()


@row(
    PLACES,
    "what only root may read is not read",
    undecided("Permission denied"),
)
def _(stage: Stage) -> Step:
    stage.folders.give(stage.workspace)
    stage.own_owners = True
    secret = stage.dist / "demo-1.0.tar.gz"
    os.chown(secret, 0, 0)
    secret.chmod(0o600)
    stage.roots.add(secret.name)
    return stage.check()


def _link(name: str, target: str) -> Play:
    """A link in the checkout to a file beside it that must stay as it is."""

    def play(stage: Stage) -> Step:
        (stage.workspace / name).symlink_to(target)
        stage.write("precious", "precious\n")
        return stage.check()

    return play


for _report in (
    *("release-guard-report.json", "release-guard-report.html"),
    "release-manifest.json",
):
    for _where, _target in (
        ("the home folder", "/github/home/.profile"),
        ("the standard output", "/dev/stdout"),
        ("nowhere", "nowhere/at/all"),
    ):
        add(
            PLACES,
            f"a link from {_report} to {_where} is replaced, not followed",
            PASS,
            _link(_report, _target),
        )
for _report in ("release-guard-report.json", "release-guard-report.html"):
    add(
        PLACES,
        f"a link from {_report} to a file of the workspace is replaced, not followed",
        PASS,
        _link(_report, "precious"),
    )
add(
    PLACES,
    "a link from the manifest to a foreign file is refused",
    Expected("undecided", 2, says=("is no manifest of release-guard",)),
    _link("release-manifest.json", "precious"),
)
add(
    PLACES,
    "a link from the report to root's files is replaced, not followed",
    PASS,
    _link("release-guard-report.json", "/opt/release-guard/bin/python"),
)


@row(
    PLACES,
    "a folder in the place of the report is not decided",
    Expected("", 3, says=("Is a directory",)),
)
def _(stage: Stage) -> Step:
    (stage.workspace / "release-guard-report.json").mkdir()
    return stage.check()


@row(
    PLACES,
    "a foreign file in the place of the manifest is left alone",
    Expected("undecided", 2, says=("is no manifest of release-guard",)),
)
def _(stage: Stage) -> Step:
    stage.write("release-manifest.json", "{}\n")
    return stage.check()


@row(
    PLACES,
    "a pipe in the place of the manifest is no pass",
    undecided("release-manifest.json: No such device"),
)
def _(stage: Stage) -> Step:
    os.mkfifo(stage.workspace / "release-manifest.json")
    return stage.check()


@row(PLACES, "dist that is a link out of the workspace is read as the user may", PASS)
def _(stage: Stage) -> Step:
    outside = stage.folders.temp / "built"
    stage.dist.rename(outside)
    stage.folders.give(outside)
    stage.dist.symlink_to("/github/runner_temp/built")
    return stage.check()


@row(
    PLACES,
    "dist that is a link to the container's own files is refused",
    blocked("unknown-file"),
)
def _(stage: Stage) -> Step:
    for path in stage.dist.iterdir():
        path.unlink()
    stage.dist.rmdir()
    stage.dist.symlink_to("/etc")
    return stage.check()


@row(PLACES, "a path with spaces is a path", PASS)
def _(stage: Stage) -> Step:
    stage.dist.rename(stage.workspace / "my dist")
    return stage.check(dist="my dist", manifest="my manifest.json")


@row(PLACES, "a path of the host in an input is translated", PASS)
def _(stage: Stage) -> Step:
    return stage.check(dist=f"{stage.workspace}/dist")


# --- how it is started ------------------------------------------------------------

STARTED = "Started, stopped and started again"


@row(
    STARTED,
    "with: args is refused",
    Expected("", 2, says=("the action takes no arguments",)),
)
def _(stage: Stage) -> Step:
    return stage.check(args="check --offline")


@row(
    STARTED,
    "with: entrypoint takes the place of the action, and no output says pass",
    Expected("", 0),
)
def _(stage: Stage) -> Step:
    return stage.check(entrypoint="/bin/true")


@row(
    STARTED,
    "an input that there is not is refused",
    Expected("undecided", 2, says=("there is no input",)),
)
def _(stage: Stage) -> Step:
    return stage.check(indxe="pypi")


@row(STARTED, "inputs do not mind their case", PASS)
def _(stage: Stage) -> Step:
    return stage.step(
        {n.upper(): v for n, v in {"command": "check", **stage.here}.items()}
    )


@row(
    STARTED,
    "no distributions are no pass",
    undecided("dist"),
)
def _(stage: Stage) -> Step:
    for path in stage.dist.iterdir():
        path.unlink()
    return stage.check()


add(
    STARTED,
    "a folder that there is not is no pass",
    undecided("no such file or folder"),
    lambda stage: stage.check(dist="nowhere"),
)
add(
    STARTED,
    "a switch that is neither true nor false is refused",
    Expected("undecided", 2, says=("expected true or false",)),
    lambda stage: stage.check(offline="yes"),
)


@row(
    STARTED,
    "verify without a manifest is not decided",
    undecided("release-manifest.json: is not there"),
)
def _(stage: Stage) -> Step:
    return stage.verify(timeout="0")


@row(STARTED, "without a network it is not decided", undecided("/simple/demo/"))
def _(stage: Stage) -> Step:
    stage.container = {"network": "none"}
    return stage.check()


@row(STARTED, "without a network and offline it is decided", PASS)
def _(stage: Stage) -> Step:
    stage.container = {"network": "none"}
    return stage.step({"command": "check", "offline": "true"})


def _stopped(*signals: signal.Signals) -> Play:
    """Ended as the runner ends a step, while the index does not answer."""

    def play(stage: Stage) -> Step:
        began: list[float] = []

        def end(process: subprocess.Popen[bytes], _: str) -> None:
            began.append(time.monotonic())
            for each in signals:
                os.kill(process.pid, each)

        stage.when_asked(end)
        step = stage.check()
        # What the runner waits for before it leaves the container behind.
        assert time.monotonic() - began[0] < 8
        return step

    return play


STOPPED = Expected("", 3, says=("interrupted: there is no verdict",))
add(STARTED, "SIGINT ends it without a verdict", STOPPED, _stopped(signal.SIGINT))
add(STARTED, "SIGTERM ends it without a verdict", STOPPED, _stopped(signal.SIGTERM))


@row(STARTED, "a verify that waits is ended without a verdict", STOPPED)
def _(stage: Stage) -> Step:
    assert stage.check().code == 0

    def answer(wire: Wire) -> None:
        body = sound.listing().body
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {sound.JSON}\r\n"
        wire.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def end(process: subprocess.Popen[bytes], _: str) -> None:
        while len(stage.index.seen) < 3 and process.poll() is None:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)

    stage.index.on("/simple/demo/", answer)
    stage.container = {"watch": end}
    return stage.verify(timeout="600")


@row(STARTED, "root is given up before the index is asked", STOPPED)
def _(stage: Stage) -> Step:
    said: dict[str, list[str]] = {}

    def look(process: subprocess.Popen[bytes], name: str) -> None:
        pid = stage.engine.ask("inspect", "--format", "{{.State.Pid}}", name)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            key, _, values = line.partition(":")
            said[key] = values.split()
        os.kill(process.pid, signal.SIGTERM)

    stage.when_asked(look)
    step = stage.check()
    assert said["Uid"] == ["1001"] * 4
    assert said["Gid"] == ["1001"] * 4
    assert said["Groups"] == []
    for capabilities in ("CapEff", "CapPrm", "CapAmb"):
        assert int(said[capabilities][0], 16) == 0, capabilities
    return step


_PROBE = """\
import errno, os, socket, sys
from release_guard import start
assert start.drop_root(os.environ)
there = socket.socket(socket.AF_UNIX).connect_ex("/var/run/docker.sock")
sys.exit(there != errno.EACCES)
"""


@row(
    STARTED,
    "a workspace whose group is docker's is left without that group",
    PASS,
    Owner(1001, 121),
)
def _(stage: Stage) -> Step:
    os.chown(stage.socket.path, 0, 121)
    stage.write("probe.py", _PROBE)
    python = "/opt/release-guard/bin/python"
    assert stage.check(entrypoint=python, args="-I probe.py").code == 0
    stage.writer = Owner(1001, 1001)
    return stage.check()


@row(STARTED, "a check and then a verification in one job pass", PASS)
def _(stage: Stage) -> Step:
    assert stage.check().outputs["verdict"] == "pass"
    stage.lists(*sorted(stage.dist.iterdir()))
    return stage.verify(timeout="0")


@row(STARTED, "a second check in one job passes, and lists nothing to upload", PASS)
def _(stage: Stage) -> Step:
    assert stage.check().outputs["to-upload"].count("demo-1.0") == 2
    stage.lists(*sorted(stage.dist.iterdir()))
    step = stage.check()
    assert step.outputs["to-upload"] == ""
    return step


@row(STARTED, "the same files are the ones that were checked", PASS)
def _(stage: Stage) -> Step:
    assert stage.check().code == 0
    stage.by_name()
    return stage.step({"command": "check", "against": "release-manifest.json"})


@row(
    STARTED,
    "a file that changed after the check is refused",
    blocked("set-changed"),
)
def _(stage: Stage) -> Step:
    assert stage.check().code == 0
    with (stage.dist / "demo-1.0.tar.gz").open("ab") as file:
        file.write(b"\0")
    stage.by_name()
    return stage.step({"command": "check", "against": "release-manifest.json"})


@row(STARTED, "a part and its join pass", PASS)
def _(stage: Stage) -> Step:
    part = stage.check(part="true", manifest="part-all.json")
    assert part.code == 0, part.out
    return stage.check(dist="part-all.json")


@row(STARTED, "an audit of versions that all come from tags passes", PASS)
def _(stage: Stage) -> Step:
    stage.lists(*sorted(stage.dist.iterdir()))
    return stage.step({"command": "audit", "project": "demo", **stage.here})


@row(
    STARTED,
    "an audit finds the version that comes from no tag",
    blocked("release-untagged"),
)
def _(stage: Stage) -> Step:
    wheel, sdist = sorted(stage.dist.iterdir())
    stage.lists(wheel, sdist, sound.indexed(sdist, filename="demo-1.1.dev1.tar.gz"))
    return stage.step({"command": "audit", "project": "demo", **stage.here})


# --- an index that lies -----------------------------------------------------------

INDEX = "An index that lies, and large releases"


@row(
    INDEX,
    "a file that the index has with other bytes is refused",
    blocked("published-altered"),
)
def _(stage: Stage) -> Step:
    assert stage.check().code == 0
    wheel, sdist = sorted(stage.dist.iterdir())
    altered = sound.indexed(sdist, hashes={"sha256": "0" * 64})
    stage.lists(wheel, altered)
    return stage.verify(timeout="60")


@row(
    INDEX,
    "an index that is asked of one project and answers of another is not decided",
    undecided("/simple/demo/"),
)
def _(stage: Stage) -> Step:
    stage.lists(name="other")
    return stage.check()


@row(INDEX, "an index that is broken is not decided", undecided("503"))
def _(stage: Stage) -> Step:
    stage.index.on("/simple/demo/", Reply(b"busy", 503, {"Retry-After": "90000"}))
    return stage.check()


@row(INDEX, "an index that forgets a file is no pass", blocked("published-missing"))
def _(stage: Stage) -> Step:
    assert stage.check().code == 0
    stage.lists(min(stage.dist.iterdir()))
    return stage.verify(timeout="0")


def _wheels(stage: Stage, number: int) -> list[Path]:
    tags = (
        f"cp3{minor}-cp3{minor}-{platform}"
        for platform in ("win_amd64", "macosx_11_0_arm64", "manylinux_2_28_x86_64")
        for minor in range(1, 99)
    )
    return [sound.wheel(stage.dist, tag=next(tags)) for _ in range(number)]


@row(
    INDEX,
    "forty wheels that the index has otherwise are told within the runner's limits",
    blocked("file-exists"),
)
def _(stage: Stage) -> Step:
    wheels = _wheels(stage, 40)
    listed = [sound.indexed(path, hashes={"sha256": "0" * 64}) for path in wheels]
    stage.lists(*listed)
    return stage.check()


@row(
    INDEX,
    "three thousand findings stay below the summary's size",
    blocked("unknown-file"),
)
def _(stage: Stage) -> Step:
    for number in range(3000):
        (stage.dist / f"{number:04}-{'x' * 200}.txt").touch()
    step = stage.check()
    report = json.loads((stage.workspace / "release-guard-report.json").read_bytes())
    assert len(report["findings"]) >= 3000
    return step

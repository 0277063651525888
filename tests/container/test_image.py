"""The action in its image, with the mounts, the environment and the owners that the
runner gives it (action contract, sections 1 and 7)."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import projects
import pytest
from forge import Repository

ROOT = Path(__file__).parents[2]
OCI = ROOT.parent / "shared" / "tools" / "oci.sh"
IMAGE = "localhost/release-guard"
#: Read here, as the tests run in a cleaned environment, and the engine has its images
#: in the home of whoever runs them.
ENVIRON = dict(os.environ)
IN_CI = ENVIRON.get("CI", "").lower() == "true"
#: The user that the runner's files belong to; the container starts as root.
OWNER = 1001
#: What a job's other steps leave in the environment of every later step.
LEAKS = {
    "PATH": "/opt/hostedtoolcache/Python/3.12.1/x64/bin",
    "LD_LIBRARY_PATH": "/opt/hostedtoolcache/Python/3.12.1/x64/lib",
    "PYTHONHOME": "/opt/hostedtoolcache/Python/3.12.1/x64",
    "PYTHONPATH": "/github/workspace",
    "pythonLocation": "/opt/hostedtoolcache/Python/3.12.1/x64",
    "PIP_INDEX_URL": "https://index.example/simple/",
    "TWINE_PASSWORD": "secret",
    "ACTIONS_RUNTIME_TOKEN": "runtime-token",
}


def _not_here(reason: str) -> NoReturn:
    """Skip on a machine that cannot; in CI an image that was not tried is a failure."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def _engine() -> list[str]:
    """The program that builds and runs images here."""
    if shutil.which("docker"):
        answers = subprocess.run(
            ["docker", "info"], env=ENVIRON, capture_output=True, check=False
        )
        if answers.returncode == 0:
            return ["docker"]
    if OCI.exists() and os.geteuid() == 0:
        return ["bash", str(OCI)]
    if shutil.which("podman"):
        return ["podman"]
    _not_here("no docker, no podman, and no oci.sh with root to stand in")


def _quiet(command: list[str]) -> None:
    done = subprocess.run(
        command, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.fixture(scope="session", name="engine")
def _built() -> list[str]:
    engine = _engine()
    if engine[0] == "bash":
        _quiet([*engine, "install"])
        _quiet([*engine, "base"])
        _quiet([*engine, "build", str(ROOT), IMAGE])
    else:
        _quiet([*engine, "build", "-t", IMAGE, str(ROOT)])
    return engine


@pytest.fixture(scope="session", name="dist")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.build(projects.BACKENDS["flit"], tmp_path_factory.mktemp("demo"))


@dataclass
class FakeIndex:
    """A Simple API index on this machine whose files a test sets."""

    url: str
    files: list[dict[str, object]] = field(default_factory=list)

    def publish(self, dist: Path, manifest: dict[str, object]) -> None:
        """List what the manifest holds, as if it had been uploaded."""
        subjects = manifest["subject"]
        assert isinstance(subjects, list)
        self.files = [
            {
                "filename": subject["name"],
                "url": f"files/{subject['name']}",
                "hashes": subject["digest"],
                "size": (dist / subject["name"]).stat().st_size,
            }
            for subject in subjects
        ]


@pytest.fixture(name="index")
def _index() -> Iterator[FakeIndex]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            meta = {"api-version": "1.1"}
            page = {"meta": meta, "name": "demo-flit", "files": index.files}
            body = json.dumps(page).encode()
            self.send_response(200)
            kind = "application/vnd.pypi.simple.v1+json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        # To close it waits for its threads, so that none leaves a socket open.
        daemon_threads = False

    with Server(("127.0.0.1", 0), Handler) as server:
        index = FakeIndex(f"http://127.0.0.1:{server.server_address[1]}/simple/")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield index
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Step:
    """What a step left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(frozen=True)
class Runner:
    """A runner's folders, and one job in them."""

    engine: list[str]
    root: Path

    @property
    def workspace(self) -> Path:
        """What the container sees as /github/workspace."""
        return self.root / "workspace"

    def prepare(self, dist: Path) -> None:
        """A checkout of a tag with distributions, all of it the runner user's."""
        for name in ("temp", "home", "workflow", "file_commands"):
            (self.root / name).mkdir()
        checkout = Repository(self.workspace)
        checkout.tag("v1.2.0", annotated=True)
        shutil.copytree(dist, self.workspace / "dist")
        for path in (self.root, *self.root.rglob("*")):
            os.chown(path, OWNER, OWNER)
        # pytest's own folders above are root's alone.
        for folder in self.root.parents[:3]:
            folder.chmod(0o755)

    def head(self) -> str:
        """The commit of the checkout."""
        said = (self.workspace / ".git" / "refs" / "heads" / "main").read_text()
        return said.strip()

    def step(
        self,
        inputs: dict[str, str],
        event: Mapping[str, object] | None = None,
        **github: str,
    ) -> Step:
        """Run the action once."""
        event = event or {"ref": github.get("GITHUB_REF", "refs/tags/v1.2.0")}
        self._own(self.root / "workflow" / "event.json", json.dumps(event))
        mark = uuid.uuid4()
        output = self._own(self.root / "file_commands" / f"set_output_{mark}", "")
        summary = self._own(self.root / "file_commands" / f"step_summary_{mark}", "")
        environ = {
            **LEAKS,
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
            "HOME": "/github/home",
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_REF": "refs/tags/v1.2.0",
            "GITHUB_REF_TYPE": "tag",
            "GITHUB_SHA": self.head(),
            "GITHUB_REPOSITORY": "org/demo",
            "GITHUB_OUTPUT": f"/github/file_commands/{output.name}",
            "GITHUB_STEP_SUMMARY": f"/github/file_commands/{summary.name}",
            "RUNNER_TEMP": "/github/runner_temp",
            **github,
        }
        done = subprocess.run(
            [*self.engine, "run", *self._arguments(environ), IMAGE],
            env=ENVIRON,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Step(
            done.returncode,
            done.stdout + done.stderr,
            _outputs(output.read_text()),
            summary.read_text(),
        )

    def _arguments(self, environ: dict[str, str]) -> list[str]:
        mounts = {
            "temp": "runner_temp",
            "home": "home",
            "workflow": "workflow",
            "file_commands": "file_commands",
            "workspace": "workspace",
        }
        arguments = ["--workdir", "/github/workspace"]
        if self.engine[0] == "bash":
            # The stand-in mounts this machine's CA bundle and names it so.
            environ.pop("REQUESTS_CA_BUNDLE", None)
        else:
            arguments += ["--rm", "--network", "host"]
        for name, value in environ.items():
            arguments += ["-e", f"{name}={value}"]
        for here, there in mounts.items():
            arguments += ["-v", f"{self.root / here}:/github/{there}"]
        return arguments

    def _own(self, path: Path, text: str) -> Path:
        path.write_text(text)
        path.chmod(0o644)
        os.chown(path, OWNER, OWNER)
        return path


def _outputs(text: str) -> dict[str, str]:
    """The output file, as the runner reads it."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        name, separator, delimiter = line.partition("<<")
        assert separator, line
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        else:
            pytest.fail(f"{name} has no end")
        outputs[name] = "\n".join(value)
    return outputs


@pytest.fixture(name="runner")
def _runner(engine: list[str], dist: Path, tmp_path: Path) -> Runner:
    if os.geteuid() != 0:
        _not_here("only root can give the workspace to another owner")
    runner = Runner(engine, tmp_path / "runner")
    runner.root.mkdir()
    runner.prepare(dist)
    return runner


_OF_SOURCES = ("source-differs", "source-untracked", "source-missing", "source-mode")
_OF_THE_LAST_RELEASE = (
    *("requires-python-dropped", "requires-python-stale", "typing-lost"),
    *("release-changes", "size-jump"),
)


def test_check_and_verify_run_as_the_runner_starts_them(
    runner: Runner, index: FakeIndex
) -> None:
    where = {"index": "pypi", "index-url": index.url}

    checked = runner.step({"command": "check", "dist": "dist", **where})

    assert checked.code == 0, checked.log
    assert checked.outputs["verdict"] == "pass"
    assert checked.outputs["project"] == "demo-flit"
    assert checked.outputs["version"] == "1.2.0"
    assert checked.outputs["manifest"] == "release-manifest.json"
    assert checked.outputs["to-upload"].splitlines() == [
        "demo_flit-1.2.0-py3-none-any.whl",
        "demo_flit-1.2.0.tar.gz",
    ]
    assert "passed" in checked.summary
    report = json.loads((runner.workspace / checked.outputs["report"]).read_text())
    assert report["verdict"] == "pass"
    # A first release, of which the checkout holds no source; nothing is pinned.
    assert {item["rule"]: item["needed"] for item in report["not_run"]} == {
        "tag-off-branch": False,
        "provenance-commit-mismatch": False,
        **dict.fromkeys(_OF_SOURCES, False),
        **dict.fromkeys(_OF_THE_LAST_RELEASE, False),
        "dependency-unavailable": False,
    }
    manifest = json.loads((runner.workspace / "release-manifest.json").read_text())
    assert manifest["predicate"]["tag"] == "v1.2.0"

    index.publish(runner.workspace / "dist", manifest)
    verified = runner.step({"command": "verify", "timeout": "0", **where})

    assert verified.code == 0, verified.log
    assert verified.outputs["verdict"] == "pass"
    assert "passed" in verified.summary


def test_what_it_leaves_belongs_to_the_owner_of_the_workspace(
    runner: Runner, index: FakeIndex
) -> None:
    step = runner.step({"command": "check", "index-url": index.url})

    assert step.code == 0, step.log
    owners = {p: p.stat().st_uid for p in runner.root.rglob("*")}
    assert "release-manifest.json" in {path.name for path in owners}
    assert set(owners.values()) == {OWNER}


def test_altered_file_is_refused_with_annotation_and_summary(
    runner: Runner, index: FakeIndex
) -> None:
    where = {"index": "pypi", "index-url": index.url}
    assert runner.step({"command": "check", **where}).code == 0
    manifest = json.loads((runner.workspace / "release-manifest.json").read_text())
    index.publish(runner.workspace / "dist", manifest)
    index.files[0]["hashes"] = {"sha256": "0" * 64}

    step = runner.step({"command": "verify", "timeout": "60", **where})

    assert step.code == 1
    assert step.outputs["verdict"] == "fail"
    assert step.outputs["findings"] == "1"
    assert re.search(r"^::error title=release-guard%3A published-altered::", step.log)
    assert "published-altered" in step.summary


def _workflow_run(head_sha: str) -> dict[str, object]:
    run = {
        "event": "push",
        "conclusion": "success",
        "head_branch": "v1.2.0",
        "head_sha": head_sha,
        "head_repository": {"full_name": "org/demo"},
    }
    return {"action": "completed", "workflow_run": run}


def test_git_in_the_image_finds_the_tag_at_the_commit_of_the_run_before(
    runner: Runner, index: FakeIndex
) -> None:
    inputs = {"command": "check", "index": "pypi", "index-url": index.url}
    run = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main"}

    step = runner.step(inputs, _workflow_run(runner.head()), **run)
    assert step.code == 0, step.log
    assert "v1.2.0 (annotated), at the commit" in step.log

    # Of a commit that the checkout lacks nothing is known, whatever its branch is.
    step = runner.step(inputs, _workflow_run("1" * 40), **run)
    assert step.code == 3, step.log
    assert "fetch-depth: 0" in step.log


def test_an_event_that_must_not_release_is_refused(
    runner: Runner, index: FakeIndex
) -> None:
    inputs = {"command": "check", "index": "pypi", "index-url": index.url}
    event = {"ref": "refs/heads/main", "schedule": "0 3 * * *"}

    step = runner.step(
        inputs, event, GITHUB_REF="refs/heads/main", GITHUB_EVENT_NAME="schedule"
    )

    assert step.code == 1
    assert "trigger-refused" in step.log
    assert step.outputs["to-upload"] == ""
    assert not (runner.workspace / "release-manifest.json").exists()


@pytest.mark.parametrize(
    ("inputs", "code", "said"),
    [
        ({"command": "frob"}, 2, "expected check or verify or audit"),
        ({"command": "check", "offline": "yes"}, 2, "expected true or false"),
        ({"command": "check", "dist": "nowhere"}, 3, "no such file or folder"),
        ({"command": "verify"}, 3, "release-manifest.json: is not there"),
    ],
)
def test_bad_input_is_one_line_and_no_pass(
    runner: Runner, inputs: dict[str, str], code: int, said: str
) -> None:
    step = runner.step(inputs)

    assert step.code == code
    assert said in step.log
    assert "Traceback" not in step.log
    assert step.outputs["verdict"] == "undecided"


def test_arguments_are_refused(runner: Runner) -> None:
    done = subprocess.run(
        [*runner.engine, "run", IMAGE, "check", "--offline"],
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "takes no arguments" in done.stdout

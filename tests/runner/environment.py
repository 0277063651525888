"""The environment of a step, in the order in which the runner makes it.

What comes later wins (``ContainerActionHandler``): what earlier steps and the workflow
set, the state, the inputs, ``runs.env``, HOME, the contexts, and the runner's own
secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runner.folders import Folders

__all__ = ["CANARIES", "LEAKS", "Facts", "contexts", "of_container", "services"]

#: What a job's other steps and its user leave for every later step. The words that
#: begin with ``canary`` are secrets: no report, log or file may hold one.
LEAKS: Mapping[str, Mapping[str, str]] = {
    "PATH": {"PATH": "/opt/hostedtoolcache/Python/3.12.1/x64/bin"},
    "PYTHONHOME": {"PYTHONHOME": "/opt/hostedtoolcache/Python/3.12.1/x64"},
    "PYTHONPATH": {"PYTHONPATH": "{workspace}"},
    "Python's switches": {
        "PYTHONSTARTUP": "{workspace}/sitecustomize.py",
        "PYTHONINSPECT": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONOPTIMIZE": "2",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "PYTHONPYCACHEPREFIX": "{workspace}/cache",
    },
    "LD_LIBRARY_PATH": {
        "LD_LIBRARY_PATH": "/opt/hostedtoolcache/Python/3.12.1/x64/lib",
        "pythonLocation": "/opt/hostedtoolcache/Python/3.12.1/x64",
        "PKG_CONFIG_PATH": "/opt/hostedtoolcache/Python/3.12.1/x64/lib/pkgconfig",
    },
    "LD_PRELOAD of a library that the image lacks": {
        "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/libeatmydata.so"
    },
    "PIP_*": {
        "PIP_INDEX_URL": "https://canary-user:canary-pip@index.example/simple/",
        "PIP_EXTRA_INDEX_URL": "https://index.example/extra/",
        "PIP_CONFIG_FILE": "{workspace}/pip.conf",
    },
    "TWINE_PASSWORD": {
        "TWINE_USERNAME": "__token__",
        "TWINE_PASSWORD": "canary-twine-password",
        "TWINE_NON_INTERACTIVE": "1",
    },
    "git's switches": {
        "GIT_DIR": "/nowhere",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "touch {workspace}/owned",
        "GIT_TRACE": "1",
        "GIT_SSH_COMMAND": "touch {workspace}/owned",
        "GIT_EXTERNAL_DIFF": "touch {workspace}/owned",
        "GIT_PAGER": "touch {workspace}/owned",
    },
    "a locale that the image lacks": {"LANG": "de_DE.ISO-8859-1", "LC_ALL": "xx_XX"},
    "TMPDIR that the image lacks": {"TMPDIR": "/home/runner/work/_temp/nowhere"},
    "a time zone": {"TZ": "Pacific/Kiritimati"},
    "NO_COLOR, FORCE_COLOR and a terminal": {
        "FORCE_COLOR": "1",
        "CLICOLOR_FORCE": "1",
        "TERM": "xterm-256color",
        "COLUMNS": "7",
    },
}
#: What must appear nowhere.
CANARIES = (
    *("canary-pip", "canary-twine-password", "canary-runtime-token"),
    *("canary-id-token", "canary-proxy"),
)


@dataclass(frozen=True)
class Facts:
    """What the runner knows of a run; ``environ`` has what the event says of it."""

    environ: Mapping[str, str]
    workflow: str = "Publish"
    path: str = ".github/workflows/publish.yml"
    job: str = "build"
    action: str = "__org_release-guard"
    action_ref: str = "v1"
    action_repository: str = "org/release-guard"
    attempt: int = 1
    debug: bool = False
    may_ask_id_token: bool = False

    def context(self, folders: Folders) -> dict[str, str]:
        """The github context as variables (``GitHubContext``). GITHUB_TOKEN is none."""
        said = {n: v for n, v in self.environ.items() if n.startswith("GITHUB_")}
        name = said.get("GITHUB_REPOSITORY", folders.repository)
        owner = name.partition("/")[0]
        ref, sha = said.get("GITHUB_REF", ""), said.get("GITHUB_SHA", "")
        return {
            "GITHUB_ACTION": self.action,
            "GITHUB_ACTION_REF": self.action_ref,
            "GITHUB_ACTION_REPOSITORY": self.action_repository,
            "GITHUB_ACTOR": "octocat",
            "GITHUB_ACTOR_ID": "583231",
            "GITHUB_API_URL": "https://api.github.com",
            "GITHUB_BASE_REF": "",
            "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
            "GITHUB_HEAD_REF": "",
            "GITHUB_JOB": self.job,
            "GITHUB_REF_PROTECTED": "false",
            "GITHUB_REPOSITORY": name,
            "GITHUB_REPOSITORY_ID": "1296269",
            "GITHUB_REPOSITORY_OWNER": owner,
            "GITHUB_REPOSITORY_OWNER_ID": "9919",
            "GITHUB_RETENTION_DAYS": "90",
            "GITHUB_RUN_ATTEMPT": str(self.attempt),
            "GITHUB_RUN_ID": "11111111111",
            "GITHUB_RUN_NUMBER": "7",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_TRIGGERING_ACTOR": "octocat",
            "GITHUB_WORKFLOW": self.workflow,
            "GITHUB_WORKFLOW_REF": f"{name}/{self.path}@{ref}",
            "GITHUB_WORKFLOW_SHA": sha,
            **said,
            "GITHUB_EVENT_PATH": str(folders.event),
            "GITHUB_WORKSPACE": str(folders.workspace),
        }


def contexts(
    facts: Facts, folders: Folders, files: Mapping[str, Path]
) -> dict[str, str]:
    """The github and runner contexts; ``files`` are the step's file commands."""
    runner = {
        "RUNNER_ARCH": "X64",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_NAME": "GitHub Actions 1",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(folders.temp),
        "RUNNER_TOOL_CACHE": str(folders.tools),
        "RUNNER_WORKSPACE": str(folders.workspace.parent),
    }
    if facts.debug:
        runner["RUNNER_DEBUG"] = "1"
    given = {variable: str(path) for variable, path in files.items()}
    return facts.context(folders) | given | runner


def services(facts: Facts) -> dict[str, str]:
    """The runner's own secrets, which every container action has."""
    always = {
        "ACTIONS_RUNTIME_URL": "https://pipelines.example/",
        "ACTIONS_RUNTIME_TOKEN": "canary-runtime-token",
        "ACTIONS_CACHE_URL": "https://cache.example/",
        "ACTIONS_RESULTS_URL": "https://results.example/",
    }
    if not facts.may_ask_id_token:
        return always
    return always | {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://id.example/?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary-id-token",
    }


@dataclass(frozen=True)
class Layers:
    """What a step of a container action is given, one below the other."""

    job: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)


def of_container(layers: Layers, folders: Folders) -> dict[str, str]:
    """The container's environment: later layers win, ``runs.env`` only fills in, and
    every value that is a path of the host, or begins with one, is translated.
    """
    below = {
        **layers.job,
        **{f"STATE_{name}": value for name, value in layers.state.items()},
        **layers.inputs,
    }
    merged = {
        **layers.runs,
        **below,
        "HOME": str(folders.home),
        **layers.contexts,
        **layers.services,
    }
    return {name: folders.to_container(value) for name, value in merged.items()}

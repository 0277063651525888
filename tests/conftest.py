"""What all tests share: a clean environment, and the switches for what is skipped."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

#: What would steer a job from outside; a test that wants one of these sets it.
_SCRUBBED = (
    *("GITHUB_", "INPUT_", "RUNNER_", "TWINE_", "PIP_", "NETRC", "CI"),
    *("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL"),
    *("PYTHON_KEYRING_BACKEND", "KEYRING_"),
    *("UV_PUBLISH_", "GITLAB_", "TF_BUILD", "CIRCLE", "BUILDKITE", "JENKINS_URL"),
    *("TEAMCITY_", "CODEBUILD_", "bamboo_", "GO_PIPELINE_", "ZUUL_", "BUILD_"),
)


#: What is skipped unless it is asked for, by marker: an option of the same name.
_SWITCHES = {
    "public": "reads the public index",
    "slow_index": "takes its time with real index servers",
    "builds": "builds and installs distributions",
    "workflows": "plays whole workflows of a release",
    "pulp": "needs a Pulp server, see make test-pulp",
    "browser": "needs Chromium and node, see make test-browser",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """A switch for each kind of test that is skipped without it."""
    for marker, what in _SWITCHES.items():
        help_ = f"run what {what}"
        parser.addoption(_option(marker), action="store_true", help=help_)
    parser.addoption(
        "--sequences",
        type=int,
        default=100,
        help="how many sequences of faults an index is played with (100)",
    )
    parser.addoption(
        "--hostile",
        type=int,
        default=40,
        help="how many hostile texts each field of a report is tried with (40)",
    )


def _option(marker: str) -> str:
    return f"--{marker.replace('_', '-')}"


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Skip what was not asked for: nothing leaves this machine, and nothing needs a
    server that is not there, unless a switch says so.
    """
    for marker, what in _SWITCHES.items():
        if config.getoption(_option(marker)):
            continue
        skip = pytest.mark.skip(reason=f"{what}; run with {_option(marker)}")
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(skip)


_COUNTS = pytest.StashKey[Counter[str]]()


@pytest.fixture
def corpus_counts(request: pytest.FixtureRequest) -> Counter[str]:
    """What the real projects were said, over all of them."""
    counts: Counter[str] = request.config.stash.setdefault(_COUNTS, Counter())
    return counts


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell the counts of the corpus, where it was read, and those that tests record,
    which come from the workers with their reports.
    """
    for what, count in sorted(config.stash.get(_COUNTS, Counter()).items()):
        terminalreporter.write_line(f"corpus: {count:>5} {what}")
    for report in terminalreporter.getreports("passed"):
        for what, told in report.user_properties:
            terminalreporter.write_line(f"{what}: {told}")


@pytest.fixture(scope="session", name="_home")
def _empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a ``.pypirc`` or ``.netrc`` of whoever runs the tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _clean_environment(_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(_SCRUBBED):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(_home))
    # Nor is the policy of this checkout, which is for its own releases, a test's.
    monkeypatch.chdir(_home)


#: The CA bundle of this machine, before the environment was cleaned.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture
def ca_bundle() -> dict[str, str]:
    """The variables that name this machine's CA bundle."""
    return {name: os.environ[name] for name in _CA_VARIABLES if name in os.environ}

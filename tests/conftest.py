"""What all tests share: a clean environment, and the switch for the public index."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

#: What would steer a job from outside; a test that wants one of these sets it.
_SCRUBBED = (
    *("GITHUB_", "INPUT_", "RUNNER_", "TWINE_", "PIP_", "NETRC", "CI"),
    *("UV_PUBLISH_", "GITLAB_", "TF_BUILD", "CIRCLE", "BUILDKITE", "JENKINS_URL"),
    *("TEAMCITY_", "CODEBUILD_", "bamboo_", "GO_PIPELINE_", "ZUUL_", "BUILD_"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--public`` lets tests read named projects from the public index."""
    parser.addoption("--public", action="store_true", help="read the public index")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Without ``--public`` nothing leaves this machine."""
    if config.getoption("--public"):
        return
    skip = pytest.mark.skip(reason="reads the public index; run with --public")
    for item in items:
        if "public" in item.keywords:
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
    """Tell the counts of the corpus, where it was read."""
    for what, count in sorted(config.stash.get(_COUNTS, Counter()).items()):
        terminalreporter.write_line(f"corpus: {count:>5} {what}")


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


#: The CA bundle of this machine, before the environment was cleaned.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture
def ca_bundle() -> dict[str, str]:
    """The variables that name this machine's CA bundle."""
    return {name: os.environ[name] for name in _CA_VARIABLES if name in os.environ}

"""What the documents show is what the program does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import projects
import pytest
import yaml

import release_guard
from release_guard.cli import main
from release_guard.errors import ExitCode
from release_guard.policy import Overrides, PolicyFile, read_policy, resolve
from release_guard.rules import RULE_IDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _block(language: str, containing: str) -> str:
    """The code block of the README that contains a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    (found,) = [block for block in blocks if containing in block]
    return str(found)


def test_report_in_the_readme_is_a_real_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = projects.build(
        projects.BACKENDS["flit"], tmp_path, version="1.0.0.dev1", name="release-guard"
    )
    manifest = str(tmp_path / "manifest.json")
    assert main(["check", "--offline", "--manifest", manifest, str(dist)]) == 1
    told = capsys.readouterr().out.rstrip()
    real = told.replace(str(dist), ".demo/dev-dist")
    shown = _block("console", "FAIL").partition("\n")[2].rstrip()

    def untimed(text: str) -> str:
        return re.sub(r"\d+\.\d s\)", "s)", text)

    assert untimed(shown) == untimed(real)


def test_policy_in_the_readme_is_valid() -> None:
    policy = yaml.safe_load(_block("yaml", "waivers:"))

    resolved = resolve(
        read_policy(policy, where="README.md", rule_ids=RULE_IDS), Overrides()
    )

    assert resolved.index.name == "pypi"
    assert resolved.waivers[0].rule == "missing-sdist"


_ORIGIN = (ROOT / "docs" / "origin.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "block", re.findall(r"```yaml\n(.*?)```", _ORIGIN, flags=re.DOTALL)
)
def test_policies_in_the_page_on_origin_are_valid(block: str) -> None:
    file = read_policy(yaml.safe_load(block), where="origin.md", rule_ids=RULE_IDS)

    for name in file.indexes:
        assert resolve(file, Overrides(index=name)).index.name == name
    if "the default" in block:
        said, default = (resolve(f, Overrides(index="pypi")) for f in (file, _NOTHING))
        assert said.index.events == default.index.events
        assert said.index.accept == default.index.accept


_NOTHING = PolicyFile()


def test_exit_codes_in_the_readme_are_all_of_them() -> None:
    told = {
        int(code) for code in re.findall(r"^\| (\d) \|", README, flags=re.MULTILINE)
    }

    assert told == set(ExitCode)


def test_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == release_guard.__version__


def test_every_rule_stands_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert [rule for rule in RULE_IDS if f"`{rule}`" not in changelog] == []


def test_architecture_names_every_part() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "src" / "release_guard"
    parts = [path.name for path in package.glob("*.py") if path.name[0] != "_"]
    parts += [f"{path.name}/" for path in package.iterdir() if path.is_dir()]

    assert [
        part for part in parts if f"`{part}`" not in text and "__" not in part
    ] == []

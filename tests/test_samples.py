"""What the documents show is what the program says, sample by sample."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import samples

from release_guard.errors import ExitCode
from release_guard.findings import Verdict

TEXTS = {path: path.read_text(encoding="utf-8") for path in samples.DOCUMENTS}
SHOWN = {
    name: path
    for path, text in TEXTS.items()
    for name in re.findall(r"<!-- sample: (\S+) -->", text)
}
WHY = (samples.ROOT / "docs" / "why-blocked.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_a_sample_in_the_documents_is_what_the_program_says(name: str) -> None:
    block = f"<!-- sample: {name} -->\n```console\n{samples.sample(name)}```\n"

    assert block in TEXTS[SHOWN[name]]


def test_every_sample_that_a_document_names_is_there_once() -> None:
    named = [n for text in TEXTS.values() for n in re.findall(r"sample: (\S+) -", text)]

    assert sorted(named) == sorted(samples.SAMPLES)


def test_a_document_whose_sample_is_stale_is_written_anew() -> None:
    block = "# A\n\n<!-- sample: nothing -->\n```console\nold\n```\n\nmore\n"

    assert samples.renewed(block) == block.replace("old\n", samples.sample("nothing"))


@pytest.mark.parametrize(
    "text",
    [
        "<!-- sample: nothing -->\n```text\nold\n```\n",
        "<!-- sample: nothing -->\n\n```console\nold\n```\n",
        "- x\n\n  <!-- sample: nothing -->\n  ```console\n  old\n  ```\n",
        "<!-- sample: no-such-sample -->\n```console\nold\n```\n",
        "<!-- sample: No_Sample -->\n```console\nold\n```\n",
    ],
)
def test_a_sample_that_would_not_be_held_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="samples"):
        samples.renewed(text)


@pytest.mark.parametrize(
    ("code", "heading"),
    [(3, "exit code 3"), (2, "exit code 2"), (1, "PyPI would refuse")],
)
def test_the_samples_of_a_chapter_end_with_its_code(code: int, heading: str) -> None:
    (chapter,) = re.findall(rf"(?m)^## .*{heading}\n((?:(?!^## )[\s\S])*)", WHY)
    codes = re.findall(r"(?m)^\$ echo \$\?\n(\d)$", chapter)

    assert codes
    assert set(codes) == {str(int(ExitCode(code)))}


def test_the_rules_below_a_sample_are_among_those_that_it_shows() -> None:
    """The first rule that a section leads to is one that its sample tells."""
    sections = re.split(r"(?m)^### ", WHY)[1:]
    checked = 0
    for section in sections:
        told = re.findall(r"(?m)^(?:error|warning): ([a-z0-9-]+) ", section)
        led = re.findall(r"Rules?: \[([a-z0-9-]+)\]", section)
        if told and led:
            checked += 1
            assert led[0] in told, section.partition("\n")[0]
    assert checked >= 20


@pytest.mark.parametrize("path", [samples.ROOT / "docs" / "why-blocked.md"])
def test_the_page_has_the_section_that_every_rule_leads_to(path: Path) -> None:
    assert "\n## How do I get past it honestly?\n" in path.read_text(encoding="utf-8")


# --- exit codes -------------------------------------------------------------------

CODES = (samples.ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")


def test_the_page_of_the_exit_codes_has_each_with_its_verdict() -> None:
    told = re.findall(r"(?m)^\| (\d) \| (?:`(\w+)`)? *\|", CODES)

    assert [int(code) for code, _ in told] == list(ExitCode)
    assert {verdict for _, verdict in told if verdict} == set(Verdict)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 127])
def test_the_script_of_the_page_uploads_after_a_pass_alone(
    tmp_path: Path, code: int
) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", CODES, flags=re.DOTALL)
    for name, body in {"release-guard": f"exit {code}", "twine": "touch sent"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )

    assert (done.returncode == 0) == (code == 0)
    assert (tmp_path / "sent").exists() == (code == 0)

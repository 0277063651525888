"""Sound distributions of the backends that people use pass, and rehearse."""

from __future__ import annotations

import re
import shutil
import sysconfig
from pathlib import Path

import projects
import pytest

from release_guard.cli import main


def _needs_compiler() -> None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        pytest.skip(f"no C compiler ({compiler}) to build an extension with")


@pytest.mark.parametrize("backend", projects.BACKENDS)
def test_what_a_real_backend_builds_passes(
    backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if backend == "extension":
        _needs_compiler()
    project = projects.BACKENDS[backend]
    dist = projects.build(project, tmp_path)
    manifest = tmp_path / "manifest.json"
    command = ["check", "--offline", "--manifest", str(manifest)]
    if backend == "extension":
        # PyPI takes no bare linux tag; an index of one's own does.
        assert main([*command, str(dist)]) == 1
        told = capsys.readouterr().out
        assert re.findall("^error: (\\S+)", told, flags=re.MULTILINE) == [
            "platform-tag-refused"
        ]
        command += ["--index-url", "https://index.example/simple/"]

    code = main([*command, str(dist)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "error:" not in out
    assert "warning:" not in out
    assert manifest.exists()


def test_a_development_version_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = projects.build(
        projects.BACKENDS["flit"], tmp_path, version="43.0.0.dev1", name="cryptography"
    )
    manifest = tmp_path / "manifest.json"

    code = main(["check", "--offline", "--manifest", str(manifest), str(dist)])

    out = capsys.readouterr().out
    assert code == 1
    assert "error: version-kind" in out
    assert "43.0.0.dev1 is a dev version; pypi takes final, post, pre" in out
    assert not manifest.exists()


def test_a_release_rehearses_with_a_real_upload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = projects.build(projects.BACKENDS["hatchling"], tmp_path)

    code = main(["rehearse", str(dist)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "release-guard rehearse: PASS - demo-hatch 1.2.0" in out


def test_a_rehearsal_of_a_refused_set_uploads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = projects.build(projects.BACKENDS["flit"], tmp_path, version="1.0.dev1")

    code = main(["rehearse", str(dist)])

    out = capsys.readouterr().out
    assert code == 1
    assert "published-missing" not in out
    assert "release-guard rehearse: FAIL" in out

"""The rules of the project's own modules, case by case."""

from __future__ import annotations

from pathlib import Path

import projects
import pytest
from builders import INTERNAL, SDIST, TESTPYPI, WHEEL, Case, Says, distribution, policy

from release_guard.cli import main
from release_guard.facts import StaticVersion, VersionedModules
from release_guard.rules.modules import module_version_mismatch


def says(
    *texts: str,
    version: str = "1.0",
    others: tuple[str, ...] = (),
    filename: str = WHEEL,
) -> VersionedModules:
    """A file of this version, in which a module after the other says ``texts``."""
    paths = ("demo/__init__.py", "demo/version.py")
    found = (
        StaticVersion(path, text, others)
        for path, text in zip(paths, texts, strict=False)
    )
    return VersionedModules(distribution(filename), version, tuple(found))


_AGREE = {
    ("1.0", "1.0"): "is the same",
    ("1.0", "1.0.0"): "has another zero",
    ("1.0.0", "1.0"): "lacks a zero",
    ("2026.1.5", "2026.01.05"): "has zeros in front, as calendar versions have",
    ("1.0rc1", "1.0-rc.1"): "is not in its canonical form",
    ("1.0", "v1.0"): "is spelled like a tag",
    ("1.0", " 1.0 "): "has spaces around it",
    ("1.0", "1.0+cu118"): "has a local segment that the metadata leaves out",
    ("1.0+cpu", "1.0"): "lacks the metadata's local segment",
    ("1.0+cpu", "1.0+cu118"): "has another local segment",
    ("1!1.0", "1!1.0"): "has the same epoch",
    ("0.0.0", "0.0.0"): "is the placeholder that the metadata has too",
    ("0+unknown", "0+unknown"): "is the fallback that the metadata has too",
}
_DIFFER = {
    # rrwick/Trycycler#27
    ("0.5.2", "0.5.1"): "was not raised",
    # G-Node/python-odml#349
    ("1.4.4.2", "1.4.4"): "lacks the last number",
    # jundot/omlx#2861
    ("0.5.3", "0.5.3.dev1"): "is still a development version",
    ("1.0", "1.1"): "was raised too far",
    ("1.0.post1", "1.0"): "lacks the post-release",
    ("1.0", "1.0rc1"): "is still the release candidate",
    ("1!1.0", "1.0"): "lacks the epoch",
}

CASES = [
    Case(module_version_mismatch, "no module says a version", says()),
    *(
        Case(
            module_version_mismatch, f"what a module says {why}", says(text, version=v)
        )
        for (v, text), why in _AGREE.items()
    ),
    *(
        Case(
            module_version_mismatch,
            f"what a module says {why}",
            says(text, version=version),
            says=(
                Says(
                    f"'demo/__init__.py' says __version__ = '{text}'; the metadata "
                    f"says {version}"
                ),
            ),
        )
        for (version, text), why in _DIFFER.items()
    ),
    Case(
        module_version_mismatch,
        "an sdist says it as a wheel does",
        says("0.9", filename=SDIST),
        says=(
            Says(
                "'demo/__init__.py' says __version__ = '0.9'; the metadata says 1.0",
                SDIST,
            ),
        ),
    ),
    Case(
        module_version_mismatch,
        "on an index of one's own it is the same",
        says("0.9"),
        policy(INTERNAL),
        (Says("'demo/__init__.py' says …; the metadata says 1.0"),),
    ),
    Case(
        module_version_mismatch,
        "the sound module of two is not told",
        says("1.0", "0.9"),
        says=(Says("'demo/version.py' says __version__ = '0.9'; …"),),
    ),
    Case(
        module_version_mismatch,
        "each module of two is told",
        says("0.8", "0.9"),
        says=(
            Says("'demo/__init__.py' says __version__ = '0.8'; …"),
            Says("'demo/version.py' says __version__ = '0.9'; …"),
        ),
    ),
    Case(
        module_version_mismatch,
        "a placeholder is told with its cause",
        says("0.0.0"),
        says=(
            Says(
                "'demo/__init__.py' says __version__ = '0.0.0' (it is a placeholder "
                "that nothing replaced: …); the metadata says 1.0"
            ),
        ),
    ),
    Case(
        module_version_mismatch,
        "a version tool's fallback is told with its cause",
        says("0+unknown"),
        says=(
            Says(
                "'demo/__init__.py' says __version__ = '0+unknown' (versioneer and its "
                "like found no tag…); the metadata says 1.0"
            ),
        ),
    ),
    *(
        Case(
            module_version_mismatch,
            f"{text!r:.20} is no version",
            says(text),
            says=(
                Says(
                    f"'demo/__init__.py' says __version__ = {text!r:.80} (which is no "
                    "version); the metadata says 1.0"
                ),
            ),
        )
        for text in ("", "unknown", "@VERSION@", "1.0 beta, of spring", "1" * 5_000)
    ),
    Case(
        module_version_mismatch,
        "the metadata's version is none, of which metadata-invalid speaks",
        says("1.0", version="one"),
    ),
    Case(
        module_version_mismatch,
        "the metadata has no version, of which metadata-invalid speaks",
        says("1.0", version=""),
    ),
    # PyMySQL gives the version of the library whose place it takes.
    Case(
        module_version_mismatch,
        "the module gives the release's version under another name",
        says("2.2.8", version="1.2.3", others=("1.2.3",)),
    ),
    Case(
        module_version_mismatch,
        "the module gives the release's version under another name, spelled otherwise",
        says("2.2.8", version="1.2.0+cpu", others=("x", "1.2")),
    ),
    Case(
        module_version_mismatch,
        "what the module gives under another name is not the release's version either",
        says("0.9", others=("0.9", "unknown")),
        says=(Says("'demo/__init__.py' says __version__ = '0.9'; …"),),
    ),
]


def test_the_module_and_both_versions_are_evidence() -> None:
    (finding,) = module_version_mismatch.findings(says("0.9"), policy())

    assert finding.evidence == {
        "member": "demo/__init__.py",
        "expected": "1.0",
        "found": "0.9",
    }
    assert finding.fix == "set it to 1.0 in 'demo/__init__.py', and build again"


def test_the_remedy_of_a_fallback_is_the_tools() -> None:
    modules = says("0.1.dev1+g0795801")

    (finding,) = module_version_mismatch.findings(modules, policy(TESTPYPI))

    assert "fetch-depth: 0" in finding.fix


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("0.5.1", ["", "demo_cycler-0.5.2/src/"], id="an old one is told"),
        pytest.param("0.5.2", [], id="the right one is not"),
    ],
)
def test_what_a_real_backend_built_is_told_file_by_file(
    text: str, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """rrwick/Trycycler#27: 0.5.2 was released with a version.py that says 0.5.1."""
    project = projects.Project(
        "demo-cycler",
        'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"',
        files={"src/{module}/version.py": f'"""Version."""\n__version__ = "{text}"\n'},
    )
    dist = projects.build(project, tmp_path, version="0.5.2")
    manifest = str(tmp_path / "manifest.json")

    code = main(["check", "--offline", "--manifest", manifest, str(dist)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert ("warning: module-version-mismatch" in out) == bool(told)
    assert out.count("says __version__") == len(told)
    for folder in told:
        member = f"'{folder}demo_cycler/version.py'"
        assert f"{member} says __version__ = '0.5.1'; the metadata says 0.5.2" in out

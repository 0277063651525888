"""The tools of the release's workflows, which decide what the steps do not."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pin_action
import pytest
import release
import yaml
from runner import metadata

from release_guard import __version__

ROOT = Path(__file__).parent.parent
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
DIGEST = hashlib.sha256(b"image").hexdigest()
IMAGE = f"registry.example/org/release-guard@sha256:{DIGEST}"


# --- the digest in action.yml -------------------------------------------------------


def _run(tool: str, *words: str, cwd: Path, told: str = "") -> tuple[int, str, str]:
    """A tool, as a step starts it: nothing of ours is installed there."""
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "tools" / tool), *words],
        cwd=cwd,
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_pinned_action_differs_by_its_image_alone() -> None:
    pinned = pin_action.pinned(ACTION, IMAGE)

    before, after = yaml.safe_load(ACTION), yaml.safe_load(pinned)
    assert after["runs"] == {"using": "docker", "image": f"docker://{IMAGE}"}
    assert {**after, "runs": before["runs"]} == before
    assert len(set(pinned.splitlines()) ^ set(ACTION.splitlines())) == 2
    assert pin_action.image_of(pinned) == IMAGE


def test_the_pinned_action_is_one_that_the_runner_takes(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text(pin_action.pinned(ACTION, IMAGE))
    schema = ["--builtin-schema", "vendor.github-actions", "action.yml"]

    for command in (["check-jsonschema", *schema], ["zizmor", "--offline", "."]):
        program = Path(sys.executable).with_name(command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_runner_pulls_the_pinned_image_and_builds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "action.yml"

    path.write_text(ACTION)
    assert metadata.read(path).is_built
    path.write_text(pin_action.pinned(ACTION, IMAGE))
    pinned = metadata.read(path)
    assert (pinned.is_built, pinned.image) == (False, f"docker://{IMAGE}")
    assert (pinned.entrypoint, pinned.args) == ("", None)


def test_the_tool_pins_once_and_says_what_is_pinned(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text(ACTION)

    (tmp_path / "main.yml").write_text(ACTION)
    check = ("--check", IMAGE.partition("@")[0], "main.yml")

    assert _run("pin_action.py", *check, cwd=tmp_path)[0] == 1
    assert _run("pin_action.py", IMAGE, cwd=tmp_path) == (0, "", "")
    pinned = (tmp_path / "action.yml").read_text()
    assert pinned == pin_action.pinned(ACTION, IMAGE)
    assert _run("pin_action.py", *check, cwd=tmp_path) == (0, f"{IMAGE}\n", "")

    code, _, error = _run("pin_action.py", IMAGE, cwd=tmp_path)
    assert (code, "another image" in error) == (1, True)
    assert (tmp_path / "action.yml").read_text() == pinned


@pytest.mark.parametrize(
    "image",
    [
        pytest.param("", id="nothing"),
        pytest.param("registry.example/org/name:v1", id="a tag"),
        pytest.param(f"registry.example/org/name:v1@sha256:{DIGEST}", id="tag, digest"),
        pytest.param(f"org/name@sha256:{DIGEST}", id="no registry"),
        pytest.param(f"registry.example@sha256:{DIGEST}", id="no name"),
        pytest.param(f"registry.example/@sha256:{DIGEST}", id="an empty name"),
        pytest.param(f"docker://{IMAGE}", id="a scheme"),
        pytest.param(IMAGE[:-1], id="63 digits"),
        pytest.param(IMAGE + "0", id="65 digits"),
        pytest.param(IMAGE.replace("sha256", "sha512"), id="another algorithm"),
        pytest.param(IMAGE.replace(DIGEST, DIGEST.upper()), id="upper case"),
        pytest.param(IMAGE.replace(DIGEST, "0" * 64), id="a digest of zeros"),
        pytest.param(f"{IMAGE}\n", id="a line feed behind it"),
        pytest.param(f"{IMAGE}\n  entrypoint: /bin/sh", id="another key"),
        pytest.param(f"{IMAGE} # x", id="a comment"),
        pytest.param(IMAGE.replace("org", "${{ env.ORG }}"), id="an expression"),
        pytest.param(IMAGE.replace("org", "../org"), id="a way up"),
        pytest.param(IMAGE.replace("org", "o" * 500), id="600 characters"),
    ],
)
def test_an_image_that_is_not_named_by_a_digest_alone_is_refused(
    image: str, tmp_path: Path
) -> None:
    (tmp_path / "action.yml").write_text(ACTION)

    code, told, error = _run("pin_action.py", image, cwd=tmp_path)

    assert (code, told) == (1, "")
    assert error.startswith("pin_action: ")
    assert (tmp_path / "action.yml").read_text() == ACTION


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda text: "", "does not end", id="empty"),
        pytest.param(
            lambda text: text + "  entrypoint: /x\n", "does not end", id="another entry"
        ),
        pytest.param(
            lambda text: text.replace("using: docker", "using: node24"),
            "does not end",
            id="no container",
        ),
        pytest.param(
            lambda text: (
                f"runs:\n  using: x\n{text}\nruns:\n  using: docker\n"
                "  image: Dockerfile\n"
            ),
            "does not end",
            id="two of runs",
        ),
        pytest.param(
            lambda text: text.replace("Dockerfile\n", "docker://x/y:latest\n"),
            "another image",
            id="an image by its tag",
        ),
    ],
)
def test_an_action_that_is_not_the_one_of_main_is_refused(
    change: Callable[[str], str], says: str
) -> None:
    with pytest.raises(pin_action.RefusedError, match=says):
        pin_action.pinned(change(ACTION), IMAGE)


_NAME = "registry.example/org/release-guard"


@pytest.mark.parametrize(
    ("image", "name", "change", "says"),
    [
        pytest.param(
            IMAGE.replace("registry", "evil"), _NAME, (), "an image of", id="a host"
        ),
        pytest.param(
            IMAGE.replace("org/", "evil/"), _NAME, (), "an image of", id="an owner"
        ),
        pytest.param(
            IMAGE.replace("guard@", "guard-x@"), _NAME, (), "an image of", id="a name"
        ),
        pytest.param(IMAGE, "", (), "an image of ''", id="no name is said"),
        pytest.param(
            *(IMAGE, _NAME, ("default: check", "default: audit")),
            *("more than the image",),
            id="a default",
        ),
        pytest.param(
            *(IMAGE, _NAME, ("description:", "author: x\ndescription:")),
            *("more than the image",),
            id="another key",
        ),
        pytest.param(
            IMAGE, _NAME, ("\n", "\r\n"), "more than the image", id="a line end"
        ),
    ],
)
def test_a_release_is_the_action_of_main_with_an_image_of_ours(
    image: str, name: str, change: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    released = pin_action.pinned(ACTION, image)
    if change:
        before, after = change
        assert before in released
        released = released.replace(before, after, 1)
    (tmp_path / "main.yml").write_text(ACTION)
    (tmp_path / "action.yml").write_bytes(released.encode())

    code, told, error = _run("pin_action.py", "--check", name, "main.yml", cwd=tmp_path)

    assert (code, told) == (1, "")
    assert says in error


@pytest.mark.parametrize("words", [(), ("--check",), ("--check", _NAME), (IMAGE,) * 2])
def test_what_is_not_asked_rightly_is_refused(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "action.yml").write_text(ACTION)

    assert _run("pin_action.py", *words, cwd=tmp_path)[:2] == (1, "")
    assert (tmp_path / "action.yml").read_text() == ACTION


def test_an_image_by_its_tag_is_not_pinned() -> None:
    by_tag = ACTION.replace("Dockerfile\n", "docker://registry.example/org/x:v1\n")

    with pytest.raises(pin_action.RefusedError, match="without a tag"):
        pin_action.image_of(by_tag)


# --- version and notes --------------------------------------------------------------


def _checkout(folder: Path, *, module: str = "1.2.3", changelog: str = "") -> Path:
    (folder / "src" / "release_guard").mkdir(parents=True)
    package = folder / "src" / "release_guard" / "__init__.py"
    package.write_text(f'"""A gate."""\n\n__version__ = "{module}"\n')
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    told = (
        changelog or "# Changes\n\n## 1.2.3 - 2026-12-01\n\n- All.\n\n## 1.2\n\n- X\n"
    )
    (folder / "CHANGELOG.md").write_text(told)
    (folder / "README.md").write_text("- uses: org/release-guard@v1\n")
    return folder


def test_a_version_about_which_all_agree_has_notes(tmp_path: Path) -> None:
    root = _checkout(tmp_path)

    assert _run("release.py", "version", "1.2.3", cwd=root) == (0, "1.2.3\n", "")
    assert _run("release.py", "notes", "1.2.3", cwd=root) == (0, "- All.\n", "")


@pytest.mark.parametrize(
    ("wanted", "module", "changelog", "says"),
    [
        ("1.2.4", "1.2.3", "", "pyproject.toml: expected 1.2.4"),
        ("1.2.3", "1.2.2", "", "__init__.py: expected 1.2.3, found 1.2.2"),
        ("1.2.3", "1.2.3", "## Unreleased\n\n- All.\n", "one section ## 1.2.3"),
        ("1.2.3", "1.2.3", "## 1.2.3\n\n## 1.2\n\n- X\n", "one section ## 1.2.3"),
        ("1.2.3", "1.2.3", "## 1.2.3\n- A\n## 1.2.3\n- B\n", "one section ## 1.2.3"),
        ("1.2.3.dev1", "1.2.3", "", "expected a version such as"),
        ("v1.2.3", "1.2.3", "", "expected a version such as"),
        ("1.2.3\n", "1.2.3", "", "expected a version such as"),
        ("", "1.2.3", "", "expected a version such as"),
    ],
)
def test_a_version_about_which_not_all_agree_is_refused(
    tmp_path: Path, wanted: str, module: str, changelog: str, says: str
) -> None:
    root = _checkout(tmp_path, module=module, changelog=changelog)

    with pytest.raises(release.RefusedError, match=re.escape(says)):
        release.version(wanted, root)


_OURS = "https://github.com/org/release-guard"


@pytest.mark.parametrize(
    ("place", "text", "says"),
    [
        pytest.param("README.md", "", "no page names it", id="no tag at all"),
        pytest.param(
            "README.md",
            "- uses: org/release-guard@v2\n",
            "README.md names v2",
            id="an action of the next major",
        ),
        pytest.param(
            "docs/rules/x.md",
            f"[x]({_OURS}/blob/v0/docs/policy.md)",
            "docs/rules/x.md names v0",
            id="an address of an older one in a page",
        ),
        pytest.param(
            "src/release_guard/base.py",
            f'DOCS = "{_OURS}/tree/v10/docs/"\n',
            "src/release_guard/base.py names v10",
            id="an address in the program, and v10 is not v1",
        ),
        pytest.param(
            "examples/publish.yml",
            "uses: org/release-guard@v2 # v1\n",
            "examples/publish.yml names v2",
            id="an example",
        ),
    ],
)
def test_a_version_whose_major_is_not_the_one_that_people_are_told_is_refused(
    tmp_path: Path, place: str, text: str, says: str
) -> None:
    path = _checkout(tmp_path) / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

    with pytest.raises(release.RefusedError, match=rf"the tag v1: {re.escape(says)}$"):
        release.version("1.2.3", tmp_path)


def test_a_version_that_a_page_pins_and_a_tag_of_others_are_no_major(
    tmp_path: Path,
) -> None:
    root = _checkout(tmp_path)
    (root / "docs").mkdir()
    (root / "docs" / "x.md").write_text(
        "org/release-guard@v2.0.1, org/release-guard/manifest/v2, pypa/x@release/v3\n"
    )

    assert release.majors(root) == [("README.md", "v1")]
    assert release.version("1.2.3", root) == "1.2.3"


def test_every_page_example_and_message_names_the_tag_of_our_major() -> None:
    named = release.majors(ROOT)

    assert {tag for _, tag in named} == {f"v{__version__.partition('.')[0]}"}
    assert {place for place, _ in named} >= {
        "README.md",
        "docs/getting-started.md",
        "docs/tutorials/pure-package.md",
        "examples/publish.yml",
        "schema/policy.json",
        "src/release_guard/rules/base.py",
    }
    assert [place for place, _ in named if "/init_" in place], "what init writes"


@pytest.mark.parametrize(
    "words", [(), ("publish",), ("version",), ("version", "1", "2"), ("index", "one")]
)
def test_a_question_that_is_none_is_refused(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    code, told, error = _run("release.py", *words, cwd=tmp_path)

    assert (code, told) == (2, "")
    assert "version X.Y.Z" in error


# --- the image's index --------------------------------------------------------------


def _index(*manifests: tuple[str, str]) -> bytes:
    """An OCI image index: what each manifest is called here, and its platform."""
    entries = []
    for name, platform in manifests:
        system, _, architecture = platform.partition("/")
        digest = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        where = {"os": system, "architecture": architecture}
        entries.append({"digest": digest, "size": 500, "platform": where})
    return json.dumps({"schemaVersion": 2, "manifests": entries}).encode()


_AMD64 = (("amd64", "linux/amd64"), ("amd64's sbom", "unknown/unknown"))
_ARM64 = (("arm64", "linux/arm64"), ("arm64's sbom", "unknown/unknown"))
_PARTS = (_index(*_AMD64), _index(*_ARM64))


def test_the_digest_is_that_of_the_index_which_holds_what_was_pushed(
    tmp_path: Path,
) -> None:
    merged = _index(*_AMD64, *_ARM64)
    paths = [tmp_path / name for name in ("merged", "amd64", "arm64")]
    for path, content in zip(paths, (merged, *_PARTS), strict=True):
        path.write_bytes(content)

    told = _run("release.py", "index", *map(str, paths), cwd=tmp_path)

    assert told == (0, f"sha256:{hashlib.sha256(merged).hexdigest()}\n", "")


@pytest.mark.parametrize(
    ("merged", "parts", "says"),
    [
        pytest.param(
            _index(*_AMD64), _PARTS, "not what the architectures", id="one is missing"
        ),
        pytest.param(
            _index(*_AMD64, *_ARM64, ("other", "linux/s390x")),
            _PARTS,
            "not what the architectures",
            id="one is more",
        ),
        pytest.param(
            _index(("other", "linux/amd64"), *_AMD64[1:], *_ARM64),
            _PARTS,
            "not what the architectures",
            id="another image",
        ),
        pytest.param(
            _index(*_AMD64[:1], *_ARM64),
            _PARTS,
            "not what the architectures",
            id="the SBOM of one is missing",
        ),
        pytest.param(
            _index(*_AMD64),
            (_PARTS[0],),
            "found ['linux/amd64']",
            id="one architecture",
        ),
        pytest.param(b"", _PARTS, "not an image index", id="nothing"),
        pytest.param(b"[]", _PARTS, "not an image index", id="a list"),
        pytest.param(
            _index(*_AMD64, *_ARM64), (b"{}", b"{}"), "not an image index", id="parts"
        ),
        pytest.param(
            b'{"manifests": []}',
            (b'{"manifests": []}',) * 2,
            "expected ['linux/amd64'",
            id="nothing in it",
        ),
    ],
)
def test_an_index_of_anything_else_is_refused(
    merged: bytes, parts: tuple[bytes, ...], says: str
) -> None:
    with pytest.raises(release.RefusedError, match=re.escape(says)):
        release.index(merged, parts)


# --- the tag that moves -------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "others", "moves"),
    [
        pytest.param("v1.2.3", "v1 v1.2.2", "v1", id="the latest"),
        pytest.param("v1.10.0", "v1.9.0", "v1", id="numbers, not text"),
        pytest.param("v1.2.3", "v2.0.0 v2", "v1", id="of its major"),
        pytest.param("v1.0.0", "", "v1", id="the first"),
        pytest.param("v1.2.4", "v1.3.0", "", id="a fix of an old one"),
        pytest.param("v1.3.0rc1", "v1.2.0", "", id="a pre-release"),
        pytest.param("v1.2.3", "v1.3.0rc1", "v1", id="before a pre-release"),
        pytest.param("v1", "v1.2.3", "", id="the moving tag itself"),
    ],
)
def test_the_major_tag_moves_to_the_latest_final_version(
    tag: str, others: str, moves: str
) -> None:
    assert release.major(tag, [tag, *others.split()]) == moves


def test_a_tag_that_is_not_among_the_tags_moves_nothing(tmp_path: Path) -> None:
    code, told, error = _run("release.py", "major", "v1.2.3", cwd=tmp_path)

    assert (code, told) == (1, "")
    assert "not among the 0 tags" in error

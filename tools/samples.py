"""Write what the program really says into the documents (make docs).

A document names a sample before a block of code::

    <!-- sample: dev-version -->
    ```console
    ...
    ```

``python tools/samples.py`` runs each sample and writes the block anew; with ``--check``
it only compares, and ends with 1 where a block is not what the program says. A sample
is a small release in a folder of its own, with a repository, an event and an index on
loopback; times, hosts, folders and commits are replaced by fixed ones, and what is only
mentioned is left out.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from hashlib import sha1
from pathlib import Path
from random import Random
from typing import Self

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import forge  # noqa: E402 - of the tests
import planted  # noqa: E402 - of the tests
import sets  # noqa: E402 - of the tests
import sound  # noqa: E402 - of the tests
import written  # noqa: E402 - of the tools

from release_guard.cli import main as release_guard  # noqa: E402
from release_guard.jobs import common  # noqa: E402
from release_guard.layouts import public_repository_url  # noqa: E402
from release_guard.rulebook import AS_OF  # noqa: E402

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(
    r"(?P<head><!-- sample: (?P<name>[a-z0-9-]+) -->\n```console\n)(?P<said>.*?)```\n",
    re.DOTALL,
)
#: The public index goes by its name.
_PYPI = public_repository_url("pypi").replace("upload.", "").removesuffix("/legacy/")
_NOTICE = re.compile(r"^notice: .*\n?(?:  .*\n?)*", re.MULTILINE)
#: What a report tells besides what is wrong and what to do: a sample leaves it out.
_BESIDE = (
    *("where it comes from:", "not judged:", "what became of it:"),
    *("the listing, before and after:", "files of ", "wheels of ", "what changes"),
)


# --- the worlds -------------------------------------------------------------------


@dataclass
class World:
    """A folder with a repository, an index on loopback that is called pypi, and what
    the runner would set; ``shown`` is the command as a reader would type it.
    """

    folder: Path
    index: sound.Index
    repository: forge.Repository
    environ: dict[str, str] = field(default_factory=dict)
    policy: str = ""

    def holds(self, *dists: sets.Dist) -> None:
        """Build distributions into ``dist``."""
        dist = self.folder / "dist"
        dist.mkdir(exist_ok=True)
        for each in dists:
            sets.build(each, dist)

    def lists(self, *dists: sets.Dist, since: str = "") -> None:
        """Let the index list distributions; mostly it does not say since when."""
        there = self.folder.parent / "there"
        there.mkdir(exist_ok=True)
        files = [sets.build(each, there) for each in dists]
        when = f"{since}T12:00:00Z" if since else None
        listed = [sound.indexed(file, **{"upload-time": when}) for file in files]
        self.index.says(sound.listing(*listed))
        self.index.serves(*files)

    def tagged(self, tag: str) -> None:
        """A run of a pushed tag."""
        self.repository.tag(tag)
        self.environ |= self.repository.push(f"refs/tags/{tag}").environ

    def runs(self, command: str) -> str:
        """What a command says, as a console shows it, as far as it matters here."""
        policy = self.folder / ".github" / "release-guard.yml"
        policy.parent.mkdir(exist_ok=True)
        address = f"indexes: {{pypi: {{simple-url: '{self.index.root}'}}}}\n"
        policy.write_text(address + self.policy, encoding="utf-8")
        told = io.StringIO()
        with _environment(self.environ, self.folder), _into(told):
            code = release_guard(command.split())
        said = _short(self._settled(told.getvalue()))
        return f"$ release-guard {command}\n{said}\n$ echo $?\n{code}\n"

    def _settled(self, text: str) -> str:
        """The text without what differs from run to run."""
        for host in (self.index.url, _PYPI):
            text = text.replace(host, "https://index.example")
        text = text.replace(str(self.folder), "/src/demo")
        commits = self.repository.git("rev-list", "--all").split()
        for number, commit in enumerate(commits):
            fixed = sha1(str(number).encode()).hexdigest()  # noqa: S324 - no secret
            text = text.replace(commit, fixed).replace(commit[:12], fixed[:12])
        return re.sub(r"\d+\.\d s\b", "0.2 s", text)


def _short(text: str) -> str:
    """A report as far as it says what is wrong, and what to do."""
    parts = _NOTICE.sub("", text).rstrip("\n").split("\n\n")
    kept = [part for part in parts if not part.startswith(_BESIDE)]
    return "\n\n".join(kept if len(kept) == len(parts) else [*kept, "[...]"])


class _Then(datetime):
    """The day of the lists that age: what is said of them must not change by itself."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Noon of that day."""
        return cls(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=tz)


@contextmanager
def _environment(environ: dict[str, str], folder: Path) -> Iterator[None]:
    """Nothing of this machine's environment but what programs need, and a fixed day."""
    before = dict(os.environ)
    kept = {name: before[name] for name in ("PATH",) if name in before}
    os.environ.clear()
    os.environ.update(kept, HOME=str(folder.parent), no_proxy="127.0.0.1", **environ)
    vars(common)["datetime"] = _Then
    try:
        with chdir(folder):
            yield
    finally:
        vars(common)["datetime"] = datetime
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _into(told: io.StringIO) -> Iterator[None]:
    """One stream for both, as on a terminal."""
    with redirect_stdout(told), redirect_stderr(told):
        yield


# --- the samples ------------------------------------------------------------------

_FILES = {"demo/__init__.py": "answer = 42\n"}
#: Made by chance, and good for nothing.
_TOKEN = f"TOKEN = '{planted.CREDENTIALS['GitHub token', 'personal'](Random(1))}'\n"  # noqa: S311
_LAST = sets.pair("demo 1.1.0", _FILES)
_THIS = sets.pair("demo 1.2.0", _FILES)


def _of(*dists: sets.Dist, tag: str = "v1.2.0") -> Callable[[World], str]:
    """A release of these files from a pushed tag."""

    def run(world: World) -> str:
        world.holds(*dists)
        world.lists(*_LAST)
        world.tagged(tag)
        return world.runs("check dist")

    return run


def _says(**fields: str) -> tuple[sets.Dist, ...]:
    """A pair whose metadata says this."""
    says = {name.replace("_", "-"): value for name, value in fields.items()}
    return sets.pair("demo 1.2.0", _FILES, says)


def _by_hand(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*_LAST)
    world.environ |= world.repository.dispatch("refs/heads/main").environ
    return world.runs("check dist")


def _on_pull_request(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*_LAST)
    world.tagged("v1.2.0")
    world.environ |= world.repository.pull_request().environ
    return world.runs("check dist")


def _checksums(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*_LAST)
    world.tagged("v1.2.0")
    (world.folder / "dist" / "SHA256SUMS").write_text("...\n")
    return world.runs("check dist")


def _refused_description(world: World) -> str:
    broken = "Description-Content-Type: text/x-rst\n\nDemo\n====\n\n.. unknown:: x\n"
    head = "Metadata-Version: 2.1\nName: demo\nVersion: 1.2.0\nRequires-Python: >=3.9\n"
    text = head + broken
    world.holds(
        sets.wheel("demo 1.2.0", {**_FILES, "demo-1.2.0.dist-info/METADATA": text}),
        sets.sdist("demo 1.2.0", {**_FILES, "PKG-INFO": text}),
    )
    world.lists(*_LAST)
    world.tagged("v1.2.0")
    return world.runs("check dist")


def _built_again(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*sets.pair("demo 1.2.0", {"demo/__init__.py": "answer = 41\n"}))
    world.tagged("v1.2.0")
    return world.runs("check dist")


def _lower(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*sets.pair("demo 1.2.1", _FILES))
    world.tagged("v1.2.0")
    return world.runs("check dist")


def _lost_platform(world: World) -> str:
    linux, windows = "cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"
    world.lists(
        sets.sdist("demo 1.1.0", _FILES),
        sets.wheel("demo 1.1.0", _FILES, tag=linux),
        sets.wheel("demo 1.1.0", _FILES, tag=windows),
    )
    world.holds(
        sets.sdist("demo 1.2.0", _FILES), sets.wheel("demo 1.2.0", _FILES, tag=linux)
    )
    world.tagged("v1.2.0")
    return world.runs("check --strict dist")


def _other_source(world: World) -> str:
    source = world.repository.folder / "demo" / "__init__.py"
    source.parent.mkdir()
    source.write_text("answer = 41\n")
    (world.repository.folder / "pyproject.toml").write_text(
        '[project]\nname = "demo"\n'
    )
    world.repository.git("add", "demo", "pyproject.toml")
    world.repository.commit("Answer")
    return _of(*_THIS)(world)


def _not_listed(world: World) -> str:
    _of(*_THIS)(world)
    world.lists(*_LAST, _THIS[1])
    return world.runs("verify --timeout 0 --no-progress")


def _other_bytes(world: World) -> str:
    _of(*_THIS)(world)
    world.lists(*_LAST, _THIS[1], sets.wheel("demo 1.2.0", {"demo.py": "answer = 0\n"}))
    return world.runs("verify --timeout 0 --no-progress")


def _changed_after(world: World) -> str:
    _of(*_THIS)(world)
    world.holds(sets.wheel("demo 1.2.0", {"demo.py": "answer = 0\n"}))
    return world.runs("check --against release-manifest.json dist")


def _nothing(world: World) -> str:
    (world.folder / "dist").mkdir()
    world.tagged("v1.2.0")
    return world.runs("check dist")


def _no_event(world: World) -> str:
    world.holds(*_THIS)
    world.lists(*_LAST)
    world.tagged("v1.2.0")
    world.environ["GITHUB_EVENT_PATH"] = str(world.folder / "gone.json")
    return world.runs("check dist")


def _no_index(world: World) -> str:
    world.holds(*_THIS)
    world.tagged("v1.2.0")
    page = sound.Reply(b"try again later", 503, "text/plain")
    world.index.says(page)
    return world.runs("check dist")


def _wrong_policy(world: World) -> str:
    world.holds(*_THIS)
    world.policy = "tag-template: ['v{version}']\nrules: {missing-sidst: warning}\n"
    return world.runs("check dist")


def _waived(world: World) -> str:
    world.policy = (
        "waivers:\n  - rule: missing-sdist\n    match: demo 1.2.0\n"
        "    reason: the source is not public\n    until: 2027-06-01\n"
    )
    return _of(_THIS[0])(world)


def _audited(world: World) -> str:
    versions = ("1.0", "1.1", "1.2", "1.4.dev1", "1.4", "1.5")
    files = [dist for v in versions for dist in sets.pair(f"demo {v}", _FILES)]
    world.lists(*files, since="2025-09-01")
    tags = ("v1.0", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5")
    listed = "".join(f"{tag} 2025-09-15\n" for tag in tags)
    (world.folder / "tags.txt").write_text(listed, encoding="utf-8")
    return world.runs("audit demo --tags tags.txt")


SAMPLES: dict[str, Callable[[World], str]] = {
    "dev-version": _of(*sets.pair("demo 1.2.1.dev4", _FILES)),
    "placeholder": _of(*sets.pair("demo 0.0.0", _FILES)),
    "by-hand": _by_hand,
    "other-tag": _of(*_THIS, tag="v1.3.0"),
    "pull-request": _on_pull_request,
    "stale-file": _of(*_THIS, _LAST[0]),
    "no-sdist": _of(_THIS[0]),
    "two-projects": _of(*_THIS, sets.wheel("demo-vectors 1.2.0", {"vectors.py": ""})),
    "checksums": _checksums,
    "linux-tag": _of(
        sets.sdist("demo 1.2.0", _FILES),
        sets.wheel("demo 1.2.0", _FILES, tag="cp312-cp312-linux_x86_64"),
    ),
    "description": _refused_description,
    "classifier": _of(*_says(Classifier="Topic :: Sofware Development")),
    "license": _of(*_says(Metadata_Version="2.4", License_Expression="Apache 2.0")),
    "dependency-url": _of(
        *_says(Requires_Dist="other @ https://index.example/other-1.0.tar.gz")
    ),
    "secret": _of(*sets.pair("demo 1.2.0", {**_FILES, "demo/settings.py": _TOKEN})),
    "tests-on-top": _of(
        sets.sdist("demo 1.2.0", {**_FILES, "tests/__init__.py": ""}),
        sets.wheel("demo 1.2.0", {**_FILES, "tests/__init__.py": ""}),
    ),
    "built-again": _built_again,
    "lower": _lower,
    "lost-platform": _lost_platform,
    "other-source": _other_source,
    "changed-after": _changed_after,
    "not-listed": _not_listed,
    "other-bytes": _other_bytes,
    "nothing": _nothing,
    "no-event": _no_event,
    "no-index": _no_index,
    "wrong-policy": _wrong_policy,
    "waived": _waived,
    "audit": _audited,
}


def sample(name: str) -> str:
    """What the program says of a sample."""
    with tempfile.TemporaryDirectory() as made, sound.serving() as index:
        folder = Path(made) / "demo"
        repository = forge.Repository(folder)
        return SAMPLES[name](World(folder, index, repository))


# --- the documents ----------------------------------------------------------------


def renewed(text: str) -> str:
    """A document with each sample as the program says it now. One that is named and has
    no block, or is none, is a ``ValueError``: nobody would see that it is not held.
    """
    named = re.findall(r"<!-- sample: (.*?) *-->", text)
    held = [block["name"] for block in _BLOCK.finditer(text)]
    if named != held or not set(named) <= SAMPLES.keys():
        raise ValueError(f"samples {named}, of which blocks follow: {held}")
    return _BLOCK.sub(
        lambda block: f"{block['head']}{sample(block['name'])}```\n", text
    )


def documents() -> dict[str, str]:
    """Every document, as the program has it now."""
    return {
        str(path.relative_to(ROOT)): renewed(path.read_text(encoding="utf-8"))
        for path in DOCUMENTS
    }


def main() -> int:
    """Write, or compare."""
    return written.run(ROOT, documents, by="docs")


if __name__ == "__main__":
    raise SystemExit(main())

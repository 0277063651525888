"""The whole way against real index servers: check, upload, and verify once somebody has
touched the index in one way or another.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import indexes
import pytest
import sound
from indexes import Said
from packaging.utils import NormalizedName, canonicalize_name

from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web

#: For what is not waited for; a run that waited would take so long, and be seen.
AT_ONCE = 20


# --- the servers -----------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """A real index: where it is read, and what can be done to the files on it.

    What is None nobody can do there; ``yank`` takes a reason. ``repository_url`` is
    where it takes uploads, empty where it takes none.
    """

    simple_url: str
    put: Callable[[Path], None]
    delete: Callable[[Path], None] | None = None
    replace: Callable[[Path], None] | None = None
    yank: Callable[[Path, str], None] | None = None
    repository_url: str = ""


@dataclass
class Started:
    """The servers that run for this module, each started when it is first needed."""

    folder: Path
    stack: contextlib.ExitStack
    known: dict[str, Index] = field(default_factory=dict)

    @functools.cached_property
    def devpi(self) -> indexes.Devpi:
        """The one devpi-server: it takes its time to start."""
        return self.stack.enter_context(indexes.devpi(self.folder / "devpi"))

    @functools.cached_property
    def devpi_as_html(self) -> str:
        """The same server, for a client that knows no JSON."""
        return self.stack.enter_context(indexes.as_html(self.devpi.root))

    def index(self, kind: str) -> Index:
        """The index of this kind."""
        if kind not in self.known:
            place = self.folder / f"{len(self.known)}"
            self.known[kind] = KINDS[kind](self, place)
        return self.known[kind]


@pytest.fixture(scope="module", name="started")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with contextlib.ExitStack() as stack:
        yield Started(tmp_path_factory.mktemp("servers"), stack)


def _twine_put(url: str, path: Path) -> None:
    assert indexes.twine_put(url, path) == 200


def _pypiserver(*options: str, overwrites: bool = False) -> Callable[..., Index]:
    """Its files lie in a folder, where whoever has the machine can do all."""

    def index(started: Started, folder: Path) -> Index:
        url = started.stack.enter_context(indexes.pypiserver(folder, *options))
        put = functools.partial(_twine_put, url)
        return Index(
            simple_url=f"{url}simple/",
            put=put,
            delete=lambda path: (folder / path.name).unlink(),
            replace=put if overwrites else lambda path: _lay(path, folder),
            repository_url=url,
        )

    return index


def _lay(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder)


def _devpi(*, volatile: bool, html: bool = False) -> Callable[..., Index]:
    def index(started: Started, folder: Path) -> Index:
        url = started.devpi.index(f"i{folder.name}", volatile=volatile)
        return _on_devpi(started, url, read=url, volatile=volatile, html=html)

    return index


def _devpi_derived(started: Started, folder: Path) -> Index:
    """Uploads go to the base, and the derived index is read (``bases=``)."""
    base = started.devpi.index(f"i{folder.name}")
    name = base.removeprefix(started.devpi.root).rstrip("/")
    derived = started.devpi.index(f"i{folder.name}d", bases=[name], volatile=False)
    return _on_devpi(started, base, read=derived, volatile=True)


def _on_devpi(
    started: Started, url: str, *, read: str, volatile: bool, html: bool = False
) -> Index:
    def delete(path: Path) -> None:
        assert started.devpi.delete(_address(f"{url}+simple/", path)) == 200

    put = functools.partial(_twine_put, url)
    if html:
        read = read.replace(started.devpi.root, started.devpi_as_html)
    return Index(
        simple_url=f"{read}+simple/",
        put=put,
        delete=delete if volatile else None,
        replace=put if volatile else None,
        repository_url=url,
    )


def _address(simple_url: str, path: Path) -> str:
    """Where an index serves a file."""
    listing = read_listing(Web({}), simple_url, _project(path))
    return listing.by_name[path.name].url


def _project(path: Path) -> NormalizedName:
    return canonicalize_name(path.name.partition("-")[0])


def _simple_repository(started: Started, folder: Path) -> Index:
    """A folder for each project, which may be read by anybody and written by cp."""

    def place(path: Path) -> Path:
        return folder / _project(path)

    folder.mkdir()
    url = started.stack.enter_context(indexes.simple_repository(folder))
    return Index(
        simple_url=url,
        put=lambda path: _lay(path, place(path)),
        delete=lambda path: (place(path) / path.name).unlink(),
        replace=lambda path: _lay(path, place(path)),
    )


def _in_front(started: Started, folder: Path) -> Index:
    """simple-repository-server in front of a pypiserver."""
    behind = _pypiserver()(started, folder)
    front = started.stack.enter_context(indexes.simple_repository(behind.simple_url))
    return Index(front, behind.put, behind.delete, behind.replace)


@dataclass
class _Tree:
    """Pages that a script writes: one for each project, with its files beside it.

    ``links`` are the links by project and file name.
    """

    folder: Path
    links: dict[NormalizedName, dict[str, str]] = field(default_factory=dict)

    def put(self, path: Path, said: str = "") -> None:
        """Lay a file down, and list it with its hash."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        link = f'<a href="{path.name}#sha256={digest}"{said}>{path.name}</a>'
        _lay(path, self.folder / _project(path))
        self.links.setdefault(_project(path), {})[path.name] = link
        self._write(_project(path))

    def delete(self, path: Path) -> None:
        """Take a file, and its link, away."""
        del self.links[_project(path)][path.name]
        (self.folder / _project(path) / path.name).unlink()
        self._write(_project(path))

    def yank(self, path: Path, reason: str) -> None:
        """List it as withdrawn (PEP 592)."""
        self.put(path, f' data-yanked="{reason}"')

    def _write(self, project: NormalizedName) -> None:
        title = f"<title>Links for {project}</title>"
        body = "<br>".join(self.links[project].values())
        page = f"<!DOCTYPE html><html><head>{title}</head><body>{body}</body></html>"
        path = self.folder / project / "index.html"
        path.write_text(page, encoding="utf-8")


def _pages(started: Started, folder: Path) -> Index:
    """Pages on a plain web server."""
    tree = _Tree(folder)
    url = started.stack.enter_context(indexes.pages(folder))
    return Index(url, tree.put, tree.delete, tree.put, tree.yank)


def _pages_behind(started: Started, folder: Path) -> Index:
    """simple-repository-server in front of such pages: their words, in JSON."""
    behind = _pages(started, folder)
    front = started.stack.enter_context(indexes.simple_repository(behind.simple_url))
    return dataclasses.replace(behind, simple_url=front)


def _bare_folders(started: Started, folder: Path) -> Index:
    """A web server's own lists of folders, which give no hashes."""
    url = started.stack.enter_context(indexes.pages(folder))
    return Index(
        simple_url=url,
        put=lambda path: _lay(path, folder / _project(path)),
        delete=lambda path: (folder / _project(path) / path.name).unlink(),
        replace=lambda path: _lay(path, folder / _project(path)),
    )


KINDS: dict[str, Callable[[Started, Path], Index]] = {
    "pypiserver": _pypiserver(),
    "pypiserver that overwrites": _pypiserver("-o", overwrites=True),
    "pypiserver with md5": _pypiserver("--hash-algo", "md5"),
    "pypiserver with sha512": _pypiserver("--hash-algo", "sha512"),
    "pypiserver without hashes": _pypiserver("--hash-algo", "off"),
    "devpi, volatile": _devpi(volatile=True),
    "devpi, volatile, as HTML": _devpi(volatile=True, html=True),
    "devpi, non-volatile": _devpi(volatile=False),
    "devpi, uploaded to the base": _devpi_derived,
    "simple-repository-server": _simple_repository,
    "simple-repository-server before pypiserver": _in_front,
    "simple-repository-server before pages": _pages_behind,
    "pages": _pages,
    "folders": _bare_folders,
}

#: The quickest of each server.
FEW = ("pypiserver", "pypiserver without hashes", "simple-repository-server", "pages")
#: What differs little from another one, or takes its time: devpi does so for its start
#: and for each upload, so that only `make test-index` has it.
SLOW = (
    *("pypiserver with sha512", "simple-repository-server before pypiserver"),
    *("devpi, volatile", "devpi, volatile, as HTML"),
    *("devpi, non-volatile", "devpi, uploaded to the base"),
)


def _slow_but(few: Collection[str], kinds: Iterable[str] = KINDS) -> list[Any]:
    """Kinds of index as parameters; all but a few take their time."""
    return [pytest.param(kind, marks=_marks(kind not in few)) for kind in kinds]


def _marks(is_slow: bool) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow_index] if is_slow else []


# --- what happens ----------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """A release that was checked and uploaded; ``folder`` is for more files."""

    project: str
    files: tuple[Path, ...]
    manifest: Path
    index: Index
    folder: Path

    @property
    def wheel(self) -> Path:
        """Its wheel."""
        return next(path for path in self.files if path.suffix == ".whl")


Errors = set[tuple[str, str]]


def _exact(published: Published) -> Errors:
    return set()


def _deleted(published: Published) -> Errors:
    assert published.index.delete is not None
    published.index.delete(published.wheel)
    return {("published-missing", published.wheel.name)}


def _replaced(published: Published) -> Errors:
    assert published.index.replace is not None
    published.index.replace(_other(published.wheel, published.folder))
    return {("published-altered", published.wheel.name)}


def _added_file(published: Published) -> Errors:
    name = published.wheel.name.replace("-py3-", "-1stray-py3-")
    added = _other(published.wheel, published.folder, name)
    published.index.put(added)
    return {("published-unexpected", added.name)}


def _added_version(published: Published) -> Errors:
    added = sound.pair(published.folder, "1.1", published.project)
    for path in added:
        published.index.put(path)
    return {("published-elsewhere", path.name) for path in added}


def _yanked(published: Published) -> Errors:
    assert published.index.yank is not None
    published.index.yank(published.wheel, "broken")
    return {("published-yanked", published.wheel.name)}


def _other(path: Path, folder: Path, name: str = "") -> Path:
    """The same wheel with other bytes, which every installer takes: a zip may end in a
    comment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    other = folder / (name or path.name)
    other.write_bytes(path.read_bytes()[:-2] + b"\x01\x00!")
    return other


@dataclass(frozen=True)
class Event:
    """What somebody does to a release that was uploaded; gives what must be said.

    ``needs`` is what the index must let them do.
    """

    act: Callable[[Published], Errors]
    code: int = 1
    state: str = ""
    needs: str = "put"


EVENTS = {
    "nothing else": Event(_exact, code=0, state="exact"),
    "a file is deleted": Event(_deleted, state="missing", needs="delete"),
    "a file is replaced": Event(_replaced, state="altered", needs="replace"),
    "a file is added": Event(_added_file, state="unexpected"),
    "a version is added": Event(_added_version, state="changed-elsewhere"),
    "a file is yanked": Event(_yanked, state="yanked", needs="yank"),
}

#: What an index does not let anybody do: no upload yanks, and a non-volatile index of
#: devpi keeps what it has (see the tests of uploads below).
CANNOT = {
    *((kind, "a file is yanked") for kind in KINDS if "pages" not in kind),
    ("devpi, non-volatile", "a file is deleted"),
    ("devpi, non-volatile", "a file is replaced"),
}
CYCLES = [pair for pair in itertools.product(KINDS, EVENTS) if pair not in CANNOT]


@pytest.fixture(name="publish")
def _publish(tmp_path: Path) -> Callable[[Index, str], Published]:
    """Check a release, and upload it."""

    def publish(index: Index, project: str) -> Published:
        files = sound.pair(tmp_path / "dist", project=project)
        manifest = tmp_path / "release-manifest.json"
        assert _run("check", index, "--manifest", manifest, tmp_path / "dist").code == 0
        for path in files:
            index.put(path)
        return Published(project, tuple(files), manifest, index, tmp_path / "more")

    return publish


def _run(command: str, index: Index, *arguments: object) -> Said:
    return indexes.ask(command, index.simple_url, *arguments)


def _verify(published: Published, *, timeout: int = 0) -> Said:
    return _run("verify", published.index, "--timeout", timeout, published.manifest)


@pytest.mark.parametrize(
    ("kind", "happening", "number"),
    [
        pytest.param(
            kind, what, number, marks=_marks(kind in SLOW), id=f"{kind}: {what}"
        )
        for number, (kind, what) in enumerate(CYCLES)
    ],
)
def test_what_happened_to_a_release_is_said(
    kind: str,
    happening: str,
    number: int,
    started: Started,
    publish: Callable[[Index, str], Published],
) -> None:
    event = EVENTS[happening]
    # A project of its own: the servers live as long as the module.
    published = publish(started.index(kind), f"demo_{number}")

    says = event.act(published)
    # Only a file that is not there is waited for.
    answer = _verify(published, timeout=0 if event.state == "missing" else AT_ONCE)

    assert answer.errors == says
    assert answer.code == event.code
    assert answer.states == [event.state]
    assert answer.looks == [1]


@pytest.mark.parametrize(
    ("kind", "is_told"),
    [
        ("pypiserver", True),
        ("pypiserver with md5", False),
        ("pypiserver without hashes", False),
        ("simple-repository-server", False),
        ("pages", True),
    ],
)
def test_file_of_another_version_that_is_replaced_is_told_where_a_sha256_is_listed(
    kind: str,
    is_told: bool,
    started: Started,
    publish: Callable[[Index, str], Published],
    tmp_path: Path,
) -> None:
    index, project = started.index(kind), f"older_{list(KINDS).index(kind)}"
    older = sound.wheel(_folder(tmp_path / "older"), "0.9", project)
    index.put(older)
    published = publish(index, project)
    assert index.replace is not None
    index.replace(_other(older, tmp_path / "other"))

    answer = _verify(published, timeout=AT_ONCE)

    assert answer.errors == (
        {("published-elsewhere", older.name)} if is_told else set()
    )
    # Where it is not told, it is said that it is not.
    open_ = [item["reason"] for item in answer.report["not_run"]]
    assert any("whether they changed" in reason for reason in open_) != is_told


@pytest.mark.parametrize("kind", _slow_but(FEW))
def test_version_that_came_from_no_tag_is_named_by_an_audit(
    kind: str, started: Started, tmp_path: Path
) -> None:
    index, project = started.index(kind), f"audited_{list(KINDS).index(kind)}"
    for version in ("1.0", "1.1.dev1"):
        for path in sound.pair(tmp_path / version, version, project):
            index.put(path)
    tags = tmp_path / "tags"
    tags.write_text("v1.0\n", encoding="utf-8")

    audited = _run("audit", index, project, "--tags", tags)

    assert audited.code == 1
    version = f"{canonicalize_name(project)} 1.1.dev1"
    assert ("release-untagged", version) in audited.errors


# --- a name that is taken --------------------------------------------------------


@dataclass(frozen=True)
class Again:
    """What the index answers to the same bytes, then to others, under a name that it
    has; whether it serves the others then; and what it answers to them once the file
    was deleted (None: it does not let that be done).
    """

    same: int
    other: int
    replaces: bool
    deleted: int | None


AGAIN = {
    "pypiserver": Again(400, 400, replaces=False, deleted=200),
    "pypiserver that overwrites": Again(200, 200, replaces=True, deleted=200),
    "devpi, volatile": Again(200, 200, replaces=True, deleted=200),
    "devpi, non-volatile": Again(200, 409, replaces=False, deleted=None),
}


@pytest.mark.parametrize("kind", AGAIN)
def test_an_index_answers_to_a_taken_name_as_the_docs_say(
    kind: str, started: Started, publish: Callable[[Index, str], Published]
) -> None:
    again, index = AGAIN[kind], started.index(kind)
    published = publish(index, f"again_{list(AGAIN).index(kind)}")
    put = functools.partial(indexes.twine_put, index.repository_url)
    other = _other(published.wheel, published.folder)
    altered = {("published-altered", other.name)}

    assert put(published.wheel) == again.same
    assert _verify(published, timeout=AT_ONCE).code == 0
    assert put(other) == again.other
    assert _verify(published, timeout=AT_ONCE).errors == (
        altered if again.replaces else set()
    )

    assert (index.delete is None) == (again.deleted is None)
    if index.delete is not None:
        index.delete(other)
        assert put(other) == again.deleted
        assert _verify(published, timeout=AT_ONCE).errors == altered


def test_devpi_lets_nobody_delete_from_a_non_volatile_index(
    started: Started, publish: Callable[[Index, str], Published]
) -> None:
    index = started.index("devpi, non-volatile")
    published = publish(index, "kept")

    address = _address(index.simple_url, published.wheel)
    assert started.devpi.delete(address) == 403
    assert _verify(published, timeout=AT_ONCE).states == ["exact"]


# --- an upload that broke off ----------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    _slow_but(
        (*AGAIN, *FEW), [k for k in KINDS if k.startswith(("pypiserver", "devpi"))]
    ),
)
def test_upload_that_broke_off_is_finished_without_skipping(
    kind: str, started: Started, tmp_path: Path
) -> None:
    index, project = started.index(kind), f"broken_{list(KINDS).index(kind)}"
    dist, manifest = tmp_path / "dist", tmp_path / "manifest.json"
    first, *rest = sound.pair(dist, project=project)
    rest.append(sound.wheel(dist, project=project, tag="py311-none-any"))
    urls = f"simple-url: '{index.simple_url}', repository-url: '{index.repository_url}'"
    policy = _policy(tmp_path, f"indexes: {{internal: {{{urls}}}}}\nindex: internal")
    check = functools.partial(indexes.ask, "check", "", *policy)
    verify = functools.partial(indexes.ask, "verify", "", *policy, "--timeout")
    before = check("--manifest", manifest, dist)
    assert before.code == 0
    assert before.report["to_upload"] == sorted(path.name for path in (first, *rest))

    # The first file went out, and then the connection broke.
    indexes.twine_upload(index.repository_url, first)
    broken = verify(0, manifest)
    assert broken.errors == {("published-missing", path.name) for path in rest}
    assert broken.states == ["missing"]

    # The publish job runs again; or all of it does.
    again = check("--against", manifest, dist)
    assert (again.code, again.errors) == (0, set())
    assert again.report["to_upload"] == sorted(path.name for path in rest)
    anew = check("--manifest", tmp_path / "another.json", dist)
    assert (anew.code, anew.report["to_upload"]) == (0, again.report["to_upload"])
    left = [dist / name for name in again.report["to_upload"]]
    indexes.twine_upload(index.repository_url, *left)

    assert verify(AT_ONCE, manifest).states == ["exact"]
    assert verify(AT_ONCE, tmp_path / "another.json").states == ["exact"]
    done = check("--against", manifest, dist)
    assert (done.code, done.report["to_upload"]) == (0, [])


def test_twine_skips_nothing_but_on_the_public_indexes(
    started: Started, tmp_path: Path
) -> None:
    index = started.index("pypiserver")
    files = sound.pair(tmp_path, project="skipped")
    indexes.twine_upload(index.repository_url, files[0])

    everything = functools.partial(indexes.twine_refusal, index.repository_url, *files)
    assert "400" in everything()
    assert "UnsupportedConfiguration" in everything(options=("--skip-existing",))


# --- names and versions ----------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A release with a name or version that is easily misread, and others beside it
    that it is easily taken for, by project and version.
    """

    project: str = "demo"
    version: str = "1.0"
    beside: tuple[tuple[str, str], ...] = ()


NAMED = {
    "an epoch and a local version": Named("name_a", "1!2.0+cu.1", (("name_a", "2.0"),)),
    "a version that others contain": Named(
        "name_b", "1.4.2", (("name_b", "11.4.20"), ("name_b", "1.4.2.post1"))
    ),
    "a name that another begins with": Named(
        "name", "1.0", (("name_more", "1.0"), ("name2", "1.0"))
    ),
    "capitals and a dot in the name": Named("Name.C", "1.0", (("name", "1.0"),)),
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("kind", _slow_but(FEW))
def test_release_with_a_tricky_name_is_told_from_its_neighbours(
    kind: str, name: str, started: Started, tmp_path: Path
) -> None:
    index, named = started.index(kind), NAMED[name]
    suffix = f"_{list(KINDS).index(kind)}_{list(NAMED).index(name)}"
    for number, (project, version) in enumerate(named.beside):
        for path in sound.pair(tmp_path / str(number), version, project + suffix):
            index.put(path)
    files = sound.pair(tmp_path / "dist", named.version, named.project + suffix)
    arguments = ("--timeout", 0, "--dist", tmp_path / "dist")
    absent = _run("verify", index, *arguments)
    assert absent.errors == {("published-missing", path.name) for path in files}
    assert absent.states == ["missing"]

    for path in files:
        index.put(path)
    verified = _run("verify", index, *arguments)
    assert (verified.errors, verified.code) == (set(), 0)
    assert verified.states == ["exact"]


# --- an index that inherits ------------------------------------------------------


@dataclass(frozen=True)
class Family:
    """A devpi index that inherits from another one (``bases=``)."""

    base: Index
    derived: Index


@pytest.fixture(name="family")
def _family(started: Started, tmp_path: Path) -> Family:
    name = f"f{tmp_path.name}".replace("_", "-").lower()
    base = started.devpi.index(f"{name}-base")
    bases = [base.removeprefix(started.devpi.root).rstrip("/")]
    derived = started.devpi.index(name, bases=bases, volatile=False)
    return Family(
        _on_devpi(started, base, read=base, volatile=True),
        _on_devpi(started, derived, read=derived, volatile=False),
    )


def _put_pair(index: Index, folder: Path, version: str = "1.0") -> list[Path]:
    files = sound.pair(folder, version)
    for path in files:
        index.put(path)
    return files


def test_inherited_file_of_this_version_that_was_there_before_is_no_news(
    family: Family, tmp_path: Path
) -> None:
    stray = _put_pair(family.base, tmp_path / "base")[1]
    manifest = tmp_path / "manifest.json"
    wheel = sound.wheel(_folder(tmp_path / "dist"), tag="py311-none-any")
    policy = _policy(tmp_path, "expect: {sdist: optional}")
    checked = _run("check", family.derived, *policy, "--manifest", manifest, wheel)
    assert checked.code == 0
    family.derived.put(wheel)

    verified = _run("verify", family.derived, *policy, "--timeout", AT_ONCE, manifest)
    assert (verified.code, verified.states) == (0, ["exact"])

    # Without the listing of before nobody can tell it from a stranger's upload.
    bare = _run("verify", family.derived, "--timeout", AT_ONCE, "--dist", wheel)
    assert bare.code == 1
    assert ("published-unexpected", stray.name) in bare.errors


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def _policy(folder: Path, text: str) -> tuple[str, Path]:
    path = folder / "policy.yml"
    path.write_text(f"edition: 2026\n{text}\n", encoding="utf-8")
    return "--policy", path


def test_file_of_this_version_that_the_base_gets_later_is_unexpected(
    family: Family, publish: Callable[[Index, str], Published]
) -> None:
    published = publish(family.derived, "demo")
    stray = sound.wheel(_folder(published.folder), tag="py311-none-any")
    family.base.put(stray)

    verified = _verify(published, timeout=AT_ONCE)
    assert verified.errors == {("published-unexpected", stray.name)}
    assert verified.states == ["unexpected"]


def test_version_that_the_base_had_before_is_no_news_and_its_end_is(
    family: Family,
    tmp_path: Path,
    publish: Callable[[Index, str], Published],
) -> None:
    old = _put_pair(family.base, tmp_path / "base", "0.9")
    published = publish(family.derived, "demo")
    assert _verify(published, timeout=AT_ONCE).states == ["exact"]

    assert family.base.delete is not None
    family.base.delete(old[0])
    verified = _verify(published, timeout=AT_ONCE)
    assert verified.errors == {("published-elsewhere", old[0].name)}
    assert verified.states == ["changed-elsewhere"]


def test_version_that_the_base_gets_later_is_a_change_elsewhere(
    family: Family, publish: Callable[[Index, str], Published]
) -> None:
    published = publish(family.derived, "demo")
    new = _put_pair(family.base, published.folder, "1.1")

    verified = _verify(published, timeout=AT_ONCE)
    assert verified.errors == {("published-elsewhere", path.name) for path in new}
    assert verified.states == ["changed-elsewhere"]


def test_index_that_the_policy_says_inherits_is_judged_by_its_own_version_alone(
    family: Family, publish: Callable[[Index, str], Published]
) -> None:
    published = publish(family.derived, "demo")
    index = f"{{simple-url: '{family.derived.simple_url}', inherits: true}}"
    policy = _policy(published.manifest.parent, f"indexes: {{internal: {index}}}")
    ask = functools.partial(indexes.ask, "verify", "", *policy, "--index", "internal")
    arguments = ("--timeout", AT_ONCE, "--dist", *published.files)
    _put_pair(family.base, published.folder, "1.1")
    assert ask(*arguments).states == ["exact"]

    stray = sound.wheel(published.folder, tag="py311-none-any")
    family.base.put(stray)
    verified = ask(*arguments)
    assert verified.errors == {("published-unexpected", stray.name)}


def test_name_that_the_base_has_with_other_bytes_is_refused_before_the_upload(
    family: Family, tmp_path: Path
) -> None:
    files = sound.pair(tmp_path / "dist")
    family.base.put(_other(files[0], tmp_path / "base"))

    manifest = tmp_path / "manifest.json"
    checked = _run("check", family.derived, "--manifest", manifest, tmp_path / "dist")
    assert checked.code == 1
    assert checked.errors == {("file-exists", files[0].name)}

    # The index would have taken it, and hidden the one that it inherits.
    for path in files:
        family.derived.put(path)
    arguments = ["--timeout", AT_ONCE, "--dist", tmp_path / "dist"]
    assert _run("verify", family.derived, *arguments).states == ["exact"]
    assert _run("verify", family.base, *arguments).states == ["altered"]


def test_upload_to_the_derived_index_does_not_reach_the_base(
    family: Family, publish: Callable[[Index, str], Published]
) -> None:
    published = publish(family.derived, "demo")
    arguments = ["--timeout", 0, "--dist", *published.files]

    verified = _run("verify", family.base, *arguments)
    assert verified.code == 1
    assert verified.errors == {("published-missing", p.name) for p in published.files}
    assert verified.states == ["missing"]

"""What judging costs beside what nobody can do without (``make bench``).

Each figure is a ratio of two measurements of one run, so that the machine matters
little. It ends with 1 where a target is missed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import (
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from release_guard.facts import (
    Distribution,
    ExpectedFile,
    ExpectedRelease,
    Kind,
    is_zip_name,
)
from release_guard.filenames import distribution
from release_guard.findings import Report, Verdict
from release_guard.jobs.common import Job
from release_guard.jobs.verify import Expectation, verify
from release_guard.manifest import Manifest
from release_guard.policy import Overrides, PolicyFile, resolve
from release_guard.sources.sdist import read_sdist
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.web import Answer, Web
from release_guard.sources.wheel import read_wheel
from release_guard.sources.zip_archive import ZipReader

#: How many files the large listing has, and how often it is judged.
FILES = 20_000
ROUNDS = 7
#: How many projects are audited, how many files each has, how long the server thinks
#: of each, in seconds, and how many are read at a time.
PROJECTS = 200
SMALL = 100
LATENCY = 0.05
AT_A_TIME = (1, 2, 4, 8, 16)
#: From so many on an audit takes but a few seconds.
SHORT = 8
#: How much faster so many at a time must be at least.
FASTER = {2: 1.6, 4: 2.4, 8: 3.0}
#: Where real releases are kept.
CORPUS = Path(__file__).parent.parent / ".corpus"
#: From so many files on it is the whole corpus; a part of it may be all small sources.
WHOLE = 200
#: The option of this program that makes it the server of the audit.
SERVE = "--serve"

JSON = "application/vnd.pypi.simple.v1+json"
ROOT = "https://index.example/simple/"
PLATFORMS = (
    *("manylinux_2_17_x86_64.manylinux2014_x86_64", "musllinux_1_2_x86_64"),
    *("manylinux_2_17_aarch64.manylinux2014_aarch64", "macosx_10_13_x86_64"),
    *("manylinux_2_17_ppc64le.manylinux2014_ppc64le", "macosx_11_0_arm64"),
    *("win_amd64", "win32"),
)
TAGS = tuple(
    f"cp3{minor}-cp3{minor}-{platform}"
    for minor in range(10, 15)
    for platform in PLATFORMS
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a ratio, and where there is one its target, as a bound
    that it must stay below (``most``) or above (``least``).
    """

    what: str
    measured: str
    ratio: float
    most: float = 0.0
    least: float = 0.0

    @property
    def missed(self) -> bool:
        """Whether the target is missed."""
        return bool((self.most and self.ratio >= self.most) or self.ratio < self.least)

    def __str__(self) -> str:
        target = f"< {self.most:g}" if self.most else ""
        target = f">= {self.least:g}" if self.least else target
        mark = "  MISSED" if self.missed else ""
        return (
            f"{self.what:<50} {self.measured:>18} {self.ratio:>7.2f} {target:>7}{mark}"
        )


def main(arguments: Sequence[str]) -> int:
    """Measure all, and print one table."""
    if arguments == [SERVE]:
        return serve()
    rows = []
    print(f"{'':<50} {'seconds':>18} {'ratio':>7} {'target':>7}")
    for measure in (judging, auditing, looking, starting):
        for row in measure():
            print(row, flush=True)
            rows.append(row)
    return 1 if any(row.missed for row in rows) else 0


# --- a large listing ----------------------------------------------------------------


@cache
def page(project: str, files: int) -> bytes:
    """A page of a project as Warehouse writes one: 41 files to a version, as a project
    with compiled wheels has them.
    """
    entries: list[Mapping[str, object]] = []
    versions: list[str] = []
    while len(entries) < files:
        number = len(versions)
        version = f"{number // 100}.{number // 10 % 10}.{number % 10}"
        versions.append(version)
        stem = f"{project}-{version}"
        names = [f"{stem}.tar.gz", *(f"{stem}-{tag}.whl" for tag in TAGS)]
        entries += [entry(name) for name in names]
    document = {
        "meta": {"api-version": "1.4", "_last-serial": 30_000_000},
        "name": project,
        "project-status": {"status": "active"},
        "versions": versions,
        "files": entries[:files],
    }
    return json.dumps(document).encode()


def entry(filename: str) -> Mapping[str, object]:
    """A file as Warehouse tells it, with hashes that are only of its name."""
    digest = hashlib.sha256(filename.encode()).hexdigest()
    where = f"packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}"
    return {
        "filename": filename,
        "url": f"https://files.index.example/{where}/{filename}",
        "hashes": {"sha256": digest},
        "requires-python": ">=3.10",
        "size": 123_456,
        "upload-time": "2026-01-02T03:04:05.678901Z",
        "yanked": False,
        "core-metadata": {"sha256": digest},
        "data-dist-info-metadata": {"sha256": digest},
        "provenance": None,
    }


class Held(Web):
    """A way to ask an index whose answer is already there."""

    answer: ClassVar[Answer]

    def get(
        self, url: str, *, accept: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The one page; nothing else is on this index."""
        del accept, headers
        found = url == self.answer.url
        return self.answer if found else Answer(url, 404, "text/plain", b"")


def judging() -> Iterator[Row]:
    """A listing judged by verify, beside what reading it costs anybody."""
    body = page("demo", FILES)
    release = newest(json.loads(body)["files"])
    expectation = Expectation(Manifest((release,), url=ROOT))
    Held.answer = Answer(f"{ROOT}demo/", 200, JSON, body)
    policy = resolve(PolicyFile(), Overrides(index_url=ROOT))
    job = Job(policy, web=Held({}))

    def judge() -> Report:
        return verify(job, expectation, timeout=0)

    report = judge()
    if report.verdict is not Verdict.PASS or len(report.published) != 1:
        raise SystemExit(f"the listing does not pass: {report.findings}")
    ours, parsed, trivial = least(
        judge, lambda: names_parsed(body), lambda: names_only(body)
    )
    what = f"verify {FILES:,} files / json.loads and names parsed"
    yield Row(what, f"{ours:.3f} / {parsed:.3f}", ours / parsed, most=2.0)
    what = f"verify {FILES:,} files / json.loads and names"
    yield Row(what, f"{ours:.3f} / {trivial:.3f}", ours / trivial)


def newest(files: Sequence[Mapping[str, Any]]) -> ExpectedRelease:
    """The last version as a manifest expects it, and all others as they were before."""
    hashes = {file["filename"]: file["hashes"]["sha256"] for file in files}
    version = parse_name(files[-1]["filename"])
    mine = {name for name in hashes if parse_name(name) == version}
    return ExpectedRelease(
        NormalizedName("demo"),
        version,
        tuple(expected(name, hashes[name]) for name in hashes if name in mine),
        {name: sha256 for name, sha256 in hashes.items() if name not in mine},
    )


def expected(filename: str, sha256: str) -> ExpectedFile:
    """A file as a manifest has it."""
    kind = Kind.WHEEL if filename.endswith(".whl") else Kind.SDIST
    return ExpectedFile(filename, kind, 123_456, sha256)


def names_parsed(body: bytes) -> object:
    """The least that an exact comparison needs: which version each file is of."""
    files = json.loads(body)["files"]
    return {file["filename"]: parse_name(file["filename"]) for file in files}


def parse_name(filename: str) -> Version:
    """The version that a file name says, by the library that installers use."""
    if filename.endswith(".whl"):
        return parse_wheel_filename(filename)[1]
    return parse_sdist_filename(filename)[1]


def names_only(body: bytes) -> object:
    """The names, and nothing that is known of them."""
    return {file["filename"] for file in json.loads(body)["files"]}


def least(*calls: Callable[[], object]) -> tuple[float, ...]:
    """The shortest processor time of each call, in seconds; they take turns, so that
    what else the machine does meets them alike.
    """
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, taken in zip(calls, times, strict=True):
            started = time.process_time()
            result = call()
            taken.append(time.process_time() - started)
            del result
    return tuple(map(min, times))


# --- many projects ------------------------------------------------------------------


def auditing() -> Iterator[Row]:
    """An audit of many projects, several at a time, beside one after the other."""
    projects = [f"project-{number}" for number in range(PROJECTS)]
    versions = {str(parse_name(file["filename"])) for file in small_page("a")["files"]}
    with tempfile.TemporaryDirectory() as name, serving() as url:
        folder = Path(name)
        wanted, tags = folder / "projects.txt", folder / "tags.txt"
        wanted.write_text("\n".join(projects))
        tags.write_text("\n".join(sorted(versions)))
        command = release_guard("audit", "--projects", wanted, "--tags", tags)
        command += ["--index-url", url, "--no-progress", "--jobs"]
        alone = 0.0
        for number in AT_A_TIME:
            # What is short is disturbed more: it is measured again.
            rounds = 1 if number < SHORT else 3
            taken = min(wall([*command, str(number)], folder) for _ in range(rounds))
            alone = alone or taken
            what = f"audit of {PROJECTS} projects: 1 / {number} at a time"
            measured = f"{alone:.2f} / {taken:.2f}"
            yield Row(what, measured, alone / taken, least=FASTER.get(number, 0.0))


def small_page(project: str) -> Any:  # noqa: ANN401
    """The page of a small project, taken apart."""
    return json.loads(page(project, SMALL))


class Thinking(BaseHTTPRequestHandler):
    """An index that thinks for a while before each answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the page of any project."""
        time.sleep(LATENCY)
        body = page(self.path.strip("/").rpartition("/")[2], SMALL)
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def serve() -> int:
    """Be the server, say at which port, and go with who started us."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Thinking)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    return 0


@contextmanager
def serving() -> Iterator[str]:
    """The server as a process of its own, so that it takes no time of the audit's."""
    command = [sys.executable, __file__, SERVE]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None  # noqa: S101 - they are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/simple/"
        finally:
            process.stdin.close()


# --- what is in a wheel ---------------------------------------------------------------


def looking() -> Iterator[Row]:
    """What the look at contents costs (imports, entry points, secrets, binaries),
    beside what any reader must do: to inflate and to hash. Measured on what of the
    corpus is here (``make corpus``).
    """
    files = [file for file in map(opened, sorted(CORPUS.glob("*"))) if file]
    if not files:
        print("contents of files: there is no corpus here, see make corpus")
        return

    def read(*, looks: bool) -> None:
        for path, file in files:
            is_wheel = file.kind is Kind.WHEEL
            with path.open("rb") as content:
                if looks:
                    (read_wheel if is_wheel else read_sdist)(content, file)
                elif is_zip_name(file.filename):
                    reader = ZipReader(
                        content, filename=file.filename, kind=file.kind, size=file.size
                    )
                    reader.archive(lambda _: "sha256", blobs=not is_wheel)
                else:
                    TarReader(content, filename=file.filename, size=file.size).archive(
                        blobs=True
                    )

    def inflate() -> None:
        for path, file in files:
            for content in contents(path, file.filename):
                hashlib.sha256(content)

    looked, bare, inflated = least(
        lambda: read(looks=True), lambda: read(looks=False), inflate
    )
    extra = looked - bare
    told = f"{extra:.2f} / {inflated:.2f}"
    what = f"contents of {len(files)} files / inflate + hash"
    most = 1 if len(files) >= WHOLE else 0
    yield Row(what, told, extra / inflated, most=most)


def opened(path: Path) -> tuple[Path, Distribution] | None:
    """A file of the corpus, which is named by its hash, as what it is."""
    name = ""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            infos = [n for n in archive.namelist() if n.endswith(".dist-info/WHEEL")]
            for info in sorted(infos, key=lambda n: n.count("/"))[:1]:
                name = f"{info.partition('.dist-info')[0]}-py3-none-any.whl"
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as sdist:
            first = sdist.next()
            name = f"{first.name.partition('/')[0]}.tar.gz" if first else ""
    size = path.stat().st_size
    return (path, distribution(name, size=size, sha256=path.name)) if name else None


def contents(path: Path, name: str) -> Iterator[bytes]:
    """All that is in an archive, as the standard library reads it."""
    if is_zip_name(name):
        with zipfile.ZipFile(path) as archive:
            yield from map(archive.read, archive.namelist())
        return
    with tarfile.open(path) as sdist:
        for member in sdist:
            if file := sdist.extractfile(member) if member.isfile() else None:
                yield file.read()


# --- the start ----------------------------------------------------------------------


def starting() -> Iterator[Row]:
    """What a user waits for before anything happens, and for the least that check does,
    beside Python's own start.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pair(folder / "dist")
        check = release_guard("check", "--offline", "--index", "testpypi")
        commands = {
            "nothing": [sys.executable, "-I", "-c", "pass"],
            "release-guard --version": release_guard("--version"),
            "release-guard rules": release_guard("rules"),
            "check --offline of a small pair": check,
        }
        times: dict[str, list[float]] = {what: [] for what in commands}
        for _ in range(ROUNDS):
            for what, command in commands.items():
                times[what].append(wall(command, folder))
    python = min(times.pop("nothing"))
    for what, taken in times.items():
        measured = f"{min(taken):.3f} / {python:.3f}"
        yield Row(f"{what} / python -c pass", measured, min(taken) / python)


def write_pair(folder: Path) -> None:
    """A wheel and an sdist without fault, and with hardly anything in them."""
    folder.mkdir()
    head = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: Small\n"
    info = "demo-1.0.dist-info"
    members = {
        "demo.py": b"",
        f"{info}/METADATA": head,
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},{recorded(content)}" for name, content in members.items()]
    members[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,\n"]).encode()
    with zipfile.ZipFile(folder / "demo-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)
    build = b'[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core"\n'
    sources = {"PKG-INFO": head, "pyproject.toml": build, "demo.py": b""}
    with tarfile.open(folder / "demo-1.0.tar.gz", "w:gz") as sdist:
        for name, content in sources.items():
            member = tarfile.TarInfo(f"demo-1.0/{name}")
            member.size = len(content)
            sdist.addfile(member, io.BytesIO(content))


def recorded(content: bytes) -> str:
    """Hash and size as a RECORD has them."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()},{len(content)}"


def release_guard(*words: str | Path) -> list[str]:
    """The command line, as installed beside this Python."""
    return [sys.executable, "-I", "-m", "release_guard", *map(str, words)]


def wall(command: Sequence[str], folder: Path | None = None) -> float:
    """How long a command takes, in seconds; what does not pass is not measured. In a
    folder of its own it sees nothing of who runs it, such as a CI system.
    """
    environ = {"PATH": os.defpath, "HOME": str(folder)} if folder else None
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, cwd=folder, env=environ
    )
    taken = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}")
    return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

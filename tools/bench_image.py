"""The size and the start of the action's image, beside a naive one's
(``make bench-image``).

Both are built here on the same base and measured in one run, in turns, so that the
machine matters little: what counts are the ratios. It ends with 1 where a target is
missed. With ``--write`` the table goes into ``docs/image.md``.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import write_pair

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "image.md"
NAIVE = ROOT / "benchmarks" / "image" / "Dockerfile.naive"
#: What stands in for a container engine where no registry can be reached.
OCI = ROOT.parent / "shared" / "tools" / "oci.sh"
BEGIN, END = "<!-- measured: make bench-image ARGS=--write -->\n", "<!-- end -->"
ROUNDS = 9
#: Both start the same program; what is left is what else the machine does.
NO_SLOWER = 1.5
GZIP = b"\x1f\x8b"
#: The base that a Dockerfile names.
FROM = re.compile(r"(?<=^FROM )python:\S+", re.MULTILINE)
ENTRY = ("/opt/release-guard/bin/python", "-I", "-m")

#: Debian's own Python is compiled; the official image, for which it stands in, has its
#: standard library as source alone, and that is what a start meets.
BARE = """\
FROM python:3.13-slim AS compiled
RUN find / -xdev -name '*.pyc' -delete
FROM scratch
COPY --from=compiled / /
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
"""


@dataclass(frozen=True)
class Engine:
    """What builds and runs images here; ``is_stand_in``: its base is not the official
    one.
    """

    program: str
    environ: Mapping[str, str]
    is_stand_in: bool = False

    def build(self, dockerfile: Path, tag: str) -> None:
        """Build what a Dockerfile says of this checkout."""
        if self.is_stand_in:
            command = ["bash", str(OCI), "build", str(ROOT), tag, str(dockerfile)]
        else:
            command = [self.program, "build", "-t", tag, "-f", str(dockerfile)]
            command.append(str(ROOT))
        said(command, self.environ)

    def ask(self, *words: str) -> str:
        """What the engine says."""
        return said([self.program, *words], self.environ)


@dataclass(frozen=True)
class Row:
    """What is measured of both images, and how much of the naive one ours may be."""

    what: str
    naive: float
    ours: float
    unit: str
    most: float

    @property
    def ratio(self) -> float:
        """How much of the naive image's measure ours is."""
        return self.ours / self.naive

    @property
    def is_missed(self) -> bool:
        """Whether the target is missed."""
        return self.ratio > self.most

    def __str__(self) -> str:
        digits = 2 if self.unit == "s" else 0
        measured = (
            f"{value:.{digits}f} {self.unit}" for value in (self.naive, self.ours)
        )
        cells = (self.what, *measured, f"{self.ratio:.2f}", f"< {self.most:g}")
        return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Build both, measure, tell."""
    engine = engine_here()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, images = built(engine, folder)
        write_pair(folder / "dist")
        rows = [*sizes(engine, base, images, folder), *starts(engine, images, folder)]
    table = told(engine, rows)
    print(table)
    if "--write" in arguments:
        write(table)
    return 1 if any(row.is_missed for row in rows) else 0


def engine_here() -> Engine:
    """The container engine of this machine; a stand-in where it has none."""
    environ = dict(os.environ)
    if shutil.which("docker") and answers("docker", "info"):
        return Engine("docker", environ)
    if OCI.exists() and os.geteuid() == 0:
        said(["bash", str(OCI), "install"], environ)
        said(["bash", str(OCI), "base"], environ)
        root = environ.get("OCI_ROOT") or f"{Path.home()}/.cache/release-guard-oci"
        environ["CONTAINERS_STORAGE_CONF"] = f"{root}/storage.conf"
        environ["CONTAINERS_CONF"] = f"{root}/containers.conf"
        return Engine("podman", environ, is_stand_in=True)
    if shutil.which("podman"):
        return Engine("podman", environ)
    raise SystemExit("no docker, no podman, and no oci.sh with root to stand in")


def built(engine: Engine, folder: Path) -> tuple[str, tuple[str, str]]:
    """The base, the naive image and ours, on the same base."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (base,) = FROM.findall(text)
    if engine.is_stand_in:
        (folder / "bare").write_text(BARE)
        engine.build(folder / "bare", "localhost/bench-base")
        base = "localhost/bench-base"
    images = ("localhost/bench-naive", "localhost/bench-ours")
    for image, dockerfile in zip(images, (NAIVE, ROOT / "Dockerfile"), strict=True):
        text = FROM.sub(base, dockerfile.read_text(encoding="utf-8"))
        (folder / "Dockerfile").write_text(text)
        engine.build(folder / "Dockerfile", image)
    return base, images


# --- size ---------------------------------------------------------------------------


def sizes(
    engine: Engine, base: str, images: tuple[str, str], folder: Path
) -> Iterator[Row]:
    """How large the images are, on disk and as they are pulled; in megabytes."""
    bare, naive, ours = (
        int(engine.ask("image", "inspect", "--format", "{{.Size}}", image)) / 1e6
        for image in (base, *images)
    )
    yield Row("on disk, over the base", naive - bare, ours - bare, "MB", 0.5)
    yield Row("on disk, with the base", naive, ours, "MB", 0.8)
    below = layers(engine, base, folder)
    above = [packed(engine, image, below, folder) for image in images]
    pulled, pulled_ours = (sum(map(len, bodies)) / 1e6 for bodies in above)
    yield Row("to pull, over the base (gzip)", pulled, pulled_ours, "MB", 0.5)
    unpacked, unpacked_ours = (unpacking(bodies, folder) for bodies in above)
    yield Row("to unpack what was pulled", unpacked, unpacked_ours, "s", 0.8)


def unpacking(bodies: Sequence[bytes], folder: Path) -> float:
    """The shortest time in which packed layers are put on the disk, in seconds."""
    taken = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            command = ["tar", "--extract", "--gzip", "--directory", name]
            started = time.perf_counter()
            for body in bodies:
                subprocess.run(command, input=body, check=True)  # noqa: S603
            taken.append(time.perf_counter() - started)
    return min(taken)


def packed(
    engine: Engine, image: str, below: Mapping[str, bytes], folder: Path
) -> Sequence[bytes]:
    """The layers of an image over its base, packed as a registry has them."""
    return [
        body if body.startswith(GZIP) else gzip.compress(body, 6)
        for layer, body in layers(engine, image, folder).items()
        if layer not in below
    ]


def layers(engine: Engine, image: str, folder: Path) -> Mapping[str, bytes]:
    """The layers of an image, by their ids."""
    archive = folder / "image.tar"
    engine.ask("save", "--output", str(archive), image)
    with tarfile.open(archive) as saved:

        def read(name: str) -> bytes:
            member = saved.extractfile(name)
            if member is None:
                raise SystemExit(f"{image}: {name} is no file")
            return member.read()

        (manifest,) = json.loads(read("manifest.json"))
        ids = json.loads(read(manifest["Config"]))["rootfs"]["diff_ids"]
        bodies = map(read, manifest["Layers"])
        found = dict(zip(ids, bodies, strict=True))
    archive.unlink()
    return found


# --- start --------------------------------------------------------------------------


def starts(engine: Engine, images: tuple[str, str], folder: Path) -> Iterator[Row]:
    """How long each image takes, container and all; medians, in seconds."""
    naive, ours = images
    check = ("check", "--offline", "--index", "testpypi", "--no-progress")
    inputs = ("COMMAND=check", "OFFLINE=true", "INDEX=testpypi")
    action = [word for given in inputs for word in ("-e", f"INPUT_{given}")]
    by_entry = ("--entrypoint", ENTRY[0], ours, *ENTRY[1:], "release_guard")
    nothing = ("--entrypoint", "/bin/true")
    asked = {
        "a container that does nothing": ((*nothing, naive), (*nothing, ours)),
        "`--version`": ((naive, "--version"), (*by_entry, "--version")),
        "a check of two small files": ((naive, *check), (*by_entry, *check)),
        "the same, as the runner starts it": ((naive, *check), (*action, ours)),
    }
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for what, commands in asked.items():
            for which, command in enumerate(commands):
                seconds = run(engine, folder, command)
                taken.setdefault((what, which), []).append(seconds)
    for what in asked:
        first, second = (statistics.median(taken[what, which]) for which in (0, 1))
        yield Row(what, first, second, "s", NO_SLOWER)


def run(engine: Engine, folder: Path, command: Sequence[str]) -> float:
    """How long a container takes, in seconds; one that fails is not measured."""
    mount = ("--workdir", "/work", "--volume", f"{folder}:/work")
    words = ["run", "--rm", "--network", "none", *mount, *command]
    started = time.perf_counter()
    engine.ask(*words)
    return time.perf_counter() - started


# --- tell ---------------------------------------------------------------------------


def told(engine: Engine, rows: Sequence[Row]) -> str:
    """The table, and what it was measured on."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    version = engine.ask("--version").strip()
    base = (
        "The base was a stand-in for the official image, made of Debian's own Python: "
        "the\ndifference between the images is real, the size of the base is not."
        if engine.is_stand_in
        else "The base was the official image."
    )
    head = "| | naive | ours | ratio | target |\n|---|---|---|---|---|\n"
    body = "\n".join(map(str, rows))
    return f"{head}{body}\n\nMeasured on {machine}, by {version}.\n{base}\n"


def answers(*command: str) -> bool:
    """Whether a program ends well: docker may be there without its daemon."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def write(table: str) -> None:
    """Put the table into the page, between its marks."""
    before, mark, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{PAGE.name}: the marks of the table are missing")
    PAGE.write_text(f"{before}{mark}\n{table}\n{end}{after}", encoding="utf-8")


def said(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """What a program prints; one that fails ends all."""
    done = subprocess.run(  # noqa: S603
        command, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = " ".join(command)
        raise SystemExit(f"{words}\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

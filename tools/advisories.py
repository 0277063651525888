"""Ask for known weaknesses of all that the locks name (``make advisories``).

pip-audit asks, and is asked for every pin, whatever its marker says: what a lock holds
for another platform is used there. It tells of a project that the service does not know
only in passing, so here each pin must have been answered. It also takes an answer that
says nothing for one that knows of nothing, so a version whose weakness is old news is
asked for with each part, and has to be found weak. Exit codes as everywhere: 0 none is
known, 1 some are, 3 something was not answered, and nothing is known of it.

Not asked for: what ``NO_LOCKS`` names, and what is no file of requirements/.
benchmarks/defects/sound.txt names wheels that are fetched to be looked at and never
installed; tests/browser/package-lock.json drives the browser of one test of this
repository, which pip-audit cannot ask for: the forge's alerts read it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).parent.parent / "requirements"
#: Names only, of what another lock pins.
NO_LOCKS = frozenset({"image-unused.txt"})
SERVICES = ("pypi", "osv")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!]+)(?= |$)")
_SECONDS = 600


@dataclass(frozen=True, order=True)
class Pin:
    """A project and the version of it that a lock names."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


#: Weak for years, and known to be by every service. One is asked for with each part of
#: the pins: that of a project which the part has not.
WEAK = (Pin("django", "3.0"), Pin("requests", "2.19.1"))

#: What a service says of pins: their advisories; one that it left out is not in it.
Answer = Mapping[Pin, tuple[str, ...]]
Ask = Callable[[str, Sequence[Pin]], Answer]


class UnreadableError(Exception):
    """A lock or an answer is not what it should be."""


def pins(lock: str) -> frozenset[Pin]:
    """The pins of a hashed lock; raises ``UnreadableError`` at a line that is none."""
    found = set()
    for line in lock.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin = _PIN.match(line)
        if pin is None or "--hash=sha256:" not in line:
            raise UnreadableError(f"no pin with its hashes: {line.strip()!r:.80}")
        found.add(Pin(_canonical(pin[1]), pin[2]))
    if not found:
        raise UnreadableError("it pins nothing")
    return frozenset(found)


def rounds(wanted: Iterable[Pin]) -> Iterator[tuple[Pin, ...]]:
    """The pins in as few parts as have no project twice: pip-audit takes no other."""
    left = sorted(wanted)
    while left:
        part = {pin.name: pin for pin in reversed(left)}
        yield tuple(sorted(part.values()))
        left = [pin for pin in left if part[pin.name] != pin]


def answer(text: str) -> Answer:
    """pip-audit's JSON; raises ``UnreadableError``."""
    try:
        told = [item for item in json.loads(text)["dependencies"] if "vulns" in item]
        return {
            Pin(_canonical(item["name"]), item["version"]): tuple(
                advisory["id"] for advisory in item["vulns"]
            )
            for item in told
        }
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError("the answer is none of pip-audit's") from error


def ask(service: str, part: Sequence[Pin]) -> Answer:
    """What a service says of pins; raises ``UnreadableError``."""
    with tempfile.TemporaryDirectory() as name:
        wanted = Path(name) / "pins.txt"
        wanted.write_text("".join(f"{pin}\n" for pin in part), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service"]
        command += [service, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        command += ["--format", "json", "--requirement", str(wanted)]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableError(f"no answer within {_SECONDS} seconds") from error
    try:
        return answer(done.stdout)
    except UnreadableError as error:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise UnreadableError(f"{error}: {last[0]:.200}") from error


def proven(service: str, part: Sequence[Pin], ask: Ask) -> Answer:
    """What a service says of pins, where it also tells a weakness that is known.

    Raises ``UnreadableError`` where it does not: then its silence means nothing.
    """
    names = {pin.name for pin in part}
    weak = next((pin for pin in WEAK if pin.name not in names), None)
    if weak is None:
        raise UnreadableError("the pins have every project of which one is known weak")
    told = dict(ask(service, (*part, weak)))
    if not told.pop(weak, ()):
        raise UnreadableError(f"{service} knows of no weakness of {weak}: no answer")
    return told


def judge(wanted: frozenset[Pin], said: Mapping[str, Answer]) -> tuple[int, list[str]]:
    """The exit code, and a line for each advisory and each pin without an answer."""
    if not wanted or not said:
        return 3, ["nothing was asked"]
    known, unknown = [], []
    for pin in sorted(wanted):
        for service, told in said.items():
            if pin not in told:
                unknown.append(f"not answered by {service}: {pin}")
            elif told[pin]:
                known.append(f"{pin}: {', '.join(told[pin])} ({service})")
    return 1 if known else 3 if unknown else 0, [*known, *unknown]


def main() -> int:
    """Ask every service about every lock."""
    wanted: set[Pin] = set()
    said = {}
    try:
        for path in sorted(REQUIREMENTS.glob("*.txt")):
            if path.name not in NO_LOCKS:
                wanted |= pins(path.read_text(encoding="utf-8"))
        for service in SERVICES:
            told: dict[Pin, tuple[str, ...]] = {}
            for part in rounds(wanted):
                told |= proven(service, part, ask)
            said[service] = told
    except (UnreadableError, OSError) as error:
        print(f"advisories: {error}", file=sys.stderr)
        return 3
    code, lines = judge(frozenset(wanted), said)
    print("\n".join([*lines, f"{len(wanted)} pins asked of {', '.join(said)}"]))
    return code


def _canonical(name: str) -> str:
    """A project's name, normalized (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())

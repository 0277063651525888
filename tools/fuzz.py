"""Fuzz the readers with coverage as a guide (``make fuzz``; needs atheris, on Linux).

``fuzz.py SECONDS [TARGET ...]`` gives each target of tests/fuzzing.py its share, in a
process of its own that may use 1 GiB, and keeps what it found in .fuzz. It ends with 1
where a target failed; libFuzzer has then written the input that did it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".fuzz"
#: In MiB; and seconds for one input.
MEMORY, SECONDS = 1024, 30
LONGEST = {"wheel": 16_384, "sdist": 8_192, "tar": 32_768}


def main() -> int:
    """Fuzz each target for its share of the time, and say what it did."""
    sys.path.insert(0, str(ROOT / "tests"))
    from fuzzing import SEEDS, TARGETS  # noqa: PLC0415 - the path is not there before

    share = max(1, int(sys.argv[1]))
    failed, runs = [], 0
    for name in sys.argv[2:] or TARGETS:
        corpus = KEPT / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(SEEDS[name]):
            (corpus / f"seed-{number}").write_bytes(seed)
        command = [sys.executable, str(Path(__file__)), f"--only={name}"]
        command += [
            f"-max_total_time={share}",
            f"-rss_limit_mb={MEMORY}",
            f"-timeout={SECONDS}",
            f"-max_len={LONGEST.get(name, 4_096)}",
            f"-artifact_prefix={KEPT}/{name}-",
            "-print_final_stats=1",
            str(corpus),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        told = done.stderr
        count = _number(r"number_of_executed_units: +(\d+)", told)
        peak = _number(r"peak_rss_mb: +(\d+)", told)
        runs += count
        state = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:<14} {count:>9} executions, peak {peak} MB: {state}", flush=True)
        if done.returncode:
            failed.append(name)
            print("\n".join(told.splitlines()[-60:]))
    print(f"{runs} executions in all; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, until its time is over or it fails."""
    sys.path[:0] = [str(ROOT / "tests"), str(KEPT / "site")]
    import atheris  # noqa: PLC0415 - only this process needs it

    with atheris.instrument_imports(include=["release_guard", "packaging", "tarfile"]):
        from fuzzing import TARGETS  # noqa: PLC0415
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    first = sys.argv[1]
    if first.startswith("--only="):
        fuzz(first.removeprefix("--only="), sys.argv[2:])
    else:
        sys.exit(main())

"""The index before the upload: what it does not say, and how long it may take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sound
from sound import Index

from release_guard.errors import ExitCode
from release_guard.findings import Report
from release_guard.jobs.check import check
from release_guard.jobs.common import Clock, Job
from release_guard.jobs.origin import Origin
from release_guard.policy import IndexPolicy, Policy


@pytest.fixture(name="index")
def _index(tmp_path: Path) -> Iterator[Index]:
    """An index that has both files of ``dist``, and gives no hash of them."""
    files = sound.pair(tmp_path / "dist")
    with sound.serving() as index:
        index.says(sound.listing(*(sound.indexed(file, hashes={}) for file in files)))
        index.serves(*files)
        yield index


def _check(index: Index, dist: Path, now: Iterator[float]) -> Report:
    ours = IndexPolicy("ours", simple_url=index.root, require_tag=False, events=())
    job = Job(Policy(index=ours), clock=Clock(now=lambda: next(now)))
    return check(job, [dist], Origin()).report


def test_files_without_a_hash_are_downloaded(index: Index, tmp_path: Path) -> None:
    report = _check(index, tmp_path / "dist", iter(range(10_000)))

    assert len(index.asked) == 3
    assert report.exit_code is ExitCode.PASSED


def test_ten_minutes_are_for_all_of_them(index: Index, tmp_path: Path) -> None:
    report = _check(index, tmp_path / "dist", iter(range(0, 10_000_000, 350)))

    (reason,) = (r.reason for r in report.not_run if r.rule == "file-exists")
    assert reason == (
        f"{index.root}demo/: gives no sha256, and 1 of 2 files could not be downloaded "
        "in 600 seconds"
    )
    assert report.exit_code is ExitCode.UNDECIDED

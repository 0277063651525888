"""``rehearse``: check, upload and verify, with an index on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from release_guard.findings import Report, Verdict
from release_guard.jobs.check import check
from release_guard.jobs.common import Job, report_on
from release_guard.jobs.origin import Origin
from release_guard.jobs.trial import (
    TRIAL_SCOPE,
    Trial,
    Tried,
    leave_untried,
    try_out,
)
from release_guard.jobs.verify import Expectation, verify
from release_guard.manifest import Manifest
from release_guard.policy import Presence, UploadRules
from release_guard.sources import dist
from release_guard.sources.interrupts import one_interrupt
from release_guard.sources.local_index import local_index, upload
from release_guard.sources.web import Web

__all__ = ["rehearse"]

_VERIFY_SECONDS = 30.0
_NO_TRIAL = Trial()


def rehearse(
    job: Job, paths: Sequence[Path], *, tag: str = "", trial: Trial = _NO_TRIAL
) -> Report:
    """Try a release out: the policy's judgement of the set, then a real upload to an
    empty index, then the proof that it lists exactly these files; and last what
    ``trial`` says: the only code of the distributions that ever runs.

    The index that the policy names is not asked. Raises ``ProgramError`` where the
    upload does not go through.
    """
    started = job.clock.now()
    checked = check(job, paths, Origin(tag=tag, rehearsal=True))
    report = replace(checked.report, command="rehearse")
    if report.verdict is not Verdict.PASS or not isinstance(checked.writes, Manifest):
        tried = leave_untried(trial, "the check did not pass: nothing of it was run")
        return _with(report, _report_on(job, tried, started))
    manifest = checked.writes
    files = dist.find(paths).distributions
    with one_interrupt(), local_index() as url:
        upload(files, url)
        index = replace(
            job.policy.index,
            repository_url=url,
            simple_url=f"{url}simple/",
            # What it is verified against is no PyPI: no caches, no other endpoints,
            # no attestations.
            upload_rules=UploadRules.NONE,
            provenance=Presence.OPTIONAL,
        )
        there = replace(
            job, policy=replace(job.policy, index=index), environ={}, web=Web({})
        )
        verified = verify(there, Expectation(manifest), timeout=_VERIFY_SECONDS)
        by_name = {path.name: path for path in files}
        tried = try_out(job, trial, by_name, manifest.releases, url)
    return _with(report, verified, _report_on(job, tried, started))


def _report_on(job: Job, tried: Tried, started: float) -> Report:
    """The judgement of what was tried."""
    return report_on(
        "rehearse",
        job,
        tried.facts.subjects,
        scope=TRIAL_SCOPE,
        missing=tried.facts.missing,
        derivation=tuple(tried.ran),
        started=started,
    )


def _with(report: Report, *others: Report) -> Report:
    """One report of all steps; the last one is the one that knows how long it took."""
    for other in others:
        report = replace(
            report,
            examined=tuple(dict.fromkeys((*report.examined, *other.examined))),
            rules=report.rules + other.rules,
            ran=tuple(dict.fromkeys((*report.ran, *other.ran))),
            findings=(*report.findings, *other.findings),
            waived=(*report.waived, *other.waived),
            not_run=(*report.not_run, *other.not_run),
            derivation=(*report.derivation, *other.derivation),
            elapsed=other.elapsed,
        )
    return report

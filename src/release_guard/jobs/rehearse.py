"""``rehearse``: check, upload and verify, with an index on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from release_guard.findings import Report, Verdict
from release_guard.jobs.check import check
from release_guard.jobs.common import Job
from release_guard.jobs.origin import Origin
from release_guard.jobs.verify import Expectation, verify
from release_guard.manifest import Manifest
from release_guard.policy import Presence, UploadRules
from release_guard.sources import dist
from release_guard.sources.local_index import local_index, upload
from release_guard.sources.web import Web

__all__ = ["rehearse"]

_VERIFY_SECONDS = 30.0


def rehearse(job: Job, paths: Sequence[Path], *, tag: str = "") -> Report:
    """Try a release out: the policy's judgement of the set, then a real upload to an
    empty index, then the proof that it lists exactly these files.

    The index that the policy names is not asked. Raises ``ProgramError`` where the
    upload does not go through.
    """
    started = job.clock.now()
    checked = check(job, paths, Origin(tag=tag, rehearsal=True))
    report = replace(checked.report, command="rehearse")
    if report.verdict is not Verdict.PASS or not isinstance(checked.writes, Manifest):
        return report
    with local_index() as url:
        upload(dist.find(paths).distributions, url)
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
        verified = verify(there, Expectation(checked.writes), timeout=_VERIFY_SECONDS)
    return replace(
        report,
        examined=(*report.examined, *verified.examined),
        rules=report.rules + verified.rules,
        findings=(*report.findings, *verified.findings),
        waived=(*report.waived, *verified.waived),
        not_run=(*report.not_run, *verified.not_run),
        elapsed=job.clock.now() - started,
    )

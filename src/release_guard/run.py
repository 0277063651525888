"""From typed options to an answer: the part that command line and action share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from release_guard.errors import ManifestError, ReleaseGuardError, UsageError
from release_guard.findings import Report, Verdict
from release_guard.jobs.check import (
    Origin,
    check,
    check_against,
    check_part,
    join_parts,
)
from release_guard.jobs.common import Job, Outcome
from release_guard.jobs.rehearse import rehearse
from release_guard.jobs.verify import Expectation, Look, expected_of_files, verify
from release_guard.manifest import (
    Manifest,
    Part,
    read_manifest,
    read_part,
    write_manifest,
    write_part,
)
from release_guard.options import Options
from release_guard.policy import Overrides, Policy, PolicyFile, read_policy, resolve
from release_guard.reports import github, json_v1, text
from release_guard.rules import RULE_IDS
from release_guard.sources.files import read_small, write_whole
from release_guard.sources.policy_file import read_policy_file
from release_guard.sources.web import Web

__all__ = ["Answer", "failed", "render", "run"]

_RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "json": json_v1.render,
    "github": github.render,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A job's report, and the manifest or part that it wrote, if it did."""

    report: Report
    written: Path | None = None


def render(report: Report, how: str) -> str:
    """The report in one of the formats."""
    return _RENDERERS[how](report)


def run(
    options: Options,
    environ: Mapping[str, str],
    progress: Callable[[Look], None] = lambda _: None,
) -> Answer:
    """Run a job. Raises ``ReleaseGuardError`` where there is no report at all."""
    match options.command:
        case "check":
            return _check(options, environ)
        case "verify":
            return _verify(options, environ, progress)
        case "rehearse":
            job = _job(_policy(_policy_file(options), options), environ)
            return Answer(rehearse(job, options.paths, tag=options.tag))
    raise UsageError(f"there is no command {options.command!r}")


def _job(policy: Policy, environ: Mapping[str, str]) -> Job:
    return Job(policy, environ, Web(environ))


def _policy_file(options: Options) -> PolicyFile:
    raw = read_policy_file(options.policy, Path())
    if raw is None:
        return PolicyFile()
    return read_policy(raw.value, where=raw.where, rule_ids=RULE_IDS)


def _policy(file: PolicyFile, options: Options, index: str = "") -> Policy:
    overrides = Overrides(
        index=options.index or index,
        index_url=options.index_url,
        repository_url=options.repository_url,
        strict=options.strict,
    )
    return resolve(file, overrides)


# --- check ---------------------------------------------------------------------


def _check(options: Options, environ: Mapping[str, str]) -> Answer:
    if options.part and options.against:
        raise UsageError("--part and --against exclude each other")
    job = _job(_policy(_policy_file(options), options), environ)
    if options.against is not None:
        manifest = _manifest(options.against)
        return Answer(check_against(job, options.paths, manifest).report)
    _refuse_among(options, options.manifest_path)
    _refuse_among(options, options.output)
    # An older one must not outlive this run, however it ends.
    _remove_old(options.manifest_path)
    outcome = _judged(job, options)
    return Answer(outcome.report, _write(outcome, options.manifest_path))


def _judged(job: Job, options: Options) -> Outcome:
    origin = Origin(
        tag=options.tag,
        commit=options.commit,
        event=str(options.event or ""),
        offline=options.offline,
    )
    parts = [path for path in options.paths if path.suffix == ".json"]
    if options.part:
        return check_part(job, options.paths)
    if not parts:
        return check(job, options.paths, origin)
    if len(parts) < len(options.paths):
        raise UsageError("parts and distributions cannot be checked together")
    return join_parts(job, parts, origin)


def _refuse_among(options: Options, path: Path | None) -> None:
    """What is written into the folder that is uploaded would be uploaded with it, and
    what is written in the place of a part would end that part.
    """
    if path is None:
        return
    given = [path.resolve() for path in options.paths]
    folders = [place for place in given if place.is_dir()]
    # Next to single files is among them too, but for this very folder: many work there.
    parents = {place.parent for place in given if place not in folders}
    folders += parents - {Path.cwd()}
    if path.resolve() in given or path.resolve().parent in folders:
        raise UsageError(
            f"{path} lies among the distributions",
            hint="an uploader would take it along; write it elsewhere",
        )


def _write(outcome: Outcome, path: Path) -> Path | None:
    """Write what a pass is worth."""
    if outcome.report.verdict is not Verdict.PASS or outcome.writes is None:
        return None
    writes = outcome.writes
    text = write_part(writes) if isinstance(writes, Part) else write_manifest(writes)
    write_whole(path, text)
    return path


def _remove_old(path: Path) -> None:
    """Remove an earlier manifest or part; any other file is not ours to touch."""
    for read in (read_manifest, read_part):
        try:
            read(read_small(path, ManifestError), where=str(path))
        except ManifestError:
            continue
        path.unlink()
        return


# --- verify --------------------------------------------------------------------


def _verify(
    options: Options, environ: Mapping[str, str], progress: Callable[[Look], None]
) -> Answer:
    if options.dist and options.manifest:
        raise UsageError("a manifest and --dist exclude each other")
    expectation = _expectation(options)
    manifest = expectation.manifest
    named = bool(options.index or options.index_url or options.repository_url)
    if not (named or options.dist or manifest.index):
        where = f"the index at {manifest.url}" if manifest.url else "an unnamed index"
        raise UsageError(
            f"the manifest was made for {where}",
            hint="say which one is meant: --index or --index-url",
        )
    file = _policy_file(options)
    policy = _policy(file, options, "" if named else manifest.index)
    strangers = [
        r.project for r in manifest.releases if r.project not in policy.projects
    ]
    if policy.projects and strangers:
        raise UsageError(
            f"the manifest is of {', '.join(strangers)}, the policy names "
            f"{', '.join(sorted(policy.projects))}"
        )
    job = _job(policy, environ)
    return Answer(verify(job, expectation, timeout=options.timeout, progress=progress))


def _expectation(options: Options) -> Expectation:
    if options.dist:
        return expected_of_files(options.dist)
    return Expectation(_manifest(options.manifest_path))


def _manifest(path: Path) -> Manifest:
    return read_manifest(read_small(path, ManifestError), where=str(path))


def failed(options: Options, error: ReleaseGuardError) -> Report:
    """The report of a job that ended before it could judge."""
    report = Report(command=options.command, index=options.index)
    return replace(report, error=error.message, hint=error.hint)

"""From typed options to an answer: the part that command line and action share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from release_guard.concealment import concealed
from release_guard.errors import ManifestError, ReleaseGuardError, UsageError
from release_guard.findings import Advance, Look, Report, Verdict
from release_guard.jobs.check import check, check_part, join_parts
from release_guard.jobs.common import Job, Outcome, web_of
from release_guard.jobs.origin import Origin
from release_guard.jobs.recheck import check_against
from release_guard.layouts import PUBLIC_INDEXES, without_credentials
from release_guard.manifest import (
    Manifest,
    Part,
    is_statement,
    read_manifest,
    write_manifest,
    write_part,
)
from release_guard.options import Options
from release_guard.policy import (
    IndexPolicy,
    Overrides,
    Policy,
    PolicyFile,
    read_policy,
    resolve,
)
from release_guard.reports import gitlab, json_v1, junit, text
from release_guard.reports.style import PLAIN, Screen
from release_guard.rules import RULE_IDS
from release_guard.sources.files import read_small, remove_file, write_whole
from release_guard.sources.policy_file import read_policy_file

# What only another command needs than check is loaded in its own functions: check runs
# most often, and waits for none of it.
if TYPE_CHECKING:
    from release_guard.jobs.audit import TagPlace
    from release_guard.jobs.verify import Expectation

#: What is told of a job while it runs.
Progress = Callable[[Look | Advance], None]

__all__ = ["Answer", "failed", "refuse_overwriting", "remove_manifest", "render", "run"]

_RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "json": json_v1.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A job's report, and the manifest or part that it wrote, if it did."""

    report: Report
    written: Path | None = None


def render(
    report: Report, how: str, screen: Screen = PLAIN, *, verbose: bool = False
) -> str:
    """The report in one of the formats. ``screen`` is where text is shown, and of text
    ``verbose`` leaves nothing out; what is for programs and pages does not either.
    """
    if how == "text":
        return text.render(report, screen, verbose=verbose)
    # Pages are for some runs alone; a run at a terminal waits for none of them.
    if how == "github":
        from release_guard.reports import github  # noqa: PLC0415

        return github.render(report, verbose=verbose)
    if how == "html":
        from release_guard.reports import html  # noqa: PLC0415

        return html.render(report)
    return _RENDERERS[how](report)


def refuse_overwriting(options: Options) -> None:
    """Raise where the report or the manifest would be written over what is read, or
    among the distributions, whose uploader would take it along.
    """
    given = [*options.paths, *options.dist]
    read = [*given, options.policy, options.event, options.against, options.tags]
    read += [options.projects, *options.manifests]
    writes = [options.output]
    if options.command == "check" and options.against is None:
        writes.append(options.manifest_path)
    elif options.command == "verify":
        read.append(options.manifest_path)
    places = {path.resolve() for path in read if path is not None}
    folders = {path.resolve() for path in given if path.is_dir()}
    # Next to single files is among them too, but for this very folder: many work there.
    folders |= {p.resolve().parent for p in given if not p.is_dir()} - {Path.cwd()}
    kept = {path.resolve() for path in options.manifests if path.is_dir()}
    if options.output and options.output.resolve() == options.manifest_path.resolve():
        raise UsageError(f"{options.output} would be overwritten by the report")
    for path in filter(None, writes):
        place = path.resolve()
        if place in places:
            raise UsageError(f"{path} would be overwritten: it is read as well")
        if place.parent in kept:
            raise UsageError(
                f"{path} lies among the kept manifests",
                hint="a later audit would read it as one; write it elsewhere",
            )
        if place.parent in folders:
            raise UsageError(
                f"{path} lies among the distributions",
                hint="an uploader would take it along; write it elsewhere",
            )


def run(
    options: Options,
    environ: Mapping[str, str],
    progress: Progress = lambda _: None,
) -> Answer:
    """Run a job. Raises ``ReleaseGuardError`` where there is no report at all."""
    answer = _answer(options, environ, progress)
    return replace(answer, report=concealed(answer.report))


def _answer(options: Options, environ: Mapping[str, str], progress: Progress) -> Answer:
    refuse_overwriting(options)
    match options.command:
        case "check":
            return _check(options, environ, progress)
        case "verify":
            return _verify(options, environ, progress)
        case "audit":
            return Answer(_audit(options, environ, progress))
        case "rehearse":
            from release_guard.jobs.rehearse import rehearse  # noqa: PLC0415
            from release_guard.jobs.trial import Trial  # noqa: PLC0415

            job = _job(_policy(_policy_file(options), options), environ, progress)
            trial = Trial(build=options.build, install=options.install)
            return Answer(rehearse(job, options.paths, tag=options.tag, trial=trial))
    raise UsageError(f"there is no command {options.command!r}")


def _job(policy: Policy, environ: Mapping[str, str], progress: Progress) -> Job:
    return Job(policy, environ, web_of(policy, environ), progress=progress)


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
        # An audit asks for what is there, and requires only what the policy does.
        provenance=options.provenance and options.command == "verify",
        index_from="--index" if options.index else "the manifest",
    )
    return resolve(file, overrides)


# --- check ---------------------------------------------------------------------


def _check(options: Options, environ: Mapping[str, str], progress: Progress) -> Answer:
    _refuse_unused(options)
    if options.against is None:
        _refuse_foreign(options.manifest_path)
        # An older one must not outlive this run, however it ends.
        remove_manifest(options.manifest_path)
    file = _policy_file(options)
    if options.against is not None:
        return _against(file, options, options.against, environ, progress)
    job = _job(_policy(file, options), environ, progress)
    outcome = _judged(job, options)
    written = _write(outcome, options.manifest_path)
    return Answer(replace(outcome.report, manifest=str(written or "")), written)


def _judged(job: Job, options: Options) -> Outcome:
    origin = _origin(options)
    parts = [path for path in options.paths if _is_part(path)]
    if options.part:
        return check_part(job, options.paths, options.repo)
    if not parts:
        return check(job, options.paths, origin)
    if len(parts) < len(options.paths):
        raise UsageError("parts and distributions cannot be checked together")
    return join_parts(job, parts, origin)


def _origin(options: Options) -> Origin:
    return Origin(
        tag=options.tag,
        commit=options.commit,
        event=str(options.event or ""),
        offline=options.offline,
        repo=options.repo,
        paths=options.paths,
    )


def _is_part(path: Path) -> bool:
    """A part is known by its name; a sigstore bundle ends alike."""
    is_named = path.suffix == ".json" and not path.name.endswith(".sigstore.json")
    return is_named and not path.is_dir()


def _against(
    file: PolicyFile,
    options: Options,
    path: Path,
    environ: Mapping[str, str],
    progress: Progress,
) -> Answer:
    """Compare with a manifest, for the index that it was made for."""
    manifest = _manifest(path)
    if options.index and options.index != manifest.index:
        made_for = manifest.index or manifest.url or "an unnamed index"
        asked = without_credentials(options.index)
        raise UsageError(f"{path}: was made for {made_for}, not for {asked!r:.80}")
    index = manifest.index
    if file.index and not options.index and file.index != index:
        raise UsageError(
            f"{path}: was made for {index or 'an unnamed index'}, {file.where} names "
            f"{file.index}",
            hint="check for the index that is meant, or name the manifest's: --index",
        )
    # The publish job need not have the policy, and may not know the index.
    is_known = index in PUBLIC_INDEXES or index in file.indexes
    policy = _policy(file, options, index if is_known else "")
    if not is_known:
        wanted = policy.index
        other = IndexPolicy(
            index,
            require_tag=False,
            repositories=wanted.repositories,
            workflows=wanted.workflows,
            signed_in=wanted.signed_in,
            provenance=wanted.provenance,
        )
        policy = replace(policy, index=other)
    report = check_against(
        _job(policy, environ, progress),
        options.paths,
        manifest,
        _origin(options),
        knows_index=is_known,
    )
    return Answer(replace(report, index=index or "an unnamed index"))


#: What a mode of check does not look at; to take it and leave it would be a trap.
_UNUSED = {
    "part": ("tag", "commit", "event", "against"),
    "against": ("manifest", "index_url", "repository_url", "repo"),
}


def _refuse_unused(options: Options) -> None:
    for mode, others in _UNUSED.items():
        for other in others:
            if getattr(options, mode) and getattr(options, other):
                said = other.replace("_", "-")
                raise UsageError(f"--{mode} and --{said} exclude each other")


def _refuse_foreign(path: Path) -> None:
    """What stands in the place of the manifest must be one, or a part."""
    if path.is_file() and not _is_ours(path):
        raise UsageError(
            f"{path}: is there, and is no manifest of release-guard",
            hint="give another --manifest, or remove the file",
        )


def _write(outcome: Outcome, path: Path) -> Path | None:
    """Write what a pass is worth."""
    if outcome.report.verdict is not Verdict.PASS or outcome.writes is None:
        return None
    writes = concealed(outcome.writes)
    text = write_part(writes) if isinstance(writes, Part) else write_manifest(writes)
    write_whole(path, text)
    return path


def remove_manifest(path: Path) -> None:
    """Remove an earlier manifest or part; anything else stays."""
    if path.is_file() and _is_ours(path):
        remove_file(path)


def _is_ours(path: Path) -> bool:
    try:
        return is_statement(read_small(path, ManifestError))
    except ManifestError:
        return False


# --- verify --------------------------------------------------------------------


def _verify(options: Options, environ: Mapping[str, str], progress: Progress) -> Answer:
    from release_guard.jobs.verify import Proof, verify  # noqa: PLC0415

    if options.dist and options.manifest:
        raise UsageError("a manifest and --dist exclude each other")
    expectation = _expectation(options, progress)
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
    job = _job(policy, environ, progress)
    report = verify(
        job,
        expectation,
        timeout=options.timeout,
        proof=Proof(download=options.download),
        progress=progress,
    )
    return Answer(report)


def _expectation(options: Options, progress: Progress) -> Expectation:
    from release_guard.jobs.verify import (  # noqa: PLC0415
        Expectation,
        expected_of_files,
    )

    if options.dist:
        return expected_of_files(options.dist, progress)
    return Expectation(_manifest(options.manifest_path))


def _manifest(path: Path) -> Manifest:
    return read_manifest(read_small(path, ManifestError), where=str(path))


# --- audit ---------------------------------------------------------------------


def _audit(options: Options, environ: Mapping[str, str], progress: Progress) -> Report:
    from release_guard.jobs.audit import audit, targets  # noqa: PLC0415
    from release_guard.jobs.traces import kept_releases  # noqa: PLC0415

    common = _common_tags(options)
    policy = _policy(_policy_file(options), options)
    wanted: list[tuple[NormalizedName, TagPlace | None]] = [
        (_project(name), None) for name in options.project
    ]
    if options.projects:
        wanted += _listed(options.projects)
    if not (options.project or options.projects):
        wanted += [(name, None) for name in policy.projects]
    if not wanted:
        raise UsageError(
            "audit: no project is named",
            hint="name one, give --projects FILE, or name them in the policy: projects",
        )
    return audit(
        _job(policy, environ, progress),
        targets(wanted, common),
        kept=kept_releases(options.manifests),
        provenance=options.provenance,
        at_a_time=options.jobs,
    )


def _project(name: str) -> NormalizedName:
    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise UsageError(
            f"audit: expected the name of a project, found {name!r:.80}"
        ) from None


def _common_tags(options: Options) -> TagPlace:
    """Where the tags are of projects of which nothing else is said."""
    from release_guard.jobs.audit import TagFile, TagFolder  # noqa: PLC0415
    from release_guard.sources.forge import repository_of  # noqa: PLC0415

    given = {"tags": options.tags, "repo": options.repo, "forge": options.forge}
    named = [f"--{name}" for name, value in given.items() if value]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} exclude each other")
    if options.forge:
        return repository_of(options.forge)
    return TagFile(options.tags) if options.tags else TagFolder(options.repo or Path())


def _listed(path: Path) -> list[tuple[NormalizedName, TagPlace | None]]:
    """The projects of a list; where it says where tags are, that is seen from it."""
    from release_guard.jobs.audit import place_of  # noqa: PLC0415
    from release_guard.sources.projects_file import read_projects_file  # noqa: PLC0415

    wanted: list[tuple[NormalizedName, TagPlace | None]] = []
    for line in read_projects_file(path):
        try:
            place = place_of(line.tags, path.parent) if line.tags else None
        except UsageError as error:
            where = f"{path}: line {line.number}"
            raise UsageError(f"{where}: {error.message}", hint=error.hint) from None
        wanted.append((line.project, place))
    return wanted


def failed(options: Options, error: ReleaseGuardError) -> Report:
    """The report of a job that ended before it could judge."""
    # Somebody may have given a URL in place of the name.
    index = without_credentials(options.index)
    report = Report(command=options.command, index=index)
    return concealed(replace(report, error=error.message, hint=error.hint))

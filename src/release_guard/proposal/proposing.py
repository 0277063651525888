"""From what was seen to what is proposed, each value with the reason for it.

What differs from the default is in force; what was only seen, or could not be told, is
written as a comment, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.facts import IndexedFile
from release_guard.filenames import kind_of
from release_guard.proposal.seen import Remote, Seen, SeenProject, is_plain, named
from release_guard.proposal.templates import DEFAULT, Forms, forms_of, tag_filter
from release_guard.proposal.wheels import (
    BUILDER,
    Builds,
    builds_of,
    is_native,
    patterns_of,
    usual_builds,
)
from release_guard.succession import newest_of

__all__ = [
    "ENVIRONMENT",
    "POLICY",
    "PUBLISHER",
    "Proposal",
    "Setting",
    "Value",
    "Workflow",
    "WorkflowProject",
    "forms_by_project",
    "propose",
]

#: Where the policy is written to.
POLICY = ".github/release-guard.yml"
_WORKFLOWS = ".github/workflows"
#: The environment that the upload waits for.
ENVIRONMENT = "pypi"
#: What the workflow uploads with.
PUBLISHER = "pypa/gh-action-pypi-publish@v1.14.2"
#: More patterns than this are no list that a person keeps.
_MOST_PATTERNS = 120

Value = str | tuple[str, ...] | Mapping[str, Mapping[str, str | tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of the policy (``expect.wheels`` for one in a table), its value, and why;
    one that is not in force is written as a comment.
    """

    key: str
    value: Value
    reason: str
    in_force: bool = True


@dataclass(frozen=True, slots=True)
class WorkflowProject:
    """What a workflow builds: the project's folder, empty for the top, and the jobs for
    its wheels, None where one job builds everything.
    """

    name: NormalizedName
    folder: str = ""
    builds: Builds | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """One publish workflow: where it lies, which tags start it, what it builds.

    ``needs_tags`` says that a version comes from the tags.
    """

    path: str
    filters: tuple[str, ...]
    projects: tuple[WorkflowProject, ...]
    needs_tags: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is written, and what a person has to know about it.

    ``unclear`` is what could not be told and was left at its default; ``around`` are
    the workflows that lead to an index and not through this one.
    """

    projects: tuple[NormalizedName, ...]
    settings: tuple[Setting, ...]
    workflows: tuple[Workflow, ...]
    unclear: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


def forms_by_project(seen: Seen) -> dict[NormalizedName, Forms]:
    """The forms of each project's release tags."""
    tags = [tag.name for tag in seen.tags or ()]
    return {
        project.name: forms_of(
            tags,
            project.name,
            folder=project.folder,
            released=_versions(project),
        )
        for project in seen.projects
    }


def propose(seen: Seen) -> Proposal:
    """A policy and workflows that fit what was seen."""
    forms = forms_by_project(seen)
    shapes = {project.name: _shape(project) for project in seen.projects}
    settings = (
        *_naming(seen, forms),
        *_allowing(seen),
        *_uploading(seen),
        *_expecting(seen, shapes),
    )
    workflows = _workflows(seen, forms, shapes)
    return Proposal(
        tuple(project.name for project in seen.projects),
        settings,
        workflows,
        (
            *seen.unclear,
            *_of_index(seen.projects),
            *_of_tags(seen, forms),
            *_of_wheels(shapes),
            *_of_remote(seen),
        ),
        tuple(
            f"{found.path} ({found.word})"
            for found in seen.publishing
            if found.path not in {workflow.path for workflow in workflows}
        ),
    )


# --- the projects and their tags ---------------------------------------------------


def _naming(seen: Seen, forms: Mapping[NormalizedName, Forms]) -> Iterator[Setting]:
    """Which projects are released here, and how their tags are written."""
    if len(seen.projects) > 1 or any(_needs_path(p, forms) for p in seen.projects):
        yield Setting("projects", _table(seen, forms), _several(seen, forms))
    else:
        (project,) = seen.projects
        yield Setting(
            "projects", project.name, "the project: a release of another one is refused"
        )
    common = _common(seen, forms)
    if common is None:
        return
    templates = common.templates
    if not templates:
        why = "no release tag is there yet; either form will do"
        yield Setting("tag-templates", DEFAULT, why, in_force=False)
        return
    is_default = set(templates) == set(DEFAULT)
    reason = f"as the tags are written: {named(common.releases)}"
    yield Setting("tag-templates", templates, reason, in_force=not is_default)


def _common(seen: Seen, forms: Mapping[NormalizedName, Forms]) -> Forms | None:
    """The forms that all projects share; None where each has its own."""
    first, *others = (forms[project.name] for project in seen.projects)
    is_shared = all(other.templates == first.templates for other in others)
    words = "".join(first.templates)
    if not is_shared or "{path}" in words:
        return None
    return first


def _needs_path(project: SeenProject, forms: Mapping[NormalizedName, Forms]) -> bool:
    return any("{path}" in text for text in forms[project.name].templates)


def _table(
    seen: Seen, forms: Mapping[NormalizedName, Forms]
) -> dict[str, dict[str, str | tuple[str, ...]]]:
    """The projects, each with its folder, and its templates where they are its own."""
    is_common = _common(seen, forms) is not None
    table: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for project in seen.projects:
        said: dict[str, str | tuple[str, ...]] = {}
        if project.folder:
            said["path"] = project.folder
        templates = forms[project.name].templates
        if templates and not is_common:
            said["tag-templates"] = templates
        table[project.name] = said
    return table


def _several(seen: Seen, forms: Mapping[NormalizedName, Forms]) -> str:
    tags = [tag for p in seen.projects for tag in forms[p.name].releases[:1]]
    told = f", their tags as {named(tuple(tags))}" if tags else ""
    return f"as found in the repository{told}"


def _of_tags(seen: Seen, forms: Mapping[NormalizedName, Forms]) -> Iterator[str]:
    """What of the tags is not understood."""
    if not seen.tags:
        return
    strange = {tag.name for tag in seen.tags} & {
        tag for project in forms.values() for tag in project.strange
    }
    read = {tag for project in forms.values() for tag in project.releases}
    left = tuple(sorted(strange - read))
    without = [p for p in seen.projects if not forms[p.name].templates]
    for project in without:
        yield (
            f"no tag is known as a release of {project.name}: tag-templates is left "
            f"at its default, {' and '.join(DEFAULT)}"
        )
    if left:
        yield f"these tags fit no template: {named(left)}"


# --- what may lead to the index -----------------------------------------------------


def _allowing(seen: Seen) -> Iterator[Setting]:
    """From which repository and branches a release comes."""
    remote = seen.remote
    if remote is not None and _is_repository(remote):
        why = f'the remote "{remote.name}"; a fork that runs the workflow is refused'
        yield Setting("repositories", (remote.repository,), why)
    else:
        why = "only this repository releases: a fork that runs the workflow is refused"
        example = ("owner/name",)
        yield Setting("repositories", example, why, in_force=False)
    if seen.on_branch and not seen.off_branch:
        why = f"where the release tags lie: {named(seen.on_branch)}"
        yield Setting("branches", (seen.branch,), why)
        return
    branch = seen.branch or "main"
    why = "a release must lie on one of these"
    if seen.off_branch:
        why += f"; these tags lie beside {branch}: {named(seen.off_branch)}"
    yield Setting("branches", (branch, "stable/*"), why, in_force=False)


def _of_remote(seen: Seen) -> Iterator[str]:
    remote = seen.remote
    if remote is None:
        return
    if not _is_repository(remote):
        yield (
            f'the remote "{remote.name}" is at no address of the form owner/name: '
            "repositories is left out"
        )
    elif not _is_github(seen):
        yield (
            f'the remote "{remote.name}" is on {remote.host}: the policy holds there '
            "too, the workflow is for GitHub"
        )


def _is_repository(remote: Remote) -> bool:
    return "/" in remote.repository and is_plain(remote.repository)


def _is_github(seen: Seen) -> bool:
    host = seen.remote.host if seen.remote else ""
    return not host or "github" in host


# --- the upload ---------------------------------------------------------------------


def _uploading(seen: Seen) -> Iterator[Setting]:
    if _is_github(seen):
        why = "what the workflow uploads with; what it would refuse is told before"
        yield Setting("publisher", PUBLISHER, why)
    why = "refuse a file without an attestation (PEP 740) after the upload"
    yield Setting("provenance", "required", why, in_force=False)


# --- what a release consists of -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """A project's last release: the version, and its files; where nothing is listed,
    what lies in ``dist/``.
    """

    version: Version | None
    files: tuple[str, ...]
    is_released: bool

    @property
    def wheels(self) -> tuple[str, ...]:
        return tuple(name for name in self.files if name.endswith(".whl"))

    @property
    def is_native(self) -> bool:
        return any(map(is_native, self.wheels))

    @property
    def where(self) -> str:
        return f"{self.version} on the index" if self.is_released else "dist/"


def _listed(project: SeenProject) -> tuple[IndexedFile, ...]:
    return project.listing.files if project.listing else ()


def _versions(project: SeenProject) -> tuple[Version, ...]:
    return tuple(f.version for f in _listed(project) if f.version is not None)


def _shape(project: SeenProject) -> _Shape:
    offered = [f for f in _listed(project) if f.version is not None and not f.yanked]
    newest = newest_of(f.version for f in offered if f.version is not None)
    if newest is None:
        return _Shape(None, project.files, is_released=False)
    names = tuple(f.filename for f in offered if f.version == newest)
    return _Shape(newest, names, is_released=True)


def _expecting(
    seen: Seen, shapes: Mapping[NormalizedName, _Shape]
) -> Iterator[Setting]:
    """Whether there is an sdist, and which wheels there are."""
    released = [shape for shape in shapes.values() if shape.is_released]
    bare = [shape for shape in released if not _has_sdist(shape)]
    if bare:
        why = f"{bare[0].where} has none"
        yield Setting("expect.sdist", "optional", why)
    else:
        why = f"{released[0].where} has one" if released else "an sdist is needed"
        yield Setting("expect.sdist", "required", why, in_force=False)
    shape = shapes[seen.projects[0].name]
    if len(shapes) > 1:
        why = "as the last release had them"
        yield Setting("expect.wheels", "previous", why, in_force=False)
        return
    patterns = patterns_of(shape.wheels)
    if _is_whole(shape) and 0 < len(patterns) <= _MOST_PATTERNS:
        why = f"the wheels of {shape.where}: each must be there, and no other"
        yield Setting("expect.wheels", patterns, why)
        return
    yield Setting("expect.wheels", "previous", _why_previous(shape), in_force=False)


def _has_sdist(shape: _Shape) -> bool:
    return any(
        kind_of(name) is not None and not name.endswith(".whl") for name in shape.files
    )


def _is_whole(shape: _Shape) -> bool:
    """Whether the files are all of a release: one machine builds not all wheels."""
    return shape.is_released or not shape.is_native


def _why_previous(shape: _Shape) -> str:
    if shape.is_native and not shape.is_released:
        return "the wheels of the last release; dist/ has those of one machine only"
    if shape.is_native:
        return f"the wheels of the last release; {shape.where} has {len(shape.wheels)}"
    return "the wheels of the last release"


def _of_wheels(shapes: Mapping[NormalizedName, _Shape]) -> Iterator[str]:
    """What of the wheels the workflow does not build."""
    for shape in shapes.values():
        beyond = builds_of(shape.wheels).beyond
        if shape.is_released and beyond:
            yield (
                f"the workflow does not build these wheels of {shape.where}, and a "
                f"release without them is told: {named(beyond)}; cibuildwheel "
                f"{BUILDER} builds for none of these platforms or Pythons"
            )
        if shape.wheels and not patterns_of(shape.wheels):
            yield (
                f"a wheel of {shape.where} has a name that no pattern can say: "
                "expect.wheels is left at its default"
            )


def _of_index(projects: Iterable[SeenProject]) -> Iterator[str]:
    """What the index does not tell."""
    for project in projects:
        if project.listing is not None and not project.listing.known:
            yield (
                f"the index does not know {project.name} yet: the wheels are those of "
                "dist/, where it has any"
            )
        for name, kinds in (("dev", _is_dev), ("local", _is_local)):
            odd = [
                f.version for f in _listed(project) if f.version and kinds(f.version)
            ]
            if odd:
                yield (
                    f"the index lists {name} versions of {project.name}, as "
                    f"{max(odd)}: another one would be refused"
                )


def _is_dev(version: Version) -> bool:
    return version.is_devrelease


def _is_local(version: Version) -> bool:
    return version.local is not None


# --- the workflows --------------------------------------------------------------------


def _workflows(
    seen: Seen,
    forms: Mapping[NormalizedName, Forms],
    shapes: Mapping[NormalizedName, _Shape],
) -> tuple[Workflow, ...]:
    """One workflow for each set of projects that share their tags; none where the
    repository is on another forge.
    """
    if not _is_github(seen):
        return ()
    sets: dict[tuple[str, ...], list[SeenProject]] = {}
    for project in seen.projects:
        filters = _filters(project, forms[project.name])
        sets.setdefault(filters, []).append(project)
    return tuple(
        Workflow(
            _path(projects, alone=len(sets) == 1),
            filters,
            tuple(
                WorkflowProject(p.name, p.folder, _builds(p, shapes[p.name]))
                for p in projects
            ),
            needs_tags=any(p.versioned_by for p in projects),
        )
        for filters, projects in sets.items()
    )


def _path(projects: Iterable[SeenProject], *, alone: bool) -> str:
    if alone:
        return f"{_WORKFLOWS}/publish.yml"
    return f"{_WORKFLOWS}/publish-{'-'.join(p.name for p in projects)}.yml"


def _filters(project: SeenProject, forms: Forms) -> tuple[str, ...]:
    templates = forms.templates or DEFAULT
    found = [tag_filter(text, project.name, project.folder) for text in templates]
    return tuple(dict.fromkeys(found))


def _builds(project: SeenProject, shape: _Shape) -> Builds | None:
    """The jobs for a project's wheels, None where one job builds all there is. Where
    the project says itself what cibuildwheel builds, the jobs do not.
    """
    if not shape.is_native:
        return None
    builds = builds_of(shape.wheels) if shape.is_released else usual_builds()
    if not builds.jobs:
        builds = usual_builds()
    return builds.unspecified() if project.configures_wheels else builds

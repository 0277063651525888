"""From what was seen to what is proposed, each value with the reason for it.

What differs from the default is in force; what was only seen, or could not be told, is
written as a comment, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.facts import IndexedFile, Kind
from release_guard.filenames import kind_of
from release_guard.layouts import PUBLIC_INDEXES, public_repository_url
from release_guard.policy import (
    ANY_KIND,
    RELEASE_EVENTS,
    TAG_TEMPLATES,
    IndexPolicy,
    Overrides,
    Policy,
    PolicyFile,
    VersionKind,
    resolve,
)
from release_guard.proposal.actions import PUBLISHER
from release_guard.proposal.seen import (
    Publishing,
    Remote,
    Seen,
    SeenProject,
    is_plain,
    named,
)
from release_guard.proposal.templates import Forms, forms_of, tag_filter
from release_guard.proposal.wheels import (
    BUILDER,
    Builds,
    builds_of,
    is_native,
    patterns_of,
    usual_builds,
)

__all__ = [
    "ENVIRONMENT",
    "POLICY",
    "Proposal",
    "Scalar",
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
#: More patterns than this are no list that a person keeps.
_MOST_PATTERNS = 120
#: So many of the last releases make a habit of what each of them lacks.
_HABIT = 3

#: What stands in one line.
Scalar = str | bool | tuple[str, ...]
Value = str | tuple[str, ...] | Mapping[str, Mapping[str, Scalar]]


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

    ``needs_tags`` says that a version comes from the tags. ``repository_url`` is where
    it uploads to, empty for PyPI.
    """

    path: str
    filters: tuple[str, ...]
    projects: tuple[WorkflowProject, ...]
    needs_tags: bool = False
    repository_url: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is written, and what a person has to know about it.

    ``unclear`` is what could not be told and was left at its default; ``around`` are
    the workflows that lead to an index and not through this one. ``defaults`` are the
    keys of the policy that hold without being said, for those who want to change them,
    and ``not_ignored`` is what git has to be told to ignore.
    """

    projects: tuple[NormalizedName, ...]
    settings: tuple[Setting, ...]
    workflows: tuple[Workflow, ...]
    unclear: tuple[str, ...] = ()
    around: tuple[Publishing, ...] = ()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    not_ignored: tuple[str, ...] = ()


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
        *_going(seen),
        *_naming(seen, forms),
        *_allowing(seen),
        *_uploading(seen),
        *_expecting(seen, shapes),
    )
    workflows = _workflows(seen, forms, shapes)
    own = {workflow.path for workflow in workflows}
    others = [found for found in seen.publishing if found.path not in own]
    said = {setting.key for setting in settings}
    return Proposal(
        tuple(project.name for project in seen.projects),
        settings,
        workflows,
        (
            *seen.unclear,
            *_of_destination(seen),
            *_of_index(seen.projects),
            *_of_tags(seen, forms),
            *_of_sdists(shapes),
            *_of_wheels(shapes),
            *_of_remote(seen),
            *(
                f"{found.path} may upload, and would go round the guard: {found.word}"
                for found in others
                if not found.sure
            ),
        ),
        tuple(found for found in others if found.sure),
        {key: value for key, value in _defaults().items() if key not in said},
        seen.not_ignored,
    )


def _defaults() -> dict[str, Value]:
    """What the policy says without a word, of what is proposed for few or none."""
    bare = {
        name: resolve(PolicyFile(), Overrides(index=name)) for name in PUBLIC_INDEXES
    }
    return {
        "index": Policy().index.name,
        "indexes": {name: _index_said(policy.index) for name, policy in bare.items()},
        "events": RELEASE_EVENTS,
    }


def _index_said(index: IndexPolicy) -> dict[str, Scalar]:
    kinds = tuple(kind.value for kind in VersionKind if kind in index.accept)
    accept: Scalar = "any" if index.accept == ANY_KIND else kinds
    return {"accept": accept, "require-tag": index.require_tag}


# --- where it goes -----------------------------------------------------------------


def _going(seen: Seen) -> Iterator[Setting]:
    """Which index the releases go to, where it is not the one of the default."""
    if seen.index and seen.index != Policy().index.name:
        yield Setting("index", seen.index, "the index that was named")


def _of_destination(seen: Seen) -> Iterator[str]:
    if not seen.index:
        yield (
            "the index was given by its URL only: no workflow is written, as it would "
            "publish to PyPI; the policy's index is still "
            f"{Policy().index.name}: declare yours under indexes"
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
        yield Setting("tag-templates", TAG_TEMPLATES, why, in_force=False)
        return
    is_default = set(templates) == set(TAG_TEMPLATES)
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
) -> dict[str, dict[str, Scalar]]:
    """The projects, each with its folder, and its templates where they are its own."""
    is_common = _common(seen, forms) is not None
    table: dict[str, dict[str, Scalar]] = {}
    for project in seen.projects:
        said: dict[str, Scalar] = {}
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
            f"at its default, {' and '.join(TAG_TEMPLATES)}"
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
    elif remote.host not in _GITHUB:
        yield (
            f'the remote "{remote.name}" is on {remote.host}, taken for a GitHub of '
            "its own by its name: if it is none, remove the workflow"
        )


def _is_repository(remote: Remote) -> bool:
    return "/" in remote.repository and is_plain(remote.repository)


#: GitHub's hosts; the second one takes SSH through a proxy. Without a remote there is
#: none yet.
_GITHUB = ("", "github.com", "ssh.github.com")


def _is_github(seen: Seen) -> bool:
    """Whether the repository is on GitHub, or on a server that is called so."""
    host = seen.remote.host if seen.remote else ""
    return host in _GITHUB or host.startswith("github.") or host.endswith(".ghe.com")


def _is_published_by_us(seen: Seen) -> bool:
    """Whether a workflow is proposed: GitHub runs it, to an index that is known."""
    return _is_github(seen) and seen.index in PUBLIC_INDEXES


# --- the upload ---------------------------------------------------------------------


def _uploading(seen: Seen) -> Iterator[Setting]:
    if _is_published_by_us(seen):
        why = "what the workflow uploads with; what it would refuse is told before"
        yield Setting("publisher", PUBLISHER, why)
    why = "refuse a file without an attestation (PEP 740) after the upload"
    yield Setting("provenance", "required", why, in_force=False)


# --- what a release consists of -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """A project's last release: the version, its files, and the releases ``before`` it,
    newest first; where nothing is listed, what lies in ``dist/``.
    """

    project: NormalizedName
    version: Version | None
    files: tuple[str, ...]
    before: tuple[_Shape, ...] = ()

    @property
    def is_released(self) -> bool:
        return self.version is not None

    @property
    def has_sdist(self) -> bool:
        return any(kind_of(name) is Kind.SDIST for name in self.files)

    @property
    def never_has_sdist(self) -> bool:
        return not any(shape.has_sdist for shape in (self, *self.before))

    @property
    def is_short(self) -> bool:
        """Whether it has fewer wheels than the one before: half an upload, maybe."""
        return any(
            len(patterns_of(self.wheels)) < len(patterns_of(shape.wheels))
            for shape in self.before[:1]
        )

    @property
    def whole(self) -> _Shape:
        """The release whose wheels are built once more."""
        return self.before[0] if self.is_short else self

    @property
    def wheels(self) -> tuple[str, ...]:
        return tuple(name for name in self.files if name.endswith(".whl"))

    @property
    def is_native(self) -> bool:
        return any(map(is_native, self.wheels))

    @property
    def where(self) -> str:
        told = f"{self.project} {self.version} on the index"
        return told if self.is_released else "dist/"


def _listed(project: SeenProject) -> tuple[IndexedFile, ...]:
    return project.listing.files if project.listing else ()


def _versions(project: SeenProject) -> tuple[Version, ...]:
    return tuple(f.version for f in _listed(project) if f.version is not None)


def _shape(project: SeenProject) -> _Shape:
    """The last release, which is a final one where there is any, and never one of
    development: that is no release.
    """
    offered: dict[Version, list[str]] = {}
    for file in _listed(project):
        version = file.version
        if version is not None and not (file.yanked or version.is_devrelease):
            offered.setdefault(version, []).append(file.filename)
    finals = [version for version in offered if not version.is_prerelease]
    newest, *before = [
        _Shape(project.name, version, tuple(offered[version]))
        for version in sorted(finals or offered, reverse=True)[:_HABIT]
    ] or [_Shape(project.name, None, project.files)]
    return replace(newest, before=tuple(before))


def _expecting(
    seen: Seen, shapes: Mapping[NormalizedName, _Shape]
) -> Iterator[Setting]:
    """Whether there is an sdist, and which wheels there are."""
    released = [shape for shape in shapes.values() if shape.is_released]
    having = [shape for shape in released if shape.has_sdist]
    if _is_without_sdists(shapes):
        lacking = "; ".join(f"{s.project} has none in {_last(s)}" for s in released)
        why = f"weaker than the default: {lacking}"
        yield Setting("expect.sdist", "optional", why)
    else:
        why = f"{having[0].where} has one" if having else "an sdist is needed"
        yield Setting("expect.sdist", "required", why, in_force=False)
    shape = shapes[seen.projects[0].name]
    if len(shapes) > 1:
        why = "as the last release had them"
        yield Setting("expect.wheels", "previous", why, in_force=False)
        return
    patterns = patterns_of(shape.wheels)
    if _is_example(shape) and 0 < len(patterns) <= _MOST_PATTERNS:
        why = f"the wheels of {shape.where}: each must be there, and no other"
        yield Setting("expect.wheels", patterns, why)
        return
    yield Setting("expect.wheels", "previous", _why_previous(shape), in_force=False)


def _is_without_sdists(shapes: Mapping[NormalizedName, _Shape]) -> bool:
    """Whether it is the habit of all projects to release no sdist: the key holds for
    all of them, and one release may have lost its own.
    """
    released = [shape for shape in shapes.values() if shape.is_released]
    return bool(released) and all(shape.never_has_sdist for shape in released)


def _of_sdists(shapes: Mapping[NormalizedName, _Shape]) -> Iterator[str]:
    """Which of the last releases have no sdist, where one is required all the same."""
    if _is_without_sdists(shapes):
        return
    for shape in shapes.values():
        if not shape.is_released or shape.has_sdist:
            continue
        told = f"{shape.where} has no sdist"
        earlier = [str(s.version) for s in shape.before if s.has_sdist][:1]
        told += f", {earlier[0]} has one" if earlier else ", other projects have one"
        yield f"{told}: expect.sdist is left at its default, required"


def _last(shape: _Shape) -> str:
    """The versions that were looked at."""
    return ", ".join(str(each.version) for each in (shape, *shape.before))


def _is_example(shape: _Shape) -> bool:
    """Whether the files are all of a release: one machine builds not all wheels, and a
    release with fewer than the one before may have lost some.
    """
    return not shape.is_short if shape.is_released else not shape.is_native


def _why_previous(shape: _Shape) -> str:
    if shape.is_native and not shape.is_released:
        return "the wheels of the last release; dist/ has those of one machine only"
    if shape.is_short:
        return f"the wheels of the last release; {shape.where} lacks some"
    if shape.is_native:
        return f"the wheels of the last release; {shape.where} has {len(shape.wheels)}"
    return "the wheels of the last release"


def _of_wheels(shapes: Mapping[NormalizedName, _Shape]) -> Iterator[str]:
    """What of the wheels the workflow does not build."""
    for last in shapes.values():
        shape = last.whole
        if last.is_short:
            yield (
                f"{last.where} has fewer wheels ({len(last.wheels)}) than "
                f"{shape.version} ({len(shape.wheels)}): expect.wheels is left at its "
                f"default, and the workflow builds those of {shape.version}"
            )
        beyond = builds_of(shape.wheels).beyond
        if shape.is_released and beyond:
            yield (
                f"the workflow does not build these wheels of {shape.where}, and a "
                f"release without them is told: {named(beyond)}; cibuildwheel "
                f"{BUILDER} builds for none of these platforms or Pythons"
            )
        if last.wheels and not patterns_of(last.wheels):
            yield (
                f"a wheel of {last.where} has a name that no pattern can say: "
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
    repository is on another forge, or the index another one.
    """
    if not _is_published_by_us(seen):
        return ()
    is_default = seen.index == Policy().index.name
    repository_url = "" if is_default else public_repository_url(seen.index)
    sets: dict[tuple[str, ...], list[SeenProject]] = {}
    for project in seen.projects:
        filters = _filters(project, forms[project.name])
        sets.setdefault(filters, []).append(project)
    return tuple(
        Workflow(
            _path(projects, alone=len(sets) == 1),
            filters,
            tuple(
                WorkflowProject(p.name, p.folder, _builds(p, shapes[p.name].whole))
                for p in projects
            ),
            needs_tags=any(p.versioned_by for p in projects),
            repository_url=repository_url,
        )
        for filters, projects in sets.items()
    )


def _path(projects: Iterable[SeenProject], *, alone: bool) -> str:
    if alone:
        return f"{_WORKFLOWS}/publish.yml"
    return f"{_WORKFLOWS}/publish-{'-'.join(p.name for p in projects)}.yml"


def _filters(project: SeenProject, forms: Forms) -> tuple[str, ...]:
    """The filters of a project's tags: one for each spelling of its name in them, as
    the rules read any, and one for the name as it is normalized.
    """
    spelled = {form.template: form.names for form in forms.forms}
    found = [
        tag_filter(template, name, project.folder)
        for template in forms.templates or TAG_TEMPLATES
        for name in (*spelled.get(template, ()), project.name)
    ]
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

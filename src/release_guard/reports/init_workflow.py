"""The publish workflow that ``init`` proposes: build, guard, publish, verify.

No path to the index goes round the guard: what may upload waits for the environment,
and the environment's job for the guard. ``examples/publish.yml`` is this, for a project
of which nothing else is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.proposal.actions import ACTIONS
from release_guard.proposal.proposing import ENVIRONMENT, Workflow, WorkflowProject
from release_guard.proposal.wheels import Build, Builds
from release_guard.reports.escape import yaml

__all__ = ["render"]

_HEAD = """\
# Build, guard, publish by trusted publishing, verify. Save as
# {path}, and protect the environment "{environment}"
# and who may create release tags.
name: {name}

on:
  push:
    tags: [{filters}]

permissions: {{}}

concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: false # half an upload is worse than a late one

jobs:
"""

_CHECKOUT = """\
      - uses: {checkout}
        with:
          persist-credentials: false
"""
_WHOLE_HISTORY = """\
          fetch-depth: 0 # {why}
"""

_BUILD = """\
  {id}:
    name: {name}
    runs-on: ubuntu-latest
    permissions:
      contents: read # to check out
    steps:
{checkout}\
{runs}\
      - uses: {upload}
        with:
          name: {artifact}
          path: dist/
"""

_WHEELS = """\
  {id}:
    name: {name} (${{{{ matrix.runner }}}}, ${{{{ matrix.machine }}}})
    runs-on: ${{{{ matrix.runner }}}}
    permissions:
      contents: read # to check out
    strategy:
      fail-fast: false
      matrix:
        include:
{rows}\
    steps:
{checkout}\
{emulator}\
      # What a build needs besides, and what is tested: tool.cibuildwheel.
      - uses: {cibuildwheel}
{package}\
        env:
          CIBW_ARCHS: ${{{{ matrix.machine }}}}
{identifiers}\
      - uses: {upload}
        with:
          name: {artifact}-${{{{ matrix.runner }}}}-${{{{ matrix.machine }}}}
          path: wheelhouse/*.whl
"""

_EMULATOR = """\
      - uses: {qemu}
        if: runner.os == 'Linux'
"""

_GUARD = """\
  guard:
    name: Guard
    needs: {needs}
    runs-on: ubuntu-latest
    permissions:
      contents: read # to check out
    outputs:
      manifest: ${{{{ steps.manifest.outputs.artifact-id }}}}
    steps:
{checkout}\
{download}\
      # May this set be uploaded, from this tag, now? Writes release-manifest.json.
      - uses: {guard}
        with:
          command: check
      - uses: {upload}
        id: manifest
        with:
          name: manifest
          path: release-manifest.json

  publish:
    name: Publish
    needs: guard
    runs-on: ubuntu-latest
    environment: {environment}
    permissions:
      contents: read # to check out the policy
      id-token: write # trusted publishing
    steps:
{policy}\
{download}\
      - uses: {fetch}
        with:
          # By its id: no other job can have put another one in its place.
          artifact-ids: ${{{{ needs.guard.outputs.manifest }}}}
          path: checked
      # Are these the bytes that were checked?
      - uses: {guard}
        with:
          command: check
          against: checked/release-manifest.json
      - uses: {publish}
{destination}\

  verify:
    name: Verify
    needs: [guard, publish]
    runs-on: ubuntu-latest
    permissions:
      contents: read # to check out the policy
    steps:
{policy}\
      - uses: {fetch}
        with:
          artifact-ids: ${{{{ needs.guard.outputs.manifest }}}}
          path: checked
      # Does the index list exactly these files, and did nothing else change?
      - uses: {guard}
        with:
          command: verify
          manifest: checked/release-manifest.json
"""


def render(workflow: Workflow, *, alone: bool = True) -> str:
    """One workflow, in YAML; not ``alone`` beside those of other projects."""
    names = ", ".join(project.name for project in workflow.projects)
    jobs = list(_builds(workflow))
    head = _HEAD.format(
        path=workflow.path,
        environment=ENVIRONMENT,
        name="Publish" if alone else yaml(f"Publish {names}"),
        filters=", ".join(map(yaml, workflow.filters)),
    )
    return head + "\n".join([*(text for _, text in jobs), _rest(workflow, jobs)])


def _rest(workflow: Workflow, jobs: list[tuple[str, str]]) -> str:
    """The jobs behind those that build."""
    ids = [job for job, _ in jobs]
    return _GUARD.format(
        needs=ids[0] if len(ids) == 1 else f"[{', '.join(ids)}]",
        checkout=_checkout("is the tag on a release branch?"),
        policy=_checkout(),
        download=_download(workflow),
        environment=ENVIRONMENT,
        guard=ACTIONS["guard"].uses,
        upload=ACTIONS["upload"].uses,
        fetch=ACTIONS["download"].uses,
        publish=ACTIONS["publish"].uses,
        destination=_destination(workflow),
    )


def _destination(workflow: Workflow) -> str:
    """What the upload is told where it does not go to PyPI."""
    if not workflow.repository_url:
        return ""
    return f"        with:\n          repository-url: {yaml(workflow.repository_url)}\n"


def _checkout(why: str = "") -> str:
    """A checkout; with a reason for it, of the whole history."""
    text = _CHECKOUT.format(checkout=ACTIONS["checkout"].uses)
    return text + (_WHOLE_HISTORY.format(why=why) if why else "")


def _is_native(workflow: Workflow) -> bool:
    return any(project.builds for project in workflow.projects)


def _download(workflow: Workflow) -> str:
    """The distributions of all jobs that build, in one folder."""
    chosen = ["name: dist"]
    if _is_native(workflow):
        chosen = ["pattern: dist-*", "merge-multiple: true"]
    lines = [
        f"      - uses: {ACTIONS['download'].uses}",
        "        with:",
        *(f"          {line}" for line in chosen),
        "          path: dist",
    ]
    return "".join(f"{line}\n" for line in lines)


def _builds(workflow: Workflow) -> Iterator[tuple[str, str]]:
    """The jobs that build, each by its id."""
    why = "the version comes from the tags" if workflow.needs_tags else ""
    is_native = _is_native(workflow)
    yield (
        "build",
        _BUILD.format(
            id="build",
            name="Build" if not is_native else "Build sdist",
            checkout=_checkout(why),
            runs="".join(map(_run, workflow.projects)),
            upload=ACTIONS["upload"].uses,
            artifact="dist-any" if is_native else "dist",
        ),
    )
    alone = len(workflow.projects) == 1
    for project in workflow.projects:
        if project.builds:
            job = "wheels" if alone else f"wheels-{project.name}"
            yield job, _wheels(job, project, project.builds, why)


def _run(project: WorkflowProject) -> str:
    """The step that builds a project: all of it, or the sdist beside its wheels."""
    words = ["pipx run build"]
    if project.builds:
        words.append("--sdist")
    if project.folder:
        words.append(f"--outdir dist {project.folder}")
    return f"      - run: {' '.join(words)}\n"


def _wheels(job: str, project: WorkflowProject, builds: Builds, why: str) -> str:
    """The matrix that builds a project's wheels."""
    package = ""
    if project.folder:
        package = f"        with:\n          package-dir: {yaml(project.folder)}\n"
    chosen = any(build.identifiers for build in builds.jobs)
    identifiers = "          CIBW_BUILD: ${{ matrix.build }}\n" if chosen else ""
    if builds.asked_for:
        identifiers += f"          CIBW_ENABLE: {' '.join(builds.asked_for)}\n"
    name = "Wheels" if job == "wheels" else f"Wheels of {project.name}"
    return _WHEELS.format(
        id=job,
        name=name,
        rows="".join(map(_row, builds.jobs)),
        checkout=_checkout(why),
        cibuildwheel=ACTIONS["cibuildwheel"].uses,
        emulator=_EMULATOR.format(qemu=ACTIONS["qemu"].uses)
        if builds.is_emulated
        else "",
        package=package,
        identifiers=identifiers,
        upload=ACTIONS["upload"].uses,
        artifact="dist" if job == "wheels" else f"dist-{project.name}",
    )


def _row(build: Build) -> str:
    lines = [
        f"          - runner: {build.runner}",
        f"            machine: {build.machine}",
    ]
    if build.identifiers:
        # Each platform in a line of its own, which YAML folds into one.
        lines.append("            build: >-")
        lines += [f"              {word}" for word in build.identifiers]
    return "".join(f"{line}\n" for line in lines)

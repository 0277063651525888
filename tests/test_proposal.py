"""What is proposed, by what was seen: tags, wheels, settings, workflows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName, parse_wheel_filename
from packaging.version import Version
from runner.workflow import _glob

from release_guard.facts import GitTag, IndexedFile, Listing
from release_guard.filenames import parse_version, version_of
from release_guard.layouts import public_repository_url
from release_guard.policy import TAG_TEMPLATES
from release_guard.proposal.proposing import (
    Proposal,
    Setting,
    Value,
    forms_by_project,
    propose,
)
from release_guard.proposal.seen import (
    Publishing,
    Remote,
    Seen,
    SeenProject,
    is_plain,
    named,
)
from release_guard.proposal.templates import forms_of, tag_filter
from release_guard.proposal.wheels import (
    Build,
    builds_of,
    is_native,
    patterns_of,
    usual_builds,
)
from release_guard.wheel_patterns import pattern_of

DEMO = NormalizedName("demo")
_DATA = Path(__file__).parent / "data" / "tags"


# --- templates of tags -------------------------------------------------------------


@dataclass(frozen=True)
class Tags:
    """Tags, the versions on the index, and what is made of them."""

    tags: str
    templates: tuple[str, ...]
    strange: str = ""
    released: str = ""
    project: str = "demo"
    folder: str = ""


_V, _BARE = "v{version}", "{version}"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Tags("v1.0 v1.1 v2.0rc1", (_V,)), id="a v before the version"),
        pytest.param(Tags("1.0 1.1", (_BARE,)), id="the version alone"),
        pytest.param(
            Tags("1.0 1.1 v2.0", (_BARE, _V)), id="both of the defaults, one after one"
        ),
        pytest.param(Tags("", ()), id="no tags"),
        pytest.param(Tags("nightly stable", ()), id="tags that say no version"),
        pytest.param(
            Tags("demo-1.0 Demo-1.1", ("{name}-{version}",)), id="the name in any case"
        ),
        pytest.param(
            Tags("demo-v1.0", ("{name}-v{version}",)), id="the name and then a v"
        ),
        pytest.param(
            Tags("demo==1.0", ("{name}=={version}",)), id="two marks behind the name"
        ),
        pytest.param(
            Tags("my_lib3@1.0", ("{name}@{version}",), project="my-lib3"),
            id="a name that ends with a number",
        ),
        pytest.param(
            Tags(
                "py/demo/v1.0 other/v2.0",
                ("{path}/v{version}",),
                "other/v2.0",
                folder="py/demo",
            ),
            id="the folder, and not another's",
        ),
        pytest.param(
            Tags("demo-1.0 other-1.0", ("{name}-{version}",), "other-1.0"),
            id="the project's own name, and not another's",
        ),
        pytest.param(
            Tags("release-1.0 release-1.1", ("release-{version}",)),
            id="one word in front",
        ),
        pytest.param(
            Tags("a-1.0 b-1.0", (), "a-1.0 b-1.0"),
            id="two words in front, and nothing tells which is the project's",
        ),
        pytest.param(
            Tags("a-1.0 b-1.1", ("b-{version}",), "a-1.0", released="1.1"),
            id="two words in front, and the index tells",
        ),
        pytest.param(
            Tags(
                "js-1.0 js-1.1 js-1.2 v1.0 v1.1",
                (_V,),
                "js-1.0 js-1.1 js-1.2",
                released="1.0 1.1",
            ),
            id="another package with the same versions",
        ),
        pytest.param(
            Tags(
                "old-1.0 old-1.1 v2.0 v2.1 v2.2",
                (_V, "old-{version}"),
                released="1.0 1.1 2.0 2.1 2.2",
            ),
            id="an older form that has releases of its own",
        ),
        pytest.param(
            Tags("v.1.0 v1.1 v1.2", (_V,), "v.1.0", released="1.0 1.1 1.2"),
            id="a slip of one release is no form",
        ),
        pytest.param(
            Tags("v3.0 v4.0", (_V,), released="1.0 2.0"),
            id="tags of versions that the index does not list",
        ),
        pytest.param(
            Tags("collective-2026-07-22", (), "collective-2026-07-22"),
            id="a date is no version",
        ),
        pytest.param(Tags("2026-07-22", (), "2026-07-22"), id="a bare date is none"),
        pytest.param(Tags("2026.7.22", (_BARE,)), id="a calendar version is one"),
        pytest.param(
            Tags("rel_1_4_0", (), "rel_1_4_0"), id="underscores in the version"
        ),
        pytest.param(Tags("V1.0", ("V{version}",)), id="a large V"),
        pytest.param(
            Tags("${{x}}1.0 a'b-1.0 $(x)-1.0", (), "${{x}}1.0 a'b-1.0 $(x)-1.0"),
            id="tags that mean something to a workflow or a shell",
        ),
        pytest.param(Tags("{name}-1.0", (), "{name}-1.0"), id="a tag with a template"),
    ],
)
def test_templates_follow_from_the_tags(case: Tags) -> None:
    found = forms_of(
        case.tags.split(),
        NormalizedName(case.project),
        folder=case.folder,
        released=[Version(text) for text in case.released.split()],
    )

    assert found.templates == case.templates
    assert found.strange == tuple(sorted(case.strange.split()))


@pytest.mark.parametrize(
    ("name", "templates"),
    [
        ("copier", (_V,)),
        ("git-changelog", (_BARE,)),
        ("griffe", (_BARE,)),
        ("guppylang", ("{name}-v{version}",)),
        ("markdown-exec", (_BARE,)),
        ("mkdocstrings-python", (_BARE,)),
        ("nitpick", (_V,)),
        ("python-gitlab", (_V,)),
        ("shyaml", (_BARE,)),
        ("zeroconf", (_BARE,)),
    ],
)
def test_templates_of_real_projects(name: str, templates: tuple[str, ...]) -> None:
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    found = forms_of((line.split()[0] for line in lines), NormalizedName(name))

    assert found.templates == templates


def test_release_tags_come_newest_first() -> None:
    found = forms_of(["1.9", "v1.10", "1.2", "v1.10rc1"], DEMO)

    assert found.releases == ("v1.10", "v1.10rc1", "1.9", "1.2")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("v{version}", "v[0-9]*"),
        ("{version}", "[0-9]*"),
        ("{name}-v{version}", "demo-v[0-9]*"),
        ("{path}/{version}", "py/demo/[0-9]*"),
        pytest.param("a+b{version}", r"a\+b[0-9]*", id="a plus means something"),
    ],
)
def test_filter_fits_the_template(template: str, expected: str) -> None:
    assert tag_filter(template, DEMO, "py/demo") == expected


def test_what_means_something_in_a_folder_is_escaped() -> None:
    assert tag_filter("{path}/v{version}", DEMO, "c++") == r"c\+\+/v[0-9]*"


#: The heads and the versions of tags, as people write them.
_HEADS = (
    *("", "v", "V", "release-", "rel/", "a+b-", "demo-core-", "demo_core-"),
    *("Demo.Core/", "DEMO__core@v", "demo-core==", "c++/core/v", "c++/core@"),
)
_TAILS = ("1.0", "2.3.4", "1.0rc1", "1.0+x.1", "2024.01", "1.0.post1", "01.2", "1.0-1")


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(_HEADS), st.sampled_from(_TAILS))))
def test_each_tag_of_a_project_starts_its_workflow(tags: list[tuple[str, str]]) -> None:
    """The rules read a name in any spelling, GitHub's filters are literal."""
    project = SeenProject(NormalizedName("demo-core"), "c++/core")
    seen = Seen((project,), tags=_tagged(*{f"{head}{tail}" for head, tail in tags}))

    (workflow,) = propose(seen).workflows

    filters = [_glob(text) for text in workflow.filters]
    for tag in forms_by_project(seen)[project.name].releases:
        assert any(text.fullmatch(tag) for text in filters), (tag, workflow.filters)


def test_filters_have_each_spelling_of_the_name_and_the_normalized_one() -> None:
    project = SeenProject(NormalizedName("hello-gate"))
    seen = Seen((project,), tags=_tagged("Hello_Gate-0.0.2", "hello.gate-0.0.1"))

    (workflow,) = propose(seen).workflows

    assert workflow.filters == (
        "Hello_Gate-[0-9]*",
        "hello.gate-[0-9]*",
        "hello-gate-[0-9]*",
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "a\nb", "a$b", "${{ x }}", "a'b", 'a"b', "a`b", "a{b"),
        *("-a", "--outdir", "../up", "a/../b", "..", "/abs", "é", "a\u2028b", "a;b"),
        *("a&b", "a|b", "a>b", "a*b", "a?b", "a[b", "a\\b", "a!b", "a#b", "a:b", "~"),
        "a" * 201,
    ],
)
def test_what_means_something_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize("text", ["main", "stable/1.x", "packages/a-b", "1.0", "a@1+x"])
def test_what_people_call_things_is_plain(text: str) -> None:
    assert is_plain(text)


def test_a_few_names_stand_for_many() -> None:
    assert named(("a", "b", "c")) == "a, b, c"
    assert named(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"


# --- wheels ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "pattern"),
    [
        ("py3-none-any", "py3-none-any"),
        pytest.param("py2.py3-none-any", "py3-none-any", id="of two Pythons the newer"),
        (
            "cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp311-abi3-manylinux_*_x86_64",
        ),
        ("cp312-cp312-manylinux2014_aarch64", "cp312-cp312-manylinux_*_aarch64"),
        ("cp312-cp312-musllinux_1_2_x86_64", "cp312-cp312-musllinux_*_x86_64"),
        ("cp312-cp312-macosx_11_0_arm64", "cp312-cp312-macosx_*_arm64"),
        ("cp312-cp312-macosx_10_9_universal2", "cp312-cp312-macosx_*_universal2"),
        ("cp313-cp313t-win_amd64", "cp313-cp313t-win_amd64"),
        ("cp313-cp313-win32", "cp313-cp313-win32"),
        (
            "pp311-pypy311_pp73-manylinux_2_17_x86_64",
            "pp311-pypy311_pp73-manylinux_*_x86_64",
        ),
        ("graalpy312-graalpy250_312_native-win_amd64", None),
        ("py3-none-linux_armv6l", None),
    ],
)
def test_pattern_fits_the_wheel_that_it_is_made_of(
    tags: str, pattern: str | None
) -> None:
    name = f"demo-1.0-{tags}.whl"

    found = patterns_of([name])

    if pattern is not None:
        assert found == (pattern,)
    for text in found:
        assert pattern_of(text).fits(parse_wheel_filename(name)[3])


@pytest.mark.parametrize(
    "name",
    ["demo-1.0-py3-none.whl", "demo.whl", f"demo-1.0-{'.'.join(['py3'] * 70)}-a-b.whl"],
)
def test_what_no_pattern_can_say_leaves_all_out(name: str) -> None:
    assert patterns_of([name, "demo-1.0-py3-none-any.whl"]) == ()


def test_a_build_number_is_no_tag() -> None:
    assert patterns_of(["demo-1.0-1-py3-none-any.whl"]) == ("py3-none-any",)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo-1.0-py3-none-any.whl", False),
        ("demo-1.0.tar.gz", False),
        ("demo-1.0-cp312-cp312-win32.whl", True),
        ("demo.whl", False),
    ],
)
def test_native_is_what_has_a_platform(name: str, *, expected: bool) -> None:
    assert is_native(name) is expected


def test_builds_are_grouped_by_runner_and_machine() -> None:
    found = builds_of(
        [
            "demo-1.0-py3-none-any.whl",
            "demo-1.0-cp38-abi3-manylinux2014_x86_64.whl",
            "demo-1.0-cp313-cp313t-win_amd64.whl",
            "demo-1.0-cp314-cp314t-musllinux_1_2_x86_64.whl",
            "demo-1.0-cp314-cp314-musllinux_1_2_x86_64.whl",
            "demo-1.0-pp311-pypy311_pp73-win_amd64.whl",
            "demo-1.0-pp311-pypy311_pp73-musllinux_1_2_x86_64.whl",
            "demo-1.0-cp312-cp312-manylinux2014_s390x.whl",
            "demo-1.0-cp313-cp313-ios_13_0_arm64_iphoneos.whl",
        ]
    )

    assert found.jobs == (
        Build(
            "ubuntu-latest",
            "x86_64",
            ("cp39-manylinux_x86_64", "{cp314,cp314t}-musllinux_x86_64"),
        ),
        Build("ubuntu-latest", "s390x", ("cp312-manylinux_s390x",)),
        Build("windows-latest", "AMD64", ("pp311-win_amd64",)),
    )
    assert found.beyond == (
        "cp313-ios_13_0_arm64_iphoneos",
        "cp313t-win_amd64",
        "pp311-musllinux_x86_64",
    )
    assert found.asked_for == ("pypy",)
    assert found.is_emulated
    assert not usual_builds().is_emulated


# --- the whole ---------------------------------------------------------------------


def _listing(*names: str, known: bool = True, yanked: bool = False) -> Listing:
    files = (
        IndexedFile(name, version_of(name, DEMO), "0" * 64, yanked=yanked)
        for name in names
    )
    return Listing(DEMO, "https://index.example/simple/demo/", tuple(files), known)


def _tagged(*names: str) -> tuple[GitTag, ...]:
    return tuple(GitTag(name, "c0ffee") for name in names)


def _setting(proposal: Proposal, key: str) -> Setting:
    (found,) = [setting for setting in proposal.settings if setting.key == key]
    return found


_PURE = ("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")
_NATIVE = ("demo-1.0.tar.gz", "demo-1.0-cp312-cp312-manylinux2014_x86_64.whl")


@pytest.mark.parametrize(
    ("seen", "key", "value", "in_force"),
    [
        pytest.param(
            Seen((SeenProject(DEMO),)),
            "tag-templates",
            TAG_TEMPLATES,
            False,
            id="no tags leave the templates at their default",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), tags=_tagged("v1.0", "2.0")),
            "tag-templates",
            ("v{version}", "{version}"),
            False,
            id="tags of both defaults need no word",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), tags=_tagged("v1.0")),
            "tag-templates",
            ("v{version}",),
            True,
            id="tags of one form narrow the templates",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing(*_PURE)),)),
            "expect.wheels",
            ("py3-none-any",),
            True,
            id="the wheels of the last release",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, files=_PURE),)),
            "expect.wheels",
            ("py3-none-any",),
            True,
            id="without a release a pure wheel in dist",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, files=_NATIVE),)),
            "expect.wheels",
            "previous",
            False,
            id="one machine's wheels are not those of a release",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, files=_NATIVE, listing=_listing(*_PURE)),)),
            "expect.wheels",
            ("py3-none-any",),
            True,
            id="the last release outranks what lies in dist",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing(*_PURE, yanked=True)),)),
            "expect.wheels",
            "previous",
            False,
            id="a yanked release is no example",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing("demo-1.0.tar.gz")),)),
            "expect.wheels",
            "previous",
            False,
            id="a release without wheels declares none",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing(*_PURE)),)),
            "expect.sdist",
            "required",
            False,
            id="a release with an sdist is as the default",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing(_PURE[1])),)),
            "expect.sdist",
            "optional",
            True,
            id="a release without sdist",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), remote=Remote("origin", "github.com", "o/demo")),
            "repositories",
            ("o/demo",),
            True,
            id="the remote's repository",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), remote=Remote("origin")),
            "repositories",
            ("owner/name",),
            False,
            id="a remote that is a folder",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), remote=Remote("origin", "github.com", "o/$(x)")),
            "repositories",
            ("owner/name",),
            False,
            id="a remote whose name means something",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), branch="main", on_branch=("v1.0",)),
            "branches",
            ("main",),
            True,
            id="the branch that holds the release tags",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), branch="main"),
            "branches",
            ("main", "stable/*"),
            False,
            id="a branch that holds no release tag yet",
        ),
        pytest.param(
            Seen(
                (SeenProject(DEMO),),
                branch="main",
                on_branch=("v1.1",),
                off_branch=("v1.0",),
            ),
            "branches",
            ("main", "stable/*"),
            False,
            id="a release tag beside the branch",
        ),
        pytest.param(
            Seen(
                (SeenProject(DEMO, "pkg/demo"),),
                tags=_tagged("pkg/demo/v1.0"),
            ),
            "projects",
            {"demo": {"path": "pkg/demo", "tag-templates": ("{path}/v{version}",)}},
            True,
            id="a template with the path needs the path",
        ),
        pytest.param(
            Seen(
                (SeenProject(DEMO), SeenProject(NormalizedName("cli"), "cli")),
                tags=_tagged("demo-1.0", "cli-2.0"),
            ),
            "projects",
            {"demo": {}, "cli": {"path": "cli"}},
            True,
            id="several projects with one form of tags",
        ),
        pytest.param(
            Seen(
                (SeenProject(DEMO), SeenProject(NormalizedName("cli"), "cli")),
                tags=_tagged("v1.0", "cli-2.0"),
            ),
            "projects",
            {
                "demo": {"tag-templates": ("v{version}",)},
                "cli": {"path": "cli", "tag-templates": ("{name}-{version}",)},
            },
            True,
            id="several projects with forms of their own",
        ),
    ],
)
def test_setting_follows_from_what_was_seen(
    seen: Seen, key: str, value: Value, *, in_force: bool
) -> None:
    found = _setting(propose(seen), key)

    assert (found.value, found.in_force) == (value, in_force)
    assert found.reason


# --- a release that ended half way, or was none --------------------------------------

_ANY, _WIN = "py3-none-any.whl", "cp312-cp312-win_amd64.whl"
_LINUX = "cp312-cp312-manylinux2014_x86_64.whl"


def _files_of(releases: dict[str, str]) -> tuple[str, ...]:
    """The names of files, by version and by how they end."""
    return tuple(
        f"demo-{version}{'' if end.startswith('.') else '-'}{end}"
        for version, ends in releases.items()
        for end in ends.split()
    )


@pytest.mark.parametrize(
    ("releases", "sdist", "told"),
    [
        pytest.param(
            {"1.0": f".tar.gz {_ANY}", "1.1": _ANY},
            ("required", False),
            "demo 1.1 on the index has no sdist, 1.0 has one: expect.sdist is left at "
            "its default, required",
            id="the last release has lost its sdist",
        ),
        pytest.param(
            {"0.9": f".tar.gz {_ANY}", "1.0": _ANY, "1.1": _ANY},
            ("required", False),
            "demo 1.1 on the index has no sdist, 0.9 has one: expect.sdist is left at "
            "its default, required",
            id="one of the last three has an sdist",
        ),
        pytest.param(
            {"0.8": f".tar.gz {_ANY}", "0.9": _ANY, "1.0": _ANY, "1.1": _ANY},
            ("optional", True),
            "",
            id="none of the last three has an sdist",
        ),
        pytest.param(
            {"1.0": f".tar.gz {_ANY}", "1.1rc1": _ANY},
            ("required", False),
            "",
            id="a pre-release is no last release",
        ),
        pytest.param(
            {"1.0": _ANY, "1.1": f".egg {_ANY}"},
            ("optional", True),
            "",
            id="an egg is no sdist",
        ),
        pytest.param(
            {"1.0.dev1": _ANY},
            ("required", False),
            "the index lists dev versions of demo, as 1.0.dev1: another one would be "
            "refused",
            id="a dev release is no example",
        ),
    ],
)
def test_sdist_is_optional_only_by_habit(
    releases: dict[str, str], sdist: tuple[str, bool], told: str
) -> None:
    listing = _listing(*_files_of(releases))
    proposal = propose(Seen((SeenProject(DEMO, listing=listing),)))
    found = _setting(proposal, "expect.sdist")

    assert (found.value, found.in_force) == sdist
    assert proposal.unclear == ((told,) if told else ())
    assert ("weaker than the default: demo has none" in found.reason) == found.in_force


def test_one_project_without_sdists_weakens_no_other() -> None:
    cli = NormalizedName("cli")
    listed = Listing(
        cli, "", (IndexedFile("cli-1.0.tar.gz", Version("1.0"), "0" * 64),)
    )
    projects = (
        SeenProject(DEMO, listing=_listing(_PURE[1])),
        SeenProject(cli, "cli", listing=listed),
    )
    proposal = propose(Seen(projects))

    assert not _setting(proposal, "expect.sdist").in_force
    (told,) = proposal.unclear
    assert told == (
        "demo 1.0 on the index has no sdist, other projects have one: expect.sdist is "
        "left at its default, required"
    )


@pytest.mark.parametrize(
    ("releases", "patterns", "jobs"),
    [
        pytest.param(
            {"1.0": f".tar.gz {_WIN} {_LINUX}", "1.1": f".tar.gz {_WIN}"},
            "previous",
            2,
            id="fewer wheels than before",
        ),
        pytest.param(
            {"1.0": f".tar.gz {_WIN}", "1.1": ".tar.gz"},
            "previous",
            1,
            id="no wheel any more",
        ),
        pytest.param(
            {"1.0": f".tar.gz {_WIN} {_LINUX}", "1.1.dev1": f".tar.gz {_WIN}"},
            ("cp312-cp312-manylinux_*_x86_64", "cp312-cp312-win_amd64"),
            2,
            id="a dev release has no shape",
        ),
        pytest.param(
            {"1.0": f".tar.gz {_WIN}", "1.1": f".tar.gz {_WIN} {_LINUX}"},
            ("cp312-cp312-manylinux_*_x86_64", "cp312-cp312-win_amd64"),
            2,
            id="more wheels than before",
        ),
    ],
)
def test_a_release_that_lost_wheels_is_no_example(
    releases: dict[str, str], patterns: Value, jobs: int
) -> None:
    listing = _listing(*_files_of(releases))
    proposal = propose(Seen((SeenProject(DEMO, listing=listing),)))
    found = _setting(proposal, "expect.wheels")
    told = [text for text in proposal.unclear if "fewer wheels" in text]
    builds = proposal.workflows[0].projects[0].builds

    assert (found.value, found.in_force) == (patterns, patterns != "previous")
    assert len(told) == (patterns == "previous")
    assert builds is not None
    assert len(builds.jobs) == jobs


def test_more_wheels_than_a_person_reads_are_no_list() -> None:
    names = [f"demo-1.0-cp312-cp312-p{n}.whl" for n in range(121)]

    found = _setting(
        propose(Seen((SeenProject(DEMO, listing=_listing(*names)),))), "expect.wheels"
    )

    assert (found.value, found.in_force) == ("previous", False)
    assert "1.0 on the index has 121" in found.reason


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing(known=False)),)),
            "the index does not know demo yet",
            id="a project that is not there",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing("demo-1.0.dev1.tar.gz")),)),
            "the index lists dev versions of demo, as 1.0.dev1",
            id="dev versions on the index",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing("demo-1.0+x.tar.gz")),)),
            "the index lists local versions of demo, as 1.0+x",
            id="local versions on the index",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), tags=_tagged("v1.0", "rel_1_1")),
            "these tags fit no template: rel_1_1",
            id="tags that fit no template",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), tags=_tagged("a-1.0", "b-1.0")),
            "no tag is known as a release of demo: tag-templates is left at its",
            id="nothing tells which tags are the project's",
        ),
        pytest.param(
            Seen(
                (
                    SeenProject(
                        DEMO,
                        listing=_listing("demo-1.0-cp27-cp27mu-manylinux1_x86_64.whl"),
                    ),
                )
            ),
            "the workflow does not build these wheels of demo 1.0 on the index",
            id="a wheel of a Python that is gone",
        ),
        pytest.param(
            Seen((SeenProject(DEMO, listing=_listing("demo-1.0-py3-none.whl")),)),
            "a wheel of demo 1.0 on the index has a name that no pattern can say",
            id="a wheel that is none",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), remote=Remote("origin")),
            "is at no address of the form owner/name",
            id="a remote that is a folder",
        ),
        pytest.param(
            Seen(
                (SeenProject(DEMO),),
                remote=Remote("origin", "gitlab.example", "g/d"),
            ),
            "is on gitlab.example: the policy holds there too",
            id="a remote on another forge",
        ),
        pytest.param(
            Seen((SeenProject(DEMO),), unclear=("a.toml: is no TOML",)),
            "a.toml: is no TOML",
            id="what could not be read",
        ),
    ],
)
def test_what_is_not_told_is_said(seen: Seen, told: str) -> None:
    found = [text for text in propose(seen).unclear if told in text]

    assert len(found) == 1, propose(seen).unclear


def test_nothing_is_unclear_of_a_project_that_tells_all() -> None:
    seen = Seen(
        (SeenProject(DEMO, files=_PURE, listing=_listing(*_PURE)),),
        tags=_tagged("v1.0"),
        remote=Remote("origin", "github.com", "org/demo"),
        branch="main",
        on_branch=("v1.0",),
    )

    proposal = propose(seen)

    assert proposal.unclear == ()
    assert proposal.around == ()


@pytest.mark.parametrize(
    ("host", "workflows", "told"),
    [
        ("github.com", 1, ""),
        ("ssh.github.com", 1, ""),
        ("", 1, ""),
        ("github.corp.example", 1, "taken for a GitHub of its own by its name"),
        ("corp.ghe.com", 1, "taken for a GitHub of its own by its name"),
        ("notgithub.example", 0, "the workflow is for GitHub"),
        ("gitlab.example", 0, "the workflow is for GitHub"),
    ],
)
def test_only_github_runs_the_workflow(host: str, workflows: int, told: str) -> None:
    remote = Remote("origin", host, "org/demo")
    proposal = propose(Seen((SeenProject(DEMO),), remote=remote))

    assert len(proposal.workflows) == workflows
    assert len(proposal.unclear) == bool(told)
    assert told in "".join(proposal.unclear)


def test_a_known_index_is_where_the_workflow_uploads_to() -> None:
    proposal = propose(Seen((SeenProject(DEMO),), index="testpypi"))

    assert _setting(proposal, "index").value == "testpypi"
    assert "index" not in proposal.defaults
    (workflow,) = proposal.workflows
    assert workflow.repository_url == public_repository_url("testpypi")


def test_an_index_without_a_name_gets_no_workflow() -> None:
    proposal = propose(Seen((SeenProject(DEMO),), index=""))

    assert proposal.workflows == ()
    assert "publisher" not in {setting.key for setting in proposal.settings}
    assert "as it would publish to PyPI" in proposal.unclear[0]


def test_what_only_may_upload_is_told_and_no_step_is_made_of_it() -> None:
    path = ".github/workflows/docs.yml"
    found = Publishing(path, "id-token: write", sure=False)
    proposal = propose(Seen((SeenProject(DEMO),), publishing=(found,)))

    assert proposal.around == ()
    (told,) = proposal.unclear
    assert told.startswith(f"{path} may upload")


def test_no_workflow_is_proposed_for_another_forge() -> None:
    remote = Remote("origin", "gitlab.example", "g/demo")

    proposal = propose(Seen((SeenProject(DEMO),), remote=remote))

    assert proposal.workflows == ()
    assert "publisher" not in {setting.key for setting in proposal.settings}


def test_projects_with_tags_of_their_own_have_workflows_of_their_own() -> None:
    cli = SeenProject(NormalizedName("cli"), "cli", versioned_by="hatch-vcs")
    proposal = propose(Seen((SeenProject(DEMO), cli), tags=_tagged("v1.0", "cli-2.0")))

    assert [(w.path, w.filters, w.needs_tags) for w in proposal.workflows] == [
        (".github/workflows/publish-demo.yml", ("v[0-9]*",), False),
        (".github/workflows/publish-cli.yml", ("cli-[0-9]*",), True),
    ]


def test_projects_that_share_their_tags_share_a_workflow() -> None:
    cli = SeenProject(NormalizedName("cli"), "cli")
    proposal = propose(Seen((SeenProject(DEMO), cli), tags=_tagged("v1.0")))

    (workflow,) = proposal.workflows
    assert workflow.path == ".github/workflows/publish.yml"
    assert [project.name for project in workflow.projects] == ["demo", "cli"]


def test_a_project_that_configures_cibuildwheel_decides_what_is_built() -> None:
    listing = _listing(*_NATIVE)
    both = [
        propose(Seen((SeenProject(DEMO, listing=listing, configures_wheels=says),)))
        for says in (False, True)
    ]
    jobs = [p.workflows[0].projects[0].builds for p in both]

    assert [b.jobs[0].identifiers for b in jobs if b] == [
        ("cp312-manylinux_x86_64",),
        (),
    ]


def test_a_native_project_without_a_release_is_built_for_the_usual_platforms() -> None:
    proposal = propose(Seen((SeenProject(DEMO, files=_NATIVE),)))

    assert proposal.workflows[0].projects[0].builds == usual_builds()


def test_an_upload_beside_the_workflow_is_told_and_its_own_place_is_not() -> None:
    publishing = (
        Publishing(".github/workflows/publish.yml", "twine upload"),
        Publishing(".github/workflows/release.yml", "uv publish"),
    )
    proposal = propose(Seen((SeenProject(DEMO),), publishing=publishing))

    assert proposal.around == publishing[1:]


def test_versions_are_read_as_the_rules_read_them() -> None:
    found = forms_of(["v1.0-rc.1"], DEMO)

    assert found.forms[0].versions == (parse_version("1.0rc1"),)

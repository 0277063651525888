"""Tag templates: what is written is read, by PEP 440, and nothing else is."""

from __future__ import annotations

import re

import hostile
import pytest
from builders import policy, tagged
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.facts import GitTag, Ref
from release_guard.policy import Policy, ProjectPolicy, read_policy
from release_guard.rules.tag import tag_ambiguous
from release_guard.tags import (
    Reading,
    read_ref,
    read_tag,
    read_tags,
    readings,
    templates_of,
    versions_of,
    write_tag,
)

DEMO = canonicalize_name("demo")

# --- every version, every valid template ------------------------------------------

_NUMBERS = st.integers(0, 30) | st.sampled_from([2026, 20261122, 1 << 70])


@st.composite
def _versions(draw: st.DrawFn) -> Version:
    """Every form of version that PEP 440 has, canonical."""
    epoch = draw(st.sampled_from(["", "", "", "1!", "2026!"]))
    release = ".".join(map(str, draw(st.lists(_NUMBERS, min_size=1, max_size=5))))
    pre = draw(st.sampled_from(["", "", "a{}", "b{}", "rc{}"]))
    post = draw(st.sampled_from(["", "", ".post{}"]))
    dev = draw(st.sampled_from(["", "", ".dev{}"]))
    words = st.from_regex("[a-z0-9]{1,6}", fullmatch=True)
    local = "+" + ".".join(draw(st.lists(words, max_size=3)))
    marks = "".join(mark.format(draw(_NUMBERS)) for mark in (pre, post, dev))
    return Version(f"{epoch}{release}{marks}{local.removesuffix('+')}")


_PROJECTS = st.from_regex("[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True).map(
    canonicalize_name
)
_PATHS = st.sampled_from(["packages/demo", "a", "v1.0", "1.0", "(.+)", "a.b/+", "ß"])
#: Anything that a template may hold between its places.
_LITERALS = st.text(
    st.characters(exclude_characters="{}\n"), max_size=4
) | st.sampled_from(["v", "-v", "@", "/v", "release-", "1.", ".0", "1!", "(.*)", "\\d"])


@st.composite
def _templates(draw: st.DrawFn) -> str:
    """A template: the version once, name and path at most once, in any order."""
    others = draw(st.sets(st.sampled_from(["{name}", "{path}"])))
    places = draw(st.permutations(["{version}", *sorted(others)]))
    ends = [draw(_LITERALS) for _ in range(len(places) + 1)]
    return "".join(a + b for a, b in zip(ends, [*places, ""], strict=True))


@settings(deadline=None, max_examples=200)
@given(template=_templates())
def test_the_templates_of_these_tests_are_those_that_a_policy_takes(
    template: str,
) -> None:
    said = {"projects": {"demo": {"tag-templates": [template], "path": "a"}}}

    read = read_policy(said, where="the policy", rule_ids=())

    assert read.projects == {"demo": ProjectPolicy((template,), "a")}


@settings(deadline=None, max_examples=500)
@given(template=_templates(), version=_versions(), project=_PROJECTS, path=_PATHS)
@example("{version}{name}", Version("1.0"), NormalizedName("0-0"), "a")
@example("{name}{version}", Version("1.0+a.1"), NormalizedName("a-1"), "a")
@example("{version}.0", Version("1.0"), DEMO, "a")
@example("{path}{version}{name}", Version("1!0"), NormalizedName("1"), "1.0")
def test_the_version_that_was_written_into_a_tag_is_read_from_it(
    template: str, version: Version, project: NormalizedName, path: str
) -> None:
    tag = write_tag(template, version, project=project, path=path)

    assert read_tag(tag, template, project=project, path=path) == Reading(
        tag, template, version, str(version)
    )


@settings(deadline=None, max_examples=300)
@given(
    template=_templates().filter(lambda template: "{name}" not in template),
    inside=hostile.texts | st.from_regex(r"v?[0-9]+(\.[0-9]+)*(-rc1)?\n?"),
    before=st.just("") | hostile.texts,
    path=_PATHS,
)
def test_a_tag_is_what_its_template_makes_of_what_was_read(
    template: str, inside: str, before: str, path: str
) -> None:
    """No other text than the template's own stands around the version."""
    around = template.replace("{path}", path)
    tag = before + around.replace("{version}", inside)

    read = read_tag(tag, template, project=DEMO, path=path)

    if read is not None:
        assert around.replace("{version}", read.spelled) == tag
        assert Version(read.spelled) == read.version


@settings(deadline=None, max_examples=300)
@given(version=_versions(), other=_versions(), ours=st.booleans())
def test_a_tag_and_a_version_are_equal_exactly_when_pep_440_says_so(
    version: Version, other: Version, *, ours: bool
) -> None:
    compared = version if ours else other

    read = read_tag(f"v{version}", "v{version}", project=DEMO)

    assert read is not None
    assert (read.version == compared) == (version == compared)
    assert (read.version > compared) == (version > compared)


#: Spellings of one version, and versions that only look like it.
_SPELLED = {
    "1.0": (
        ("v1.0", "1.0", "1", "1.0.0", "V1.0", "v01.0", "0!1.0", "1.00"),
        ("v1.0.1", "1.0+local", "1!1.0", "1.0rc1", "1.0.post0", "1.0.dev0", "10"),
    ),
    "1.0rc1": (
        ("1.0.0-rc.1", "v1.0RC1", "1.0c1", "1.0-pre_1", "1.0.preview1", "1_rc01"),
        ("1.0-rc", "1.0b1", "1.0rc1.post0", "1.0-1", "1.0"),
    ),
    "1.0+local.1": (
        ("1.0+Local.1", "v1.0+LOCAL-1", "1.0.0+local_01"),
        ("1.0+local", "1.0+local.1.0", "1.0", "1.0-local.1"),
    ),
    "1!2": (("1!2", "v1!2.0", "01!2"), ("2", "2!2", "12", "1.2")),
    "1.0.post1": (
        ("1.0-1", "1.0.post1", "v1.0post1", "1.0-r1", "1.0.REV01"),
        ("1.0.1", "1.0.post", "1.0.dev1", "1.0-1-1"),
    ),
    "2026.1.5": (("2026.01.05", "v2026.1.5.0"), ("2026.1.50", "2026-01-05", "2026.15")),
}


@pytest.mark.parametrize("version", _SPELLED)
def test_every_spelling_of_a_version_is_read_as_that_version(version: str) -> None:
    same, others = _SPELLED[version]
    for tag in same:
        read = read_tag(tag, "{version}", project=DEMO)
        assert read == Reading(tag, "{version}", Version(version), tag)
    for tag in others:
        read = read_tag(tag, "{version}", project=DEMO)
        assert read is None or read.version != Version(version), tag


# --- one template, one tag ----------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "tag", "spelled"),
    [
        ("{version}", "1.0", "1.0"),
        ("{version}", "v1.0", "v1.0"),
        ("v{version}", "v1.0", "1.0"),
        ("{name}-v{version}", "demo-v1.0", "1.0"),
        ("{name}-v{version}", "DEMO-v1.0-rc.1", "1.0-rc.1"),
        ("{name}@{version}", "demo@1.0", "1.0"),
        ("{path}/v{version}", "packages/demo/v1.0", "1.0"),
        ("release/{version}/{name}", "release/1.0/demo", "1.0"),
        ("{version}+{name}", "1.0+a+demo", "1.0+a"),
        ("r.{version}", "r.1", "1"),
    ],
)
def test_a_tag_that_fits_is_read_as_it_is_spelled(
    template: str, tag: str, spelled: str
) -> None:
    read = read_tag(tag, template, project=DEMO, path="packages/demo")

    assert read == Reading(tag, template, Version(spelled), spelled)


@pytest.mark.parametrize(
    ("template", "tag"),
    [
        ("v{version}", "1.0"),
        ("v{version}", "V1.0"),
        ("v{version}", "v"),
        ("v{version}", "v1.0 "),
        ("v{version}", "v 1.0"),
        ("v{version}", "v\t1.0"),
        ("v{version}", "v1.0\n"),
        ("v{version}", "v\x1c1.0"),
        ("v{version}", "v\N{NO-BREAK SPACE}1.0"),
        ("v{version}", "xv1.0"),
        ("v{version}", "v1.0x"),
        ("v{version}", "refs/tags/v1.0"),
        ("v{version}", "v1.0^{}"),
        ("v{version}", "v1.0~1"),
        ("v{version}", "v{version}"),
        ("v{version}", "v$(id)"),
        ("{name}-{version}", "demo_1.0"),
        ("{name}-{version}", "demo--1.0-x"),
        ("{name}-{version}", "-1.0"),
        ("{name}-{version}", "demon-1.0"),
        ("{path}/v{version}", "packages-demo/v1.0"),
        ("{path}/v{version}", "Packages/demo/v1.0"),
        ("{path}/v{version}", "packages/demo//v1.0"),
        ("r.{version}", "rx1"),
        ("[a]{version}", "a1"),
        ("a*{version}", "aa1"),
        ("{version}", "\N{ARABIC-INDIC DIGIT ONE}.0"),
        ("{version}", "\N{FULLWIDTH DIGIT ONE}"),
        ("{version}", "1.0po\N{LATIN SMALL LETTER LONG S}t1"),
        ("{version}", ""),
    ],
)
def test_a_tag_that_does_not_fit_is_not_read(template: str, tag: str) -> None:
    assert read_tag(tag, template, project=DEMO, path="packages/demo") is None


def test_every_spelling_of_a_name_is_that_project_and_no_lookalike_is() -> None:
    def fits(tag: str) -> bool:
        project = canonicalize_name("kelvin-pkg")
        return read_tag(tag, "{name}-{version}", project=project) is not None

    assert fits("kelvin-pkg-1")
    assert fits("Kelvin_.-PKG-1")
    assert not fits("kelvinpkg-1")
    assert not fits("\N{KELVIN SIGN}elvin-pkg-1")
    assert not fits("kelvin\N{HYPHEN}pkg-1")


_HOSTILE = {
    "digits": "9" * 10_000,
    "digits behind the v": "v" + "9" * 10_000,
    "dots": "v1" + ".1" * 5_000 + "x",
    "separators": "demo" + "-_." * 3_300,
    "the name again and again": "demo-" * 2_000,
    "zeros": "v" + "0" * 10_000 + "!x",
    "local parts": "v1+" + "a." * 5_000,
    "candidates": "v1rc" + "rc" * 5_000,
    "blanks": "v" + " " * 10_000 + "1",
    "a command": "v1.0\n::set-output name=verdict::pass",
    "newlines": "\n" * 10_000,
    "NUL": "v1.0\0",
    "half a surrogate": "v1.0\udcff",
    "a pattern": "v(.+)" * 2_000,
    "an override": "v1.0\N{RIGHT-TO-LEFT OVERRIDE}",
}


@pytest.mark.parametrize("tag", _HOSTILE.values(), ids=_HOSTILE)
def test_a_hostile_tag_is_read_as_nothing(tag: str) -> None:
    for template in ("{version}", "v{version}", "{name}-{version}", "{version}{name}"):
        for name in ("demo", "demo-demo-demo", "a-a-a-a-a-a-b"):
            project = canonicalize_name(name)
            assert read_tag(tag, template, project=project) is None


@settings(deadline=None, max_examples=300)
@given(tag=hostile.texts, template=_templates(), project=_PROJECTS, path=_PATHS)
def test_any_tag_is_read_or_not_and_raises_nothing(
    tag: str, template: str, project: NormalizedName, path: str
) -> None:
    read = read_tag(tag, template, project=project, path=path)

    assert read is None or read.spelled in tag


# --- several projects, several templates ------------------------------------------

_MONOREPO = policy(
    tag_templates=("{name}-v{version}", "v{version}"),
    projects={
        DEMO: ProjectPolicy(),
        canonicalize_name("demo-core"): ProjectPolicy(("{name}@{version}",)),
        canonicalize_name("demo-cli"): ProjectPolicy(("{path}/v{version}",), "pkg/cli"),
    },
)


@pytest.mark.parametrize(
    ("project", "tag", "version"),
    [
        ("demo", "demo-v1.0", "1.0"),
        ("demo", "v1.0", "1.0"),
        ("demo", "demo-core@1.0", None),
        ("demo", "demo-cli-v1.0", None),
        ("demo", "pkg/cli/v1.0", None),
        ("demo-core", "demo_core@1.0", "1.0"),
        ("demo-core", "demo-core-v1.0", None),
        ("demo-core", "v1.0", None),
        ("demo-core", "demo@1.0", None),
        ("demo-cli", "pkg/cli/v1.0", "1.0"),
        ("demo-cli", "demo-cli/v1.0", None),
        ("demo-cli", "v1.0", None),
        ("another", "another-v1.0", "1.0"),
        ("another", "demo-v1.0", None),
    ],
)
def test_each_project_reads_its_own_tags(
    project: str, tag: str, version: str | None
) -> None:
    read = readings([tag], canonicalize_name(project), _MONOREPO)

    assert versions_of(read) == (() if version is None else (Version(version),))


def test_a_project_has_its_own_templates_or_the_common_ones() -> None:
    def of(name: str) -> tuple[str, ...]:
        return templates_of(canonicalize_name(name), _MONOREPO)

    assert of("demo-core") == ("{name}@{version}",)
    assert of("demo") == of("another") == ("{name}-v{version}", "v{version}")


def test_of_two_templates_for_one_version_the_one_counts_that_says_more() -> None:
    (read,) = readings(["v1.0"], DEMO, Policy())

    assert (read.template, read.spelled) == ("v{version}", "1.0")
    assert readings(["1.0"], DEMO, Policy())[0].template == "{version}"


def test_several_tags_are_read_in_their_order() -> None:
    read = readings(["v2.0", "nightly", "1.0", "v1.0.0"], DEMO, Policy())

    assert [reading.tag for reading in read] == ["v2.0", "1.0", "v1.0.0"]
    assert versions_of(read) == (Version("1.0"), Version("2.0"))
    assert versions_of(()) == ()


def test_a_named_tag_counts_alone_and_else_those_at_the_commit() -> None:
    found = ("v1.0", "latest", "1.0.0")

    def tags(ref: Ref) -> list[str]:
        return [reading.tag for reading in read_ref(ref, DEMO, Policy())]

    assert tags(Ref(None, at_commit=found)) == ["v1.0", "1.0.0"]
    assert tags(Ref("v2.0", at_commit=found)) == ["v2.0"]
    assert tags(Ref("nightly", at_commit=found)) == []
    assert tags(Ref("", at_commit=found)) == []
    assert tags(Ref(None)) == []


def test_a_tag_is_read_for_the_project_that_is_asked_about() -> None:
    ref = Ref(None, at_commit=("demo-v1.0", "demo-core@2.0", "pkg/cli/v3.0", "x"))

    said = {
        name: read_ref(ref, canonicalize_name(name), _MONOREPO)
        for name in ("demo", "demo-core", "demo-cli", "another")
    }

    assert {name: list(map(str, versions_of(read))) for name, read in said.items()} == {
        "demo": ["1.0"],
        "demo-core": ["2.0"],
        "demo-cli": ["3.0"],
        "another": [],
    }


@pytest.mark.parametrize(
    ("tags", "count"),
    [
        ("v1 v1.2 v1.2.3", "v1.2.3"),
        ("v1.2.3 v1 v1.2", "v1.2.3"),
        ("1 1.2.3", "1.2.3"),
        ("v1 v1.2rc1", "v1.2rc1"),
        ("v1 v1.2.post1", "v1.2.post1"),
        ("v1! v1!1 v1!1.2", "v1!1.2"),
        # Each of these is said to be a release.
        ("v1 v1.0 v1.0.0", "v1 v1.0 v1.0.0"),
        ("v1 v1.0rc1", "v1 v1.0rc1"),
        ("v1 v2.1", "v1 v2.1"),
        ("v1.2.3 v1.2.3.4", "v1.2.3 v1.2.3.4"),
        ("v1rc1 v1.2", "v1rc1 v1.2"),
        ("v1.post1 v1.2", "v1.post1 v1.2"),
        ("v1+local v1.2", "v1+local v1.2"),
        ("v1 v2!1.2", "v1 v2!1.2"),
        ("v1", "v1"),
    ],
)
def test_of_tags_that_are_found_one_that_moves_does_not_count(
    tags: str, count: str
) -> None:
    found = tuple(tags.split())

    read = read_ref(Ref(None, at_commit=found), DEMO, Policy())

    assert [reading.tag for reading in read] == count.split()
    # By name each of them counts.
    for tag in found:
        assert read_ref(Ref(tag, at_commit=found), DEMO, Policy()) == readings(
            [tag], DEMO, Policy()
        )


def test_of_a_repositorys_tags_one_moves_by_another_at_its_commit() -> None:
    one, other = "1" * 40, "2" * 40
    tags = [
        *(GitTag("v1", other), GitTag("v1.2", one), GitTag("v1.2.3", one)),
        *(GitTag("v1.3", other), GitTag("nightly", other), GitTag("v2", "3" * 40)),
        GitTag("v2.1", "4" * 40),
    ]

    read = read_tags(tags, DEMO, Policy())

    assert {reading.tag for reading in read} == {"v1.2.3", "v1.3", "v2", "v2.1"}
    assert read_tags([], DEMO, Policy()) == ()


def test_of_tags_without_commits_each_counts() -> None:
    """A list of names says nothing of where they are."""
    tags = [GitTag("v1", ""), GitTag("v1.2.3", "")]

    assert read_tags(tags, DEMO, Policy()) == readings(["v1", "v1.2.3"], DEMO, Policy())


def test_a_tag_does_not_move_by_another_reading_of_itself() -> None:
    terms = policy(tag_templates=("v{version}", "v{version}.3"))

    read = read_ref(Ref(None, at_commit=("v1.2.3",)), DEMO, terms)

    assert versions_of(read) == (Version("1.2"), Version("1.2.3"))


@settings(deadline=None, max_examples=300)
@given(tags=st.lists(st.from_regex(r"v[0-2](\.[0-2]){0,3}(rc1)?", fullmatch=True)))
def test_what_moves_takes_no_version_that_another_tag_does_not_go_on_from(
    tags: list[str],
) -> None:
    every = readings(tags, DEMO, Policy())
    counted = read_ref(Ref(None, at_commit=tuple(tags)), DEMO, Policy())

    assert set(counted) <= set(every)
    for left_out in set(every) - set(counted):
        assert any(
            other.tag.startswith(f"{left_out.tag}.")
            and other.version > left_out.version
            for other in counted
        )


@settings(deadline=None, max_examples=300)
@given(
    tags=st.lists(
        st.from_regex(r"v?(1!)?[01](\.[01]){0,2}(-1)?", fullmatch=True),
        min_size=1,
        max_size=3,
    ),
    templates=st.lists(
        st.sampled_from(
            ["{version}", "v{version}", "1!{version}", "{version}.1", "1.{version}"]
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_tags_of_two_versions_are_ambiguous_and_no_others(
    tags: list[str], templates: list[str]
) -> None:
    """By the definition: try each template on each tag, and leave out what moves."""
    terms = policy(tag_templates=tuple(templates))
    patterns = [re.escape(t).replace(r"\{version\}", "(.+)") for t in templates]
    fits = [(tag, re.fullmatch(p, tag)) for p in patterns for tag in tags]
    pairs = {(tag, _version(fit[1])) for tag, fit in fits if fit}
    read = {(tag, version) for tag, version in pairs if version is not None}
    tries = [tag for tag, _ in read]
    every = {version for _, version in read}
    said = {
        version
        for tag, version in read
        if tries.count(tag) > 1 or not any(_goes_on(other, version) for other in every)
    }

    found = list(tag_ambiguous.findings(tagged(None, at_commit=tags), terms))

    assert bool(found) == (len(said) > 1)


def _goes_on(longer: Version, version: Version) -> bool:
    """Whether the one adds a number to the other, as 1.2.3 does to 1.2."""
    parts, size = longer.release, len(version.release)
    same = (longer.epoch, parts[:size]) == (version.epoch, version.release)
    is_final = not (version.is_prerelease or version.is_postrelease or version.local)
    return is_final and same and any(parts[size:])


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:
        return None

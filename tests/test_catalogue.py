"""The catalogue is whole: every rule is listed, documented, and shown to fire."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
from collections import Counter
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from builders import INTERNAL, PYPI, TESTPYPI, Case, policy, wheel

from release_guard import rules
from release_guard.facts import Subject, Wheel
from release_guard.findings import Severity, Violation, WaiverUse
from release_guard.policy import read_policy
from release_guard.reports import catalogue
from release_guard.rulebook import Refusal
from release_guard.rules import RULE_IDS, RULES, rule_named
from release_guard.rules.base import AnyRule, Rule, docs_url, rule

HERE = Path(__file__).parent
FAMILIES = sorted(
    info.name for info in pkgutil.iter_modules(rules.__path__) if info.name != "base"
)
#: What every page says, in this order.
LABELS = ("What it means", "Why it matters", "How it happens", "Fix", "Source")


def _loaded(path: Path) -> ModuleType:
    """A test module of its own, whether or not it is collected with this one."""
    spec = importlib.util.spec_from_file_location(f"cases_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TABLES: dict[str, list[Case]] = {
    path.stem.removeprefix("test_").removesuffix("_rules"): _loaded(path).CASES
    for path in sorted((HERE / "rules").glob("test_*.py"))
}
CASES = [case for table in TABLES.values() for case in table]


def _family(name: str) -> dict[str, AnyRule]:
    """The rules that a module of the package defines, by the name they have there."""
    module = importlib.import_module(f"release_guard.rules.{name}")
    return {
        word: value for word, value in vars(module).items() if isinstance(value, Rule)
    }


# --- the catalogue and the modules ------------------------------------------------


def test_the_catalogue_lists_every_rule_of_the_family_modules_once() -> None:
    defined = [rule.id for name in FAMILIES for rule in _family(name).values()]

    assert Counter(RULE_IDS) == Counter(defined)
    assert set(Counter(RULE_IDS).values()) == {1}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_exports_its_rules_under_their_own_names(name: str) -> None:
    module = importlib.import_module(f"release_guard.rules.{name}")
    family = _family(name)

    assert family
    assert {rule.id.replace("-", "_") for rule in family.values()} == set(family)
    assert set(family) <= set(module.__all__)


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_an_id_is_the_functions_name_in_kebab_case(rule: AnyRule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.id == rule.check.__name__.replace("_", "-")
    assert rule_named(rule.id) is rule


def test_a_name_that_is_no_rules_gives_none() -> None:
    assert rule_named("no-such-rule") is None
    assert rule_named("") is None
    assert rule_named("missing_sdist") is None


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_a_rule_judges_a_subject_that_a_job_can_build(rule: AnyRule) -> None:
    assert rule.subject in (*Subject.__args__, WaiverUse)


def test_every_subject_has_a_rule() -> None:
    assert {rule.subject for rule in RULES} == {*Subject.__args__, WaiverUse}


# --- the cases --------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def test_every_family_has_a_table_of_cases() -> None:
    assert sorted(TABLES) == FAMILIES
    assert all(TABLES.values())


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_every_rule_is_shown_to_fire_and_to_stay_silent(rule: AnyRule) -> None:
    mine = [case for case in CASES if case.rule is rule]

    assert [case.name for case in mine if case.says], "no case in which it fires"
    assert [case.name for case in mine if not case.says], "no case without a finding"


#: Rows at which the server refuses nothing, and the one that is told as row 10 always
#: is: the form's check of a name comes before that of the metadata.
NOT_TOLD = {"67", "117", "23"}


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_every_upload_rule_that_a_rule_decides_is_shown_by_a_case(
    rule: AnyRule,
) -> None:
    mine = [case for case in CASES if case.rule is rule]
    shown = {said.row for case in mine for said in case.says if said.row}

    assert set(rule.upload_rules) - NOT_TOLD == shown


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_only_where_the_index_applies_them_an_upload_rule_is_told(
    rule: AnyRule,
) -> None:
    for case in (case for case in CASES if case.rule is rule):
        elsewhere = replace(case.policy, index=INTERNAL)
        found = rule.findings(case.subject, elsewhere)
        assert [finding.refusal for finding in found if finding.refusal] == []


def test_a_case_stands_in_the_table_of_its_rules_family() -> None:
    for name, table in TABLES.items():
        family = {rule.id for rule in _family(name).values()}
        assert {case.rule.id for case in table} == family


def test_no_two_cases_have_one_name() -> None:
    names = Counter(map(str, CASES))

    assert [name for name, count in names.items() if count > 1] == []


_WEIGHTY = (Severity.ERROR, Severity.WARNING)


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_every_finding_of_a_rule_weighs_what_a_policy_says(rule: AnyRule) -> None:
    firing = next(case for case in CASES if case.rule is rule and case.says)
    for severity in Severity:
        said = replace(firing.policy, severities={rule.id: severity})
        found = {f.severity for f in rule.findings(firing.subject, said)}
        # What a rule only mentions (nothing to do) stays a notice.
        own = {f.severity for f in rule.findings(firing.subject, firing.policy)}
        only_mentions = own == {Severity.NOTICE} and rule.severity in _WEIGHTY
        assert found == ({Severity.NOTICE} if only_mentions else {severity})


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_a_rule_says_the_same_each_time_and_changes_nothing(rule: AnyRule) -> None:
    for case in (case for case in CASES if case.rule is rule):
        before = repr((case.subject, case.policy))
        first = list(rule.findings(case.subject, case.policy))
        assert list(rule.findings(case.subject, case.policy)) == first
        assert repr((case.subject, case.policy)) == before


# --- the pages --------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_a_page_begins_with_one_line_that_sums_it_up(rule: AnyRule) -> None:
    lines = rule.page.splitlines()

    assert rule.summary == lines[0]
    assert re.fullmatch(r"[A-Z].*\.", rule.summary)
    assert len(rule.summary) <= 80
    assert lines[1] == ""


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_a_page_has_the_labelled_paragraphs_in_their_order(rule: AnyRule) -> None:
    _, *paragraphs = rule.page.split("\n\n")
    read = [re.match(r"\*\*([A-Z][a-z ]+):\*\* \S", text) for text in paragraphs]

    assert [found and found[1] for found in read] == list(LABELS)


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_every_rule_has_a_page_in_the_docs_with_its_whole_text(rule: AnyRule) -> None:
    docs = HERE.parent / "docs" / "rules" / f"{rule.id}.md"

    told, _, source = rule.page.partition("**Source:**")
    assert source
    assert told in docs.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if "\nwaivers:\n" in catalogue.rule_page(rule)],
    ids=lambda rule: str(rule.id),
)
def test_the_waiver_on_a_rules_page_lets_its_example_pass(rule: AnyRule) -> None:
    """The example is what the rule says of a case; a page without one waives all."""
    page = (HERE.parent / "docs" / "rules" / f"{rule.id}.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(waivers:.*?)```", page, flags=re.DOTALL)
    file = read_policy(yaml.safe_load(block), where="page", rule_ids=RULE_IDS)
    cases = [case for case in CASES if case.rule is rule]
    said = [f for c in cases for f in rule.findings(c.subject, c.policy)]

    (waiver,) = file.waivers
    shown = [f for f in said if f"{f.subject}: {f.message}" in page]
    assert shown or "```text" not in page
    assert all(fnmatchcase(finding.subject, waiver.match) for finding in shown)


def test_every_page_has_its_own_address() -> None:
    addresses = [docs_url(rule_id) for rule_id in RULE_IDS]

    assert len(set(addresses)) == len(RULES)
    assert all(
        address.endswith(f"/docs/rules/{rule_id}.md")
        for address, rule_id in zip(addresses, RULE_IDS, strict=True)
    )


# --- how a rule is made -----------------------------------------------------------


def test_a_rule_takes_name_and_page_from_its_function() -> None:
    @rule(Wheel, severity=Severity.NOTICE)
    def wheel_seen(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        """There is a wheel.

        **What it means:** just that.
        """
        yield Violation("is a wheel", where="elsewhere", evidence={"n": 1})
        yield Violation("weighs more", severity=Severity.ERROR)

    first, second = wheel_seen.findings(wheel(), policy())

    assert (wheel_seen.id, wheel_seen.summary) == ("wheel-seen", "There is a wheel.")
    assert inspect.isgeneratorfunction(wheel_seen.check)
    assert (first.rule, first.subject) == ("wheel-seen", "elsewhere")
    assert (first.severity, first.evidence) == (Severity.NOTICE, {"n": 1})
    assert (second.subject, second.severity) == (wheel().label, Severity.ERROR)
    assert (wheel_seen.upload_rules, first.refusal) == ((), None)
    assert wheel_seen not in RULES


def test_a_violations_refusal_is_told_where_pypis_rules_apply() -> None:
    @rule(Wheel, severity=Severity.ERROR, upload_rules=["26", "59"])
    def wheel_refused(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        refusal = Refusal("26", "summary", beyond=True)
        yield Violation("is refused", refusal=refusal, files=("a", "b"))
        yield Violation("is odd", refusal=None)

    assert wheel_refused.upload_rules == ("26", "59")
    for index, refusals in (
        (PYPI, [Refusal("26", "summary", beyond=True), None]),
        (TESTPYPI, [Refusal("26", "summary", beyond=True), None]),
        (INTERNAL, [None, None]),
    ):
        found = list(wheel_refused.findings(wheel(), policy(index)))
        assert [finding.refusal for finding in found] == refusals
        assert [finding.files for finding in found] == [("a", "b"), ()]
        assert [finding.first for finding in found] == [False, False]


@pytest.mark.parametrize("count", [0, 1, 999, 1_000])
def test_up_to_a_thousand_findings_of_a_rule_on_a_subject_are_all_told(
    count: int,
) -> None:
    @rule(Wheel, severity=Severity.ERROR)
    def many(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        yield from (Violation(f"number {number}") for number in range(count))

    found = [finding.message for finding in many.findings(wheel(), policy())]

    assert found == [f"number {number}" for number in range(count)]


def test_of_more_findings_than_a_thousand_it_is_told_that_there_are_more() -> None:
    @rule(Wheel, severity=Severity.ERROR)
    def many(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        yield from (Violation(f"number {number}") for number in range(200_000))

    found = [finding.message for finding in many.findings(wheel(), policy())]

    assert found[:1_000] == [f"number {number}" for number in range(1_000)]
    assert found[1_000:] == ["and more of this: only 1000 are told"]


def test_no_number_of_warnings_hides_an_error() -> None:
    @rule(Wheel, severity=Severity.ERROR)
    def mixed(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        for number in range(2_000):
            yield Violation(f"number {number}", severity=Severity.WARNING)
        yield Violation("an error")

    found = list(mixed.findings(wheel(), policy()))

    assert len(found) == 1_002
    assert (found[-1].message, found[-1].severity) == ("an error", Severity.ERROR)


def test_no_number_of_errors_in_one_file_hides_those_in_another() -> None:
    @rule(Wheel, severity=Severity.ERROR)
    def mixed(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        for number in range(2_000):
            yield Violation(f"number {number}", where="a")
        yield Violation("another", where="b")

    found = list(mixed.findings(wheel(), policy()))

    assert len(found) == 1_002
    assert (found[-1].message, found[-1].subject) == ("another", "b")


def test_a_function_without_a_docstring_has_an_empty_page() -> None:
    @rule(Wheel, severity=Severity.ERROR)
    def bare(seen, policy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        yield Violation("fires")

    assert (bare.page, bare.summary) == ("", "")


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_every_rule_is_a_generator_function(rule: AnyRule) -> None:
    assert inspect.isgeneratorfunction(rule.check)

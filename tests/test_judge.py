"""The judge: which rules ran on what, what is waived, and what stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from builders import (
    COMMIT,
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    aged,
    archive,
    described,
    distribution,
    distribution_set,
    listing,
    policy,
    project_size,
    release,
    sized,
    tagged,
    trigger,
    upload,
    wheel,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.facts import (
    Attestation,
    AttestedDistribution,
    Branch,
    BranchedCommit,
    BuildSource,
    BuiltDistribution,
    Classifier,
    Defect,
    DefectKind,
    DescribedDistribution,
    Distribution,
    GitTag,
    LocatedTag,
    Missing,
    RecheckedRun,
    Release,
    Standing,
    Subject,
    TaggedRelease,
    Upload,
)
from release_guard.findings import (
    Finding,
    NotRun,
    Report,
    Severity,
    Verdict,
    Violation,
    Waiver,
)
from release_guard.jobs.common import Job, report_on
from release_guard.judge import Judgement, join, judge
from release_guard.policy import EDITIONS, Policy
from release_guard.rulebook import ROWS, Place, Refusal
from release_guard.rules import RULES
from release_guard.rules.base import AnyRule, rule
from release_guard.rules.waivers import waiver_expired, waiver_unused
from release_guard.sources.metadata import parse_metadata

TODAY = date(2026, 11, 22)


@rule(Distribution, severity=Severity.ERROR)
def too_large(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """A file is larger than 1000 bytes."""
    if file.size > 1000:
        yield Violation("is too large")


@rule(Distribution, severity=Severity.WARNING)
def a_wheel(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """A file is a wheel."""
    if file.filename.endswith(".whl"):
        yield Violation("is a wheel")


@rule(Release, severity=Severity.NOTICE)
def seen(release: Release, policy: Policy) -> Iterator[Violation]:
    """There is a release."""
    yield Violation("is a release")


WAIVER_RULES: tuple[AnyRule, ...] = (waiver_unused, waiver_expired)
OURS: tuple[AnyRule, ...] = (seen, a_wheel, too_large, *WAIVER_RULES)

BIG = distribution("demo-1.0.zip", size=1001)
SMALL = distribution(SDIST)
A_WHEEL = distribution(WHEEL)
BIG_WHEEL = distribution("demo-1.0-py2-none-any.whl", size=1001)


def _judged(
    *subjects: Subject,
    rules: Sequence[AnyRule] = OURS,
    policy: Policy | None = None,
    missing: Sequence[Missing] = (),
    today: date = TODAY,
) -> Judgement:
    return judge(
        subjects,
        rules=rules,
        policy=policy or Policy(),
        missing=missing,
        today=today,
    )


def _told(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.subject) for finding in findings]


# --- which rule judges what -------------------------------------------------------


def test_a_rule_judges_every_subject_of_its_type_and_no_other() -> None:
    judgement = _judged(BIG, SMALL, BIG_WHEEL, release())

    assert _told(judgement.findings) == [
        ("too-large", BIG.filename),
        ("too-large", BIG_WHEEL.filename),
        ("a-wheel", BIG_WHEEL.filename),
        ("seen", "demo 1.0"),
    ]
    assert judgement.ran == ("seen", "a-wheel", "too-large")
    assert judgement.not_run == ()
    assert judgement.waived == ()


def test_errors_stand_before_warnings_before_notices() -> None:
    severities = [f.severity for f in _judged(release(), A_WHEEL, BIG).findings]

    assert severities == [Severity.ERROR, Severity.WARNING, Severity.NOTICE]


def test_a_rule_that_finds_nothing_has_run() -> None:
    judgement = _judged(SMALL, rules=[too_large])

    assert judgement == Judgement((), (), (), ran=("too-large",))


def test_nothing_to_judge_and_no_reason_is_an_open_question() -> None:
    judgement = _judged(rules=[too_large, seen])

    reason = "there is nothing that it could judge"
    assert judgement.not_run == (
        NotRun("too-large", reason, needed=True),
        NotRun("seen", reason, needed=True),
    )
    assert judgement.ran == ()


def test_no_rules_give_no_findings_and_nothing_ran() -> None:
    assert _judged(BIG, rules=()) == Judgement((), (), (), ())


# --- what is missing --------------------------------------------------------------


@pytest.mark.parametrize("needed", [True, False])
def test_a_missing_subject_is_told_for_each_of_its_rules(*, needed: bool) -> None:
    lack = Missing(Distribution, "the disk is full", needed)

    judgement = _judged(release(), missing=[lack])

    assert judgement.not_run == (
        NotRun("a-wheel", "the disk is full", needed),
        NotRun("too-large", "the disk is full", needed),
    )
    assert judgement.ran == ("seen",)


def test_a_rule_may_run_on_one_subject_and_lack_another() -> None:
    lack = Missing(Distribution, "demo-1.1.zip: cannot be read", needed=True)

    judgement = _judged(BIG, rules=[too_large], missing=[lack])

    assert _told(judgement.findings) == [("too-large", BIG.filename)]
    assert judgement.ran == ("too-large",)
    assert judgement.not_run == (NotRun("too-large", lack.reason, needed=True),)


def test_each_reason_is_told_once_and_none_is_lost() -> None:
    lacks = [
        Missing(Release, "one", needed=False),
        Missing(Release, "two", needed=True),
        Missing(Release, "one", needed=False),
        Missing(Upload, "of another subject", needed=True),
    ]

    assert _judged(rules=[seen], missing=lacks).not_run == (
        NotRun("seen", "one", needed=False),
        NotRun("seen", "two", needed=True),
    )


def test_what_to_do_about_a_missing_subject_is_told_with_it() -> None:
    lack = Missing(Release, "no event", needed=True, hint="give it: --tag")

    assert _judged(rules=[seen], missing=[lack]).not_run == (
        NotRun("seen", "no event", needed=True, hint="give it: --tag"),
    )


def test_a_needed_reason_is_not_hidden_by_the_same_words_without_need() -> None:
    lacks = [
        Missing(Release, "one", needed=False),
        Missing(Release, "one", needed=True),
    ]

    assert any(item.needed for item in _judged(rules=[seen], missing=lacks).not_run)


# --- the policy -------------------------------------------------------------------


def test_an_ignored_rule_does_not_run_and_is_listed() -> None:
    ignoring = policy(ignored=frozenset({"too-large"}))
    lack = Missing(Distribution, "the disk is full", needed=True)

    judgement = _judged(BIG, rules=[too_large], policy=ignoring, missing=[lack])

    assert judgement.findings == ()
    assert judgement.ran == ()
    assert judgement.not_run == (
        NotRun("too-large", "the policy ignores it", needed=False),
        NotRun("too-large", "the disk is full", needed=True),
    )


def test_to_ignore_a_rule_hides_only_what_was_not_needed() -> None:
    ignoring = policy(ignored=frozenset({"too-large"}))
    lack = Missing(Distribution, "--offline", needed=False)

    for missing in ([lack], []):
        judgement = _judged(rules=[too_large], policy=ignoring, missing=missing)
        assert judgement.not_run == (
            NotRun("too-large", "the policy ignores it", needed=False),
        )


@pytest.mark.parametrize("severity", list(Severity))
def test_the_policys_severity_outranks_the_rules(severity: Severity) -> None:
    judgement = _judged(
        BIG, rules=[too_large], policy=policy(severities={"too-large": severity})
    )

    assert [finding.severity for finding in judgement.findings] == [severity]


def test_the_severity_of_another_rule_changes_nothing() -> None:
    other = policy(severities={"a-wheel": Severity.NOTICE})

    assert _judged(BIG, policy=other).findings[0].severity is Severity.ERROR


# --- the edition ------------------------------------------------------------------


@rule(Distribution, severity=Severity.ERROR, edition=2027)
def of_next_year(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """A rule that came later: a file is a zip."""
    if file.filename.endswith(".zip"):
        yield Violation("is a zip")
        yield Violation("is a zip, in a heavy case", severity=Severity.ERROR)
        yield Violation("is a zip, which may be", severity=Severity.NOTICE)


_NAMED = {"of-next-year": Severity.ERROR}


def _of_next_year(policy: Policy, missing: Sequence[Missing] = ()) -> Report:
    """What the rule of the later edition comes to."""
    subjects = () if missing else (BIG,)
    judged = _judged(*subjects, rules=[of_next_year], policy=policy, missing=missing)
    return Report(
        "check",
        "pypi",
        examined=("demo",),
        rules=1,
        findings=judged.findings,
        not_run=judged.not_run,
        strict=policy.strict,
    )


@pytest.mark.parametrize(
    ("policy", "severity", "verdict"),
    [
        (Policy(edition=2026), Severity.WARNING, Verdict.PASS),
        (Policy(edition=2026, strict=True), Severity.NOTICE, Verdict.PASS),
        (Policy(edition=2027), Severity.ERROR, Verdict.FAIL),
        (Policy(edition=2028, strict=True), Severity.ERROR, Verdict.FAIL),
        (Policy(edition=2026, severities=_NAMED), Severity.ERROR, Verdict.FAIL),
        (
            Policy(edition=2026, severities=_NAMED, strict=True),
            Severity.ERROR,
            Verdict.FAIL,
        ),
        (
            Policy(edition=2026, severities={"of-next-year": Severity.WARNING}),
            Severity.WARNING,
            Verdict.PASS,
        ),
        (
            Policy(
                edition=2026,
                severities={"of-next-year": Severity.WARNING},
                strict=True,
            ),
            Severity.WARNING,
            Verdict.FAIL,
        ),
        (
            Policy(edition=2026, severities={"too-large": Severity.ERROR}),
            Severity.WARNING,
            Verdict.PASS,
        ),
    ],
    ids=[
        "an earlier edition: a warning",
        "an earlier edition, strict: a notice, lest it blocks",
        "its own edition: an error",
        "a later edition, strict: an error",
        "an earlier edition that names the rule: as it says",
        "an earlier edition that names the rule, strict: as it says",
        "an earlier edition that names the rule a warning",
        "an earlier edition that names the rule a warning, strict: it blocks",
        "an earlier edition that names another rule: a warning",
    ],
)
def test_a_rule_of_a_later_edition_blocks_only_who_agreed_to_it(
    policy: Policy, severity: Severity, verdict: Verdict
) -> None:
    report = _of_next_year(policy)

    told = {finding.message: finding.severity for finding in report.findings}
    assert told == {
        "is a zip": severity,
        "is a zip, in a heavy case": severity,
        "is a zip, which may be": Severity.NOTICE,
    }
    assert report.verdict is verdict


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (Policy(edition=2026), Verdict.PASS),
        (Policy(edition=2026, strict=True), Verdict.PASS),
        (Policy(edition=2027), Verdict.UNDECIDED),
        (Policy(edition=2026, severities=_NAMED), Verdict.UNDECIDED),
    ],
    ids=["an earlier edition", "strict", "its own edition", "a policy that names it"],
)
@pytest.mark.parametrize(
    "missing",
    [(Missing(Distribution, "the disk is full", needed=True),), ()],
    ids=["a reason", "no reason"],
)
def test_what_only_a_rule_of_a_later_edition_needs_is_not_needed(
    policy: Policy, verdict: Verdict, missing: tuple[Missing, ...]
) -> None:
    judged = _judged(rules=[of_next_year], policy=policy, missing=missing)

    assert [item.needed for item in judged.not_run] == [verdict is Verdict.UNDECIDED]
    if missing:
        assert _of_next_year(policy, missing).verdict is verdict


def test_a_rule_of_the_first_edition_does_not_become_lighter() -> None:
    assert too_large.edition == Policy().edition == 2026
    (finding,) = _judged(BIG, rules=[too_large]).findings
    assert finding.severity is Severity.ERROR


def test_a_rule_of_a_later_edition_may_be_ignored_or_waived() -> None:
    ignoring = policy(ignored=frozenset({"of-next-year"}))
    waiving = _waiving(Waiver("of-next-year", "*", "known"))

    ignored = _judged(BIG, rules=[of_next_year], policy=ignoring)
    waived = _judged(BIG, rules=[of_next_year, *WAIVER_RULES], policy=waiving)

    assert (ignored.findings, ignored.ran) == ((), ())
    assert waived.findings == ()
    assert len(waived.waived) == 3


def test_every_rule_is_of_an_edition_that_a_policy_may_name() -> None:
    assert {rule.edition for rule in RULES} <= set(EDITIONS)
    assert list(EDITIONS) == sorted(EDITIONS)


# --- waivers ----------------------------------------------------------------------


def _waiving(*waivers: Waiver, ignored: frozenset[str] = frozenset()) -> Policy:
    return policy(waivers=waivers, ignored=ignored)


def test_a_waived_finding_is_listed_with_its_waiver_and_blocks_nothing() -> None:
    waiver = Waiver("too-large", "*.zip", "a large data set")

    judgement = _judged(BIG, BIG_WHEEL, rules=OURS[2:], policy=_waiving(waiver))

    assert _told(judgement.findings) == [("too-large", BIG_WHEEL.filename)]
    (waived,) = judgement.waived
    assert (waived.finding.subject, waived.waiver) == (BIG.filename, waiver)


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("*", True),
        ("demo-1.0.zip", True),
        ("demo-?.0.*", True),
        ("demo-[12].0.zip", True),
        ("*zip*", True),
        ("demo", False),
        ("demo-1.0", False),
        ("DEMO-1.0.zip", False),
        ("*.tar.gz", False),
        ("demo-[!1].0.zip", False),
        ("demo-1.0.zip\n", False),
    ],
)
def test_a_waiver_matches_the_whole_subject_by_glob(*, match: str, fits: bool) -> None:
    waiver = Waiver("too-large", match, "why")

    judgement = _judged(BIG, rules=OURS[2:], policy=_waiving(waiver))

    assert len(judgement.waived) == fits
    ids = [finding.rule for finding in judgement.findings]
    assert ids == ([] if fits else ["too-large", "waiver-unused"])


def test_a_waiver_of_one_rule_lets_no_finding_of_another_pass() -> None:
    waiver = Waiver("a-wheel", "*", "why")

    judgement = _judged(BIG_WHEEL, rules=OURS[1:], policy=_waiving(waiver))

    assert _told(judgement.findings) == [("too-large", BIG_WHEEL.filename)]


@pytest.mark.parametrize(
    ("days", "holds"), [(1, True), (0, True), (-1, False), (-400, False)]
)
def test_a_waiver_holds_up_to_its_last_day(*, days: int, holds: bool) -> None:
    until = TODAY + timedelta(days=days)
    waiver = Waiver("too-large", "*", "until it is split", until)

    judgement = _judged(BIG, rules=OURS[2:], policy=_waiving(waiver))

    assert len(judgement.waived) == holds
    ids = [finding.rule for finding in judgement.findings]
    assert ids == ([] if holds else ["too-large", "waiver-expired"])


def test_an_expired_waiver_of_a_rule_without_findings_is_told() -> None:
    waiver = Waiver("too-large", "*", "why", TODAY - timedelta(days=1))

    judgement = _judged(SMALL, rules=OURS[2:], policy=_waiving(waiver))

    assert _told(judgement.findings) == [
        ("waiver-expired", "waiver of too-large for '*'")
    ]


def test_of_a_waiver_whose_rule_did_not_run_nothing_is_said() -> None:
    waivers = (
        Waiver("too-large", "*", "why"),
        Waiver("too-large", "*", "why", TODAY - timedelta(days=1)),
        Waiver("published-missing", "*", "a rule of another job"),
    )

    judgement = _judged(release(), policy=_waiving(*waivers))

    assert _told(judgement.findings) == [("seen", "demo 1.0")]


def test_of_two_waivers_that_match_neither_is_called_unused() -> None:
    waivers = (
        Waiver("too-large", "*", "all of them"),
        Waiver("too-large", "*.zip", "the data set"),
    )

    for both in (waivers, waivers[::-1]):
        judgement = _judged(BIG, rules=OURS[2:], policy=_waiving(*both))
        assert judgement.findings == ()
        assert [item.waiver for item in judgement.waived] == [both[0]]


def test_an_ignored_waiver_rule_says_nothing_and_is_listed() -> None:
    waiver = Waiver("too-large", "*", "why")
    ignoring = _waiving(waiver, ignored=frozenset({"waiver-unused"}))

    judgement = _judged(SMALL, rules=OURS[2:], policy=ignoring)

    assert judgement.findings == ()
    assert [item.rule for item in judgement.not_run] == ["waiver-unused"]


def test_a_severity_of_the_policy_holds_for_waiver_rules_too() -> None:
    strict = policy(
        waivers=(Waiver("too-large", "*", "why"),),
        severities={"waiver-unused": Severity.ERROR},
    )

    (finding,) = _judged(SMALL, rules=OURS[2:], policy=strict).findings

    assert (finding.rule, finding.severity) == ("waiver-unused", Severity.ERROR)


@pytest.mark.parametrize("name", ["waiver-unused", "waiver-expired"])
def test_a_waiver_of_a_waiver_rule_is_not_silently_without_effect(name: str) -> None:
    """Either it lets the finding pass, or it is told that it matches nothing."""
    day = None if name == "waiver-unused" else TODAY - timedelta(days=1)
    waivers = (
        Waiver("too-large", "*", "why", day),
        Waiver(name, "waiver of too-large *", "known"),
    )

    judgement = _judged(SMALL, rules=OURS[2:], policy=_waiving(*waivers))

    waived = [item.finding.rule for item in judgement.waived]
    about = [f for f in judgement.findings if f"waiver of {name}" in f.subject]
    assert waived == [name] or about


@pytest.mark.parametrize("name", ["waiver-unused", "waiver-expired"])
def test_a_waiver_of_a_waiver_rule_that_matches_nothing_is_told(name: str) -> None:
    waiver = Waiver(name, "waiver of what is gone", "why")

    judgement = _judged(SMALL, rules=OURS[2:], policy=_waiving(waiver))

    assert _told(judgement.findings) == [
        ("waiver-unused", f"waiver of {name} for 'waiver of what is gone'")
    ]


def test_without_the_waiver_rules_an_unused_waiver_is_no_finding() -> None:
    waiver = Waiver("too-large", "*", "why")

    judgement = _judged(SMALL, rules=[too_large], policy=_waiving(waiver))

    assert judgement.findings == ()


# --- what the index would say first ------------------------------------------------

#: A classifier that no index knows, and a platform that PyPI does not take.
_NO_SUCH = Classifier("No :: Such", Standing.UNKNOWN)
_LINUX = "demo-1.0-cp312-cp312-linux_x86_64.whl"


def _refused(
    *given: Subject, policy: Policy | None = None, rules: Sequence[AnyRule] = RULES
) -> list[tuple[str, str, bool]]:
    """Every refusal, waived or not: the subject, the row, and whether it is first."""
    judgement = _judged(*given, rules=rules, policy=policy)
    found = [*judgement.findings, *(waived.finding for waived in judgement.waived)]
    return sorted(
        (finding.subject, finding.refusal.row, finding.first)
        for finding in found
        if finding.refusal
    )


def _file(filename: str = SDIST, version: str | None = None) -> DescribedDistribution:
    """A file with a classifier that is refused (29)."""
    return described(filename, version=version, classifiers=(_NO_SUCH,))


def _read(*lines: str) -> DescribedDistribution:
    """An sdist with these lines in its metadata, of the newest version."""
    head = {"Metadata-Version": "2.5", "Name": "demo", "Version": "1.0"}
    given = [line for line in lines if line.partition(":")[0] in head]
    said = head | dict(line.split(": ", 1) for line in given)
    rest = [line for line in lines if line not in given]
    text = "\n".join([*(f"{key}: {value}" for key, value in said.items()), *rest, ""])
    return DescribedDistribution(distribution(), parse_metadata(text.encode()))


def test_of_each_file_what_the_index_comes_to_first_is_marked() -> None:
    long = "demo-1.0.0-" + "1" * 220 + "-py3-none-any.whl"
    files = (_file(), _file(_LINUX), _file(WHEEL), described(long, version="2"))

    refused = _refused(*(file.distribution for file in files), *files)

    assert refused == [
        (_LINUX, "111", False),
        (_LINUX, "29", True),
        (WHEEL, "29", True),
        (long, "114", True),
        (long, "120", False),
        (SDIST, "29", True),
    ]


def test_of_two_refusals_at_one_place_one_is_first() -> None:
    other = Classifier("No :: Other", Standing.UNKNOWN)
    file = described(classifiers=(_NO_SUCH, other))

    assert _refused(file) == [(SDIST, "29", False), (SDIST, "29", True)]


def test_what_the_index_does_not_refuse_is_never_first() -> None:
    judgement = _judged(described(description="", license="MIT"), rules=RULES)

    assert judgement.findings
    assert [finding for finding in judgement.findings if finding.first] == []


def test_a_waiver_is_nothing_to_the_index() -> None:
    waiver = Waiver("classifier-refused", "*", "the index will know it")
    file = _file(_LINUX)

    judgement = _judged(file, file.distribution, rules=RULES, policy=_waiving(waiver))

    (waived,) = judgement.waived
    assert (waived.finding.refusal, waived.finding.first) == (
        Refusal("29", "classifier"),
        True,
    )
    assert [f.first for f in judgement.findings if f.refusal] == [False]


def test_a_lighter_severity_is_nothing_to_the_index() -> None:
    lighter = policy(severities={"classifier-refused": Severity.NOTICE})
    file = _file(_LINUX)

    assert _refused(file, file.distribution, policy=lighter) == [
        (_LINUX, "111", False),
        (_LINUX, "29", True),
    ]


def test_an_index_without_pypis_rules_refuses_nothing_by_them() -> None:
    file = _file(_LINUX)

    assert _refused(file, file.distribution, policy=policy(INTERNAL)) == []
    assert len(_refused(file, file.distribution, policy=policy(TESTPYPI))) == 2


#: Two faults of one file's metadata; the server tells the first of each pair. It reads
#: the form, and then asks ``packaging``, and only where that has no objection itself.
TOLD_FIRST = {
    "the metadata version before the version": (
        "Metadata-Version: 2.0",
        "Version: dog",
    ),
    "the version before another field": ("Version: dog", "Author-email: me"),
    "packaging's fields by name": (
        "License-Expression: Apache 2.0",
        "Requires-Python: x",
    ),
    "packaging's fields by name, whatever their rows": (
        "Provides-Extra: a b",
        "Requires-Dist: a b",
    ),
    "the index's own fields by name": ("Author-email: me", "Classifier: No :: Such"),
    "the index's own fields by name, whatever their rows": (
        "Home-page: demo.example",
        "Maintainer-email: me",
    ),
    "the form's name before the metadata version": (
        "Name: demo-",
        "Metadata-Version: 2.0",
    ),
    "a field given twice before the metadata version": (
        "Summary: a\nSummary: b",
        "Metadata-Version: 2.0",
    ),
    "a field given twice before the version": (
        "Summary: a\nSummary: b",
        "Version: dog",
    ),
    "a label given twice before a field of an earlier name": (
        "Project-URL: A, https://a.example\nProject-URL: A, https://b.example",
        "Dynamic: Nope",
    ),
    "packaging's summary before the index's address": (
        "Summary: a\n  b",
        "Author-email: me",
    ),
    "packaging's requirement before the index's classifier": (
        "Requires-Dist: a b",
        "Classifier: No :: Such",
    ),
    "packaging's field of a newer version before the index's home page": (
        "Metadata-Version: 2.1\nLicense-Expression: MIT",
        "Home-page: demo.example",
    ),
    "packaging's specifier before the index's direct reference": (
        "Requires-Python: x",
        "Requires-Dist: a @ https://a.example",
    ),
    "packaging's licence before the index's two licences": (
        "License-File: ../LICENSE",
        "License: MIT\nLicense-Expression: MIT",
    ),
    "packaging's dynamic before the index's address": (
        "Dynamic: Nope",
        "Author-email: me",
    ),
    "an unknown classifier before a deprecated one": (
        "Classifier: No :: Such",
        "Classifier: Natural Language :: Ukranian",
    ),
}


def _rows(*lines: str) -> dict[str, bool]:
    """The rows by which the metadata of these lines is refused, and which is first."""
    split = [part for line in lines for part in line.split("\n")]
    folded: list[str] = []
    for part in split:
        if part.startswith(" "):
            folded[-1] += f"\n{part}"
        else:
            folded.append(part)
    refused = _refused(_read(*folded))
    return {row: first for _, row, first in refused if int(row) <= 41}


@pytest.mark.parametrize(("first", "second"), TOLD_FIRST.values(), ids=TOLD_FIRST)
def test_of_two_faults_in_the_metadata_the_index_tells(first: str, second: str) -> None:
    (alone,) = _rows(first)
    (other,) = _rows(second)

    assert alone != other
    assert _rows(first, second) == {alone: True, other: False}
    assert _rows(second, first) == {alone: True, other: False}


def test_a_local_version_is_told_before_what_is_wrong_with_a_file() -> None:
    local = "demo-1.0+cpu-py3-none-linux_x86_64.whl"
    file = _file(local)
    made = replace(
        release(local), described=(file,), distributions=(file.distribution,)
    )

    refused = _refused(made, file, file.distribution)

    assert [row for _, row, first in refused if first] == ["25"]
    assert {row for _, row, _ in refused} == {"25", "29", "111"}


def test_of_an_archived_project_nothing_else_is_told() -> None:
    made = release(_LINUX)
    archived = replace(upload(of=made), listing=listing(status="archived"))

    refused = _refused(archived, *made.distributions)

    assert [row for _, row, first in refused if first] == ["56"]
    assert {row for _, row, _ in refused} == {"56", "111"}


def test_what_stands_beside_a_file_is_told_behind_what_is_wrong_with_the_file() -> None:
    beside = Attestation(f"{_LINUX}.publish.attestation", problem="it is none")
    file = distribution(_LINUX)

    refused = _refused(file, AttestedDistribution(file, (beside,)))

    assert [row for _, row, first in refused if first] == ["111"]
    assert {row for _, row, _ in refused} == {"111", "131"}


# --- where the index comes to a refusal ---------------------------------------------

_PLAIN_ROWS = [row.id for row in ROWS if not row.id.isdigit() or int(row.id) > 41]


def test_refusals_stand_in_the_order_of_the_rows() -> None:
    places = [Refusal(row).place for row in ("1", "10", "13")]
    places.append(Refusal("20", "metadata-version").place)
    places.append(Refusal("41", "zzz").place)
    places += [Refusal(row).place for row in _PLAIN_ROWS]

    assert all(one < other for one, other in pairwise(places))


def test_a_place_is_compared_by_each_step_in_turn() -> None:
    places = [
        Place(1),
        Place(2),
        Place(2, 0, 0, "", 1),
        Place(2, 0, 0, "a"),
        Place(2, 0, 0, "b"),
        Place(2, 0, 1),
        Place(2, 1),
        Place(3),
    ]

    assert all(one < other for one, other in pairwise(places))


def test_what_the_specification_allows_is_refused_behind_what_it_does_not() -> None:
    places = [
        Refusal("22", "zzz").place,
        Refusal("33", "requires-dist").place,
        Refusal("40", "license-file").place,
        Refusal("26", "summary", beyond=True).place,
        Refusal("37", "dynamic", beyond=True).place,
    ]
    places[1:3] = sorted(places[1:3])
    places[3:] = sorted(places[3:])

    assert all(one < other for one, other in pairwise(places))
    assert Refusal("26", "summary").place < places[3]


def test_outside_of_metadata_it_is_no_matter_what_the_specification_allows() -> None:
    for row in _PLAIN_ROWS:
        assert Refusal(row, beyond=True).place == Refusal(row).place


@pytest.mark.parametrize(
    "told",
    [
        (("20", "metadata-version"), ("24", "version"), ("38", "license-expression")),
        (
            ("24", "version"),
            ("27", "description-content-type"),
            ("35", "requires-python"),
        ),
        (("36", "provides-extra"), ("35", "requires-python")),
        (
            ("38", "license-expression"),
            ("40", "license-file"),
            ("36", "provides-extra"),
        ),
        (("25", "version"), ("28", "author-email"), ("29", "classifier")),
        (("29", "classifier"), ("31", "download-url"), ("31", "home-page")),
        (("39", "license"), ("28", "maintainer-email"), ("34", "obsoletes-dist")),
        (("32", "project-url"), ("34", "provides-dist")),
    ],
)
def test_of_metadata_three_fields_come_first_and_then_the_alphabet(
    told: tuple[tuple[str, str], ...],
) -> None:
    places = [Refusal(*one).place for one in told]

    assert all(one < other for one, other in pairwise(places))


# --- the order of the subjects does not matter ------------------------------------

_SUBJECTS: tuple[Subject, ...] = (
    SMALL,
    BIG,
    A_WHEEL,
    distribution("Demo.whl"),
    distribution_set(SDIST, "other-1.0.tar.gz"),
    release(WHEEL),
    release(SDIST, "demo-2.0.dev1.tar.gz"),
    tagged("v3.0"),
    tagged(None),
    tagged("nightly", by=trigger("release", prerelease=True)),
    trigger("pull_request", fork="stranger/demo"),
    LocatedTag(GitTag("v3.0", "dead" * 10), COMMIT),
    RecheckedRun("v0.9", "dead" * 10, 1, "v1.0", COMMIT),
    RecheckedRun("", COMMIT, 1, None, COMMIT),
    BranchedCommit(COMMIT, (Branch("main", holds=False),)),
    BuiltDistribution(
        SMALL,
        (Attestation("a", SDIST, sources=(BuildSource("stranger/demo", ""),)),),
        "org/demo",
        COMMIT,
    ),
    upload(SDIST),
    aged(timedelta(days=20), WHEEL),
    project_size(11 << 30),
    sized(200 << 20, largest_taken=None),
    described(version="dog", problems={"version": "is none"}),
    described(WHEEL, version="2"),
    wheel(filename="Demo-1.0-py3-none-any.whl"),
    archive("/etc/passwd"),
    archive(defects=(Defect(DefectKind.BOMB, "", "is large"),), complete=False),
)
_MISSING = (
    Missing(Upload, "the index is not there", needed=True),
    Missing(TaggedRelease, "no event", needed=False),
    Missing(Distribution, "gone", needed=True),
)
_WAIVERS = (
    Waiver("archive-bomb", "*", "known"),
    Waiver("filename-invalid", "*.zip", "not there"),
    Waiver("version-kind", "*", "expired", TODAY - timedelta(days=1)),
)


def _sets(judgement: Judgement) -> tuple[Counter[str], ...]:
    """What was said, whatever the order."""
    return tuple(
        Counter(map(repr, part))
        for part in (
            judgement.findings,
            judgement.waived,
            judgement.not_run,
            judgement.ran,
        )
    )


@settings(deadline=None, max_examples=60)
@given(
    subjects=st.lists(st.sampled_from(_SUBJECTS), unique_by=id).flatmap(
        lambda chosen: st.tuples(st.just(chosen), st.permutations(chosen))
    ),
    missing=st.permutations(_MISSING),
    rules=st.permutations(RULES),
)
def test_the_order_of_facts_and_rules_changes_nothing_that_is_said(
    subjects: tuple[list[Subject], list[Subject]],
    missing: list[Missing],
    rules: list[AnyRule],
) -> None:
    waiving = policy(waivers=_WAIVERS)
    one, other = subjects

    first = _judged(*one, rules=RULES, policy=waiving, missing=_MISSING)
    second = _judged(*other, rules=rules, policy=waiving, missing=missing)

    assert _sets(first) == _sets(second)


@settings(deadline=None, max_examples=60)
@given(
    subjects=st.lists(st.sampled_from(_SUBJECTS), unique_by=id),
    more=st.sampled_from(_SUBJECTS),
)
def test_one_more_fact_takes_no_finding_away(
    subjects: list[Subject], more: Subject
) -> None:
    few = _judged(*subjects, rules=RULES)
    many = _judged(*subjects, more, rules=RULES)

    # Which of them the index says first may change.
    before, after = (
        Counter(repr(replace(finding, first=False)) for finding in judged.findings)
        for judged in (few, many)
    )
    assert before <= after
    assert set(few.ran) <= set(many.ran)


def test_a_rule_is_told_the_day_of_the_judgement() -> None:
    @rule(Distribution, severity=Severity.NOTICE)
    def day(file: Distribution, policy: Policy) -> Iterator[Violation]:
        yield Violation(policy.today.isoformat())

    (finding,) = _judged(SMALL, rules=[day], today=date(2027, 6, 1)).findings

    assert finding.message == "2027-06-01"


def test_two_judgements_of_the_same_facts_are_equal() -> None:
    assert _judged(*_SUBJECTS, rules=RULES) == _judged(*_SUBJECTS, rules=RULES)


# --- several judgements as one -------------------------------------------------------


@rule(Distribution, severity=Severity.WARNING)
def first_letter(file: Distribution, _: Policy) -> Iterator[Violation]:
    yield Violation(f"begins with {file.filename[0]}")


@rule(Distribution, severity=Severity.WARNING)
def length(file: Distribution, _: Policy) -> Iterator[Violation]:
    yield Violation(f"has {len(file.filename)} letters")


def test_judgements_of_several_things_are_one() -> None:
    """By rule, with each reason once; a waiver that one of them uses is used."""
    rules = [first_letter, length, *(r for r in RULES if r.id == "waiver-unused")]
    waivers = (
        Waiver("length", "b-*", "known"),
        Waiver("first-letter", "nothing", "known"),
    )
    said, today = policy(waivers=waivers), date(2026, 9, 1)
    gone = Missing(Distribution, "gone", needed=True)
    apart = [
        judge(
            [distribution(f"{letter}-1.0.tar.gz")],
            rules=rules[:2],
            policy=said,
            missing=[gone],
            today=today,
        )
        for letter in "ab"
    ]

    one = join(apart, rules=rules, policy=said, today=today)

    assert [(f.rule, f.subject) for f in one.findings] == [
        ("first-letter", "a-1.0.tar.gz"),
        ("first-letter", "b-1.0.tar.gz"),
        ("length", "a-1.0.tar.gz"),
        ("waiver-unused", "waiver of first-letter for 'nothing'"),
    ]
    assert [item.finding.subject for item in one.waived] == ["b-1.0.tar.gz"]
    assert [(item.rule, item.needed) for item in one.not_run] == [
        ("first-letter", True),
        ("length", True),
    ]
    assert one.ran == ("first-letter", "length")


def test_no_judgement_at_all_ran_nothing() -> None:
    nothing = join([], rules=RULES, policy=policy(), today=date(2026, 9, 1))

    assert (nothing.findings, nothing.ran) == ((), ())


def test_a_subject_beyond_a_jobs_scope_is_no_silent_pass() -> None:
    with pytest.raises(TypeError, match="Wheel: beyond the scope of check"):
        report_on("check", Job(policy()), [wheel()], scope=(), missing=(), started=0)

"""Core metadata: what the index will show and installers will obey."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from packaging.requirements import Requirement

from release_guard.facts import (
    Classifier,
    CoreMetadata,
    DescribedDistribution,
    MetadataProblem,
    ProblemKind,
    RenderedDescription,
    Standing,
)
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import (
    AGES_AFTER,
    AS_OF,
    LONGEST_LABEL,
    LONGEST_SUMMARY,
    METADATA_VERSIONS,
    Refusal,
)
from release_guard.rules.base import rule

__all__ = [
    "classifier_refused",
    "dependency_url",
    "description_missing",
    "description_refused",
    "license_classifier",
    "license_invalid",
    "metadata_invalid",
    "metadata_version",
]

_VERSION_FIELD = "metadata-version"
_LICENSE_FIELDS = ("license-expression", "license-file")
_CORRECT = "correct the field where the project declares it, and build again"

#: Where PyPI's server refuses a field that is not valid.
_ROWS: Mapping[str, str] = {
    "name": "10",
    "version": "24",
    "summary": "26",
    "description-content-type": "27",
    "requires-dist": "33",
    "requires-python": "35",
    "provides-extra": "36",
    "dynamic": "37",
    "license-expression": "38",
    "license-file": "40",
    "import-name": "41",
    "import-namespace": "41",
}


@rule(
    DescribedDistribution,
    severity=Severity.ERROR,
    upload_rules=(
        *("10", "21", "22", "23", "24", "26", "27", "28", "31", "32"),
        *("33", "34", "35", "36", "37", "41"),
    ),
)
def metadata_invalid(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A field of the core metadata is not valid.

    **What it means:** `packaging`, which indexes, uploaders and installers use, refuses
    the field, or, where the index applies PyPI's rules, the index does: a summary over
    512 characters, an address or a URL that can be none, a Project-URL without a label.
    Each is a finding of its own. A field that no specification has is a warning: the
    index does not see it, and twine refuses the file; so is one that is empty or says
    only UNKNOWN, where the index applies PyPI's rules, by which it is dropped. The
    License-File of older setuptools is an error only by a publisher (`publisher` in the
    policy) that does not leave it out.

    **Why it matters:** uploaders and indexes refuse the file; PyPI names only the first
    field.

    **How it happens:** a field is written by hand or by an old backend; a newer field
    stands under an older metadata version.

    **Fix:** correct the field in `pyproject.toml` (or the backend that writes it).

    **Source:** the core metadata specification.
    """
    for problem in file.metadata.problems:
        field = problem.field
        if field == _VERSION_FIELD:
            continue
        # That the index drops what says nothing, only PyPI's rules promise.
        is_dropped = policy.on_pypi or problem.kind is not ProblemKind.PLACEHOLDER
        if problem.kind in _UPLOADERS_PROBLEMS and is_dropped:
            yield from _uploaders_problem(problem, policy)
            continue
        row = _ROWS.get(field, "")
        if problem.kind is ProblemKind.TOO_NEW:
            row = "21"
        elif problem.kind is ProblemKind.MALFORMED:
            row = "22" if field else ""
        elif field in _LICENSE_FIELDS and policy.on_pypi:
            # license-invalid speaks of it.
            continue
        what = f"the field {field!r:.80}" if field else "the metadata"
        yield Violation(
            f"{what} is not valid: {problem.detail}",
            fix=_CORRECT,
            evidence={"field": field},
            refusal=Refusal(row, field) if row else None,
        )
    if policy.on_pypi:
        yield from _early_field(file.metadata, policy)
        for problems in _BEYOND:
            for row, field, told in problems(file.metadata):
                yield Violation(
                    f"the field {field!r} is not valid: {told}",
                    fix=_CORRECT,
                    evidence={"field": field},
                    refusal=Refusal(row, field, beyond=row != "27"),
                )


def _early_field(metadata: CoreMetadata, policy: Policy) -> Iterator[Violation]:
    """License-File below metadata 2.4, by an uploader that does not leave it out."""
    publisher = policy.publisher
    if publisher and publisher.sends_all and metadata.early_license_files:
        yield Violation(
            "the field 'license-file' came with metadata 2.4, and this is "
            f"{metadata.metadata_version}: {publisher.name} sends it as it is",
            fix="update the build backend, or publish with twine, which leaves it out",
            evidence={"field": "license-file"},
            refusal=Refusal("21", "license-file"),
        )


#: What the index never sees, and uploaders may refuse.
_UPLOADERS_PROBLEMS: Mapping[ProblemKind, str] = {
    ProblemKind.UNKNOWN: "is no field of core metadata",
    ProblemKind.PLACEHOLDER: "is empty, or says only UNKNOWN",
}


def _uploaders_problem(problem: MetadataProblem, policy: Policy) -> Iterator[Violation]:
    publisher = policy.publisher
    if publisher is None or publisher.refuses_unknown_fields:
        who = publisher.name if publisher else "twine (since 6.1)"
        told = _UPLOADERS_PROBLEMS[problem.kind]
        yield Violation(
            f"the field {problem.field!r:.80} {told}: {who} refuses the file, and "
            "the index would not see the field",
            fix="remove the field, or update the build backend",
            severity=Severity.WARNING,
            evidence={"field": problem.field},
        )


#: Row, field, and what is wrong with it.
_Problems = Iterator[tuple[str, str, str]]


def _name_problems(metadata: CoreMetadata) -> _Problems:
    # What distutils wrote where it had no name, and the server takes for none.
    if metadata.name.strip() == "UNKNOWN":
        yield "10", "name", "it says UNKNOWN"


def _summary_problems(metadata: CoreMetadata) -> _Problems:
    length = len(metadata.summary)
    if length > LONGEST_SUMMARY:
        told = f"has {length} characters, expected at most {LONGEST_SUMMARY}"
        yield "26", "summary", told


def _type_problems(metadata: CoreMetadata) -> _Problems:
    found = _CHARSET.search(metadata.description_content_type)
    if found and found[1].upper() == "UTF-8" != found[1]:
        told = f"the charset is {found[1]!r}, expected 'UTF-8'"
        yield "27", "description-content-type", told


_CHARSET = re.compile(r"""; *charset *= *"?([^";\s]+)""", re.IGNORECASE)


def _address_problems(metadata: CoreMetadata) -> _Problems:
    addresses = {
        "author-email": metadata.author_email,
        "maintainer-email": metadata.maintainer_email,
    }
    for field, text in addresses.items():
        if told := _address_problem(text):
            yield "28", field, told


def _url_problems(metadata: CoreMetadata) -> _Problems:
    urls = {"home-page": metadata.home_page, "download-url": metadata.download_url}
    for field, url in urls.items():
        if url and not _is_web_url(url):
            yield "31", field, f"{url!r:.200} is no http or https URL"
    for label, url in metadata.project_urls:
        if told := _project_url_problem(label, url):
            yield "32", "project-url", told


def _requirement_problems(metadata: CoreMetadata) -> _Problems:
    lists = {
        "provides-dist": metadata.provides_dist,
        "obsoletes-dist": metadata.obsoletes_dist,
    }
    for field, values in lists.items():
        for value in values:
            if told := _requirement_problem(value):
                yield "34", field, told


def _dynamic_problems(metadata: CoreMetadata) -> _Problems:
    for name in metadata.dynamic:
        # What is no field, or may never be dynamic, packaging refuses.
        if name.lower() == "dynamic":
            yield "37", "dynamic", f"{name!r} may not be dynamic"


#: What PyPI's server refuses beyond the specification.
_BEYOND = (
    _name_problems,
    _summary_problems,
    _type_problems,
    _address_problems,
    _url_problems,
    _requirement_problems,
    _dynamic_problems,
)


def _address_problem(text: str) -> str:
    """Why PyPI takes a text for no address, empty where it does: it looks only at one
    that stands alone, as several cannot be told apart reliably.
    """
    try:
        address = _single_address(text)
    except RecursionError:
        return "cannot be read"
    if not address:
        return ""
    # Only where there is an address: it reads tables of its own.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        return f"{address!r:.200} is no e-mail address: {str(error).rstrip('.')}"
    return ""


def _single_address(text: str) -> str:
    """The address in a text, empty where there is not exactly one: as ``parseaddr`` of
    the Pythons since 3.11.10, 3.12.6 and 3.13 tells it, whichever this is
    (CVE-2023-27043).
    """
    if getattr(email.utils, "supports_strict_parsing", False):
        return email.utils.parseaddr(text)[1]
    found = email.utils.getaddresses([text])
    is_open = text.count("(") != text.count(")")
    if len(found) != 1 or is_open or "[" in found[0][1]:
        return ""
    return found[0][1]


def _is_web_url(url: str) -> bool:
    """Whether PyPI takes a text for a URL; a host need not be there."""
    from rfc3986 import uri_reference, validators  # noqa: PLC0415
    from rfc3986.exceptions import ValidationError  # noqa: PLC0415

    validator = validators.Validator().allow_schemes("http", "https")
    validator.require_presence_of("scheme")
    validator.check_validity_of("scheme", "host", "port", "path", "query")
    try:
        validator.validate(uri_reference(url).normalize())
    except ValidationError:
        return False
    return True


def _project_url_problem(label: str, url: str) -> str:
    if not label:
        return f"{url!r:.200} has no label"
    if len(label) > LONGEST_LABEL:
        return (
            f"the label {label!r:.200} has {len(label)} characters, expected at most "
            f"{LONGEST_LABEL}"
        )
    if not url:
        return f"{label!r} has no URL"
    return "" if _is_web_url(url) else f"{url!r:.200} is no http or https URL"


def _requirement_problem(text: str) -> str:
    try:
        requirement = Requirement(text)
    except (ValueError, RecursionError):
        return f"{text!r:.200} is no requirement (PEP 508)"
    return f"{requirement.name} is given by a URL" if requirement.url else ""


@rule(DescribedDistribution, severity=Severity.ERROR, upload_rules=("20",))
def metadata_version(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """The metadata version is not one that the index takes.

    **What it means:** `Metadata-Version` is missing, unknown to `packaging`, or, where
    the index applies PyPI's rules, none that PyPI takes (1.0, 1.1, 1.2, 2.1 to 2.5). A
    warning where the publisher that the policy names does not know it, or where it is
    newer than a list that is older than half a year.

    **Why it matters:** the upload is refused, by the index or already by the uploader.

    **How it happens:** the build backend is newer than the index or the uploader.

    **Fix:** pin the build backend to a release that writes an older version, or update
    the publisher.

    **Source:** the core metadata specification; pypa/gh-action-pypi-publish carries an
    uploader of its own, which may be older than the build backend.
    """
    fix = "pin the build backend to a release that writes an older version"
    refusal = Refusal("20", _VERSION_FIELD)
    found = file.metadata.metadata_version
    problems = [p for p in file.metadata.problems if p.field == _VERSION_FIELD]
    age = policy.today - AS_OF
    is_unknown = age > AGES_AFTER and _is_newer(found)
    for problem in () if is_unknown else problems:
        yield Violation(problem.detail, fix=fix, refusal=refusal)
    if (
        policy.on_pypi
        and found not in METADATA_VERSIONS
        and (is_unknown or not problems)
    ):
        known = ", ".join(METADATA_VERSIONS)
        if is_unknown:
            yield Violation(
                f"Metadata-Version {found!r:.40} is not known to a list that is "
                f"{age.days} days old",
                fix="update release-guard",
                severity=Severity.WARNING,
            )
        else:
            yield Violation(
                f"Metadata-Version is {found!r:.40}; PyPI takes {known} "
                f"(as of {AS_OF})",
                fix=fix,
                refusal=refusal,
            )
    publisher = policy.publisher
    is_taken = found in METADATA_VERSIONS or (
        _is_newer(found) and not problems and not policy.on_pypi
    )
    if publisher and is_taken and not publisher.knows(found):
        yield Violation(
            f"Metadata-Version is {found}; {publisher.name} knows at most "
            f"{publisher.newest_metadata} and refuses the file",
            fix=f"update the publisher, or {fix}",
            severity=Severity.WARNING,
        )


def _is_newer(found: str) -> bool:
    version, newest = parse_version(found), parse_version(METADATA_VERSIONS[-1])
    return version is not None and newest is not None and version > newest


@rule(DescribedDistribution, severity=Severity.ERROR, upload_rules=("33",))
def dependency_url(file: DescribedDistribution, policy: Policy) -> Iterator[Violation]:
    """A dependency is given by a URL.

    **What it means:** a `Requires-Dist` has the form `name @ url`, even behind an
    extra. Judged where the index applies PyPI's rules.

    **Why it matters:** PyPI refuses the file at upload.

    **How it happens:** a dependency on a fork or a branch was left in.

    **Fix:** depend on a released version.

    **Source:** PEP 508.
    """
    if not policy.on_pypi:
        return
    for text in file.metadata.requires_dist:
        try:
            requirement = Requirement(text)
        except (ValueError, RecursionError):
            # metadata-invalid speaks of it.
            continue
        if requirement.url:
            yield Violation(
                f"depends on {requirement.name} by a URL",
                fix=f"depend on a released version of {requirement.name}",
                refusal=Refusal("33", "requires-dist", beyond=True),
            )


@rule(DescribedDistribution, severity=Severity.ERROR, upload_rules=("29", "30"))
def classifier_refused(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A classifier that the index does not take.

    **What it means:** the classifier begins with `Private ::`, which keeps a project
    off PyPI, and is held against any index here, so that nothing private goes out by
    mistake; or, where the index applies PyPI's
    rules, it is unknown or deprecated. An unknown one is a warning where the list is
    older than half a year.

    **Why it matters:** the upload is refused.

    **How it happens:** a typo; a private package and a public index; a classifier of a
    newer list.

    **Fix:** use the nearest known one, which the message names; for an index of your
    own, set `classifier-refused: ignore`.

    **Source:** the list of `trove-classifiers`, which PyPI uses itself.
    """
    metadata = file.metadata
    as_of = metadata.classifiers_as_of
    age = policy.today - as_of if as_of else timedelta()
    for classifier in dict.fromkeys(metadata.classifiers):
        is_private = classifier.text.startswith("Private ::")
        if is_private:
            told = "marks the project as private, and this goes to an index"
            fix = "remove it to publish; for an index of your own, ignore the rule"
        elif classifier.standing is Standing.KNOWN or not policy.on_pypi:
            continue
        else:
            told, fix = _told_of(classifier)
        row = "30" if classifier.standing is Standing.DEPRECATED else "29"
        if row == "29" and not is_private and age > AGES_AFTER:
            yield Violation(
                f"the classifier {classifier.text!r:.200} is not known to a list that "
                f"is {age.days} days old",
                fix=f"update release-guard; {fix}",
                severity=Severity.WARNING,
            )
        else:
            yield Violation(
                f"the classifier {classifier.text!r:.200} {told}",
                fix=fix,
                evidence={"classifier": classifier.text, "instead": classifier.instead},
                refusal=Refusal(row, "classifier"),
            )


def _told_of(classifier: Classifier) -> tuple[str, str]:
    """What is said of a classifier that is not taken, and what to do."""
    instead = ", ".join(map(repr, classifier.instead))
    if classifier.standing is Standing.DEPRECATED:
        return "is deprecated", f"use {instead}" if instead else "remove it"
    nearest = f"the nearest known one is {instead}" if instead else "remove it"
    return "is not known", nearest


@rule(DescribedDistribution, severity=Severity.ERROR, upload_rules=("38", "39", "40"))
def license_invalid(file: DescribedDistribution, policy: Policy) -> Iterator[Violation]:
    """The licence fields are not valid.

    **What it means:** `License-Expression` is no SPDX expression, a `License-File` is
    no plain relative path, or a `License` stands beside a `License-Expression`. Judged
    where the index applies PyPI's rules; elsewhere `metadata-invalid` speaks of what is
    not valid anywhere.

    **Why it matters:** the upload is refused.

    **How it happens:** `license = "Apache 2.0"` in `pyproject.toml`, where SPDX calls
    it `Apache-2.0`; an expression added beside the old field.

    **Fix:** write the SPDX identifier, or `LicenseRef-` and a name of your own.

    **Source:** PEP 639; identifiers from `packaging.licenses`.
    """
    if not policy.on_pypi:
        return
    for problem in file.metadata.problems:
        if problem.field in _LICENSE_FIELDS and problem.kind is ProblemKind.INVALID:
            yield Violation(
                f"the field {problem.field!r} is not valid: {problem.detail}",
                fix="write the SPDX identifier (Apache-2.0), or a plain relative path",
                evidence={"field": problem.field},
                refusal=Refusal(_ROWS[problem.field], problem.field),
            )
    if file.metadata.license and file.metadata.license_expression:
        yield Violation(
            "has License beside License-Expression",
            fix="remove License, which License-Expression replaces",
            refusal=Refusal("39", "license"),
        )


@rule(DescribedDistribution, severity=Severity.WARNING)
def license_classifier(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A licence classifier stands beside a licence expression.

    **What it means:** the metadata has a `License-Expression` and a classifier that
    begins with `License ::`.

    **Why it matters:** two places that say the licence may disagree; some build
    backends refuse it, and indexes may follow.

    **How it happens:** the expression was added, and the classifier left.

    **Fix:** remove the classifier.

    **Source:** PEP 639.
    """
    classifiers = [c.text for c in file.metadata.classifiers]
    licences = [text for text in classifiers if text.startswith("License ::")]
    if file.metadata.license_expression and licences:
        yield Violation(
            f"has the License-Expression {file.metadata.license_expression!r:.200} and "
            f"the classifier {licences[0]!r:.200}",
            fix="remove the classifier",
        )


@rule(DescribedDistribution, severity=Severity.WARNING)
def description_missing(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """There is no description.

    **What it means:** the metadata has no description, or only `UNKNOWN`.

    **Why it matters:** the project's page is empty.

    **How it happens:** `readme` is not set in `pyproject.toml`.

    **Fix:** set `readme = "README.md"`.

    **Source:** `twine check` warns of it.
    """
    is_read = all(problem.field for problem in file.metadata.problems)
    if not file.metadata.description and is_read:
        yield Violation(
            "has no description: the project's page will be empty",
            fix='set readme = "README.md" under [project]',
        )


@rule(RenderedDescription, severity=Severity.ERROR, upload_rules=("59",))
def description_refused(
    file: RenderedDescription, policy: Policy
) -> Iterator[Violation]:
    """The description cannot be rendered.

    **What it means:** docutils finds an error in the reStructuredText, which a
    description is if it does not say what else. Judged where the index applies PyPI's
    rules, and with the renderer that PyPI uses.

    **Why it matters:** PyPI refuses the file.

    **How it happens:** a directive of Sphinx in the README; a Markdown file without
    `text/markdown` as its type.

    **Fix:** correct the line that the message names, or give the type.

    **Source:** `readme_renderer`.
    """
    problem = file.problem
    if problem is None:
        return
    kind = file.content_type or "text/x-rst, as no type is given"
    line = f" in line {problem.line}" if problem.line else ""
    yield Violation(
        f"its description cannot be rendered ({kind}){line}: {problem.reason}",
        fix="correct the line, or give the type of the description (readme)",
        evidence={"line": problem.line, "source": problem.source},
        refusal=Refusal("59"),
    )

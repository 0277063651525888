"""The rules of credentials, case by case."""

from __future__ import annotations

from typing import Any

from builders import SDIST, WHEEL, Case, Says, distribution, policy

from release_guard.facts import Credential, SearchedDistribution
from release_guard.findings import Severity
from release_guard.rules.secrets import metadata_credential, secret


def searched(
    *credentials: Credential, filename: str = WHEEL, unsearched: tuple[str, ...] = ()
) -> SearchedDistribution:
    """A file in which these were found."""
    return SearchedDistribution(distribution(filename), credentials, unsearched)


def token(member: str = "demo/config.py", **changes: Any) -> Credential:  # noqa: ANN401
    """A token in a member."""
    told: dict[str, Any] = {
        "kind": "PyPI API token",
        "is_whole": True,
        "mark": "pypi-AgEIcHlwaS5vcmc",
        "length": 163,
        "line": 3,
    }
    return Credential(member=member, **(told | changes))


def in_url(field: str) -> Credential:
    """User info in a URL of the metadata."""
    return Credential(
        "user info in a URL", is_whole=True, mark="", length=41, field=field
    )


_WEAK: dict[str, Any] = {
    "kind": "AWS access key id",
    "is_whole": False,
    "mark": "AKIA",
    "length": 20,
}
_KEY: dict[str, Any] = {
    "kind": "private key",
    "mark": "-----BEGIN PRIVATE KEY-----",
    "length": 1_704,
}

#: Where a credential is for show.
_SAMPLES = (
    *(
        "tests/keys/server.key",
        "test/conftest.py",
        "examples/login.py",
        "docs/usage.rst",
    ),
    *("demo/tests/data.json", "demo/testdata/token.txt", "demo/fixtures/a.yml"),
    *("demo/_vectors/rsa.pem", "dummyserver/certs/server.key", "t/unit/keys.py"),
    *("demo/test_login.py", "samples/run.py"),
)
#: Where it is not, although something near says so.
_OTHERS = (
    *("demo/config.py", ".env", "demo/latest/a.py", "README.md", "demo/contest.py"),
    *("demo.py", "run-maturin-action.sh", "demo/attestation.py", "demo/doctor/x.py"),
)

_TOLD = "a PyPI API token (pypi-AgEIcHlwaS5vcmc…, 163 characters)"

CASES = [
    Case(secret, "nothing was found", searched()),
    Case(
        secret,
        "a registry's token in an untracked file of an sdist",
        # CorporateSmalltalkConsultingLtd/ClaudeSmalltalk#22
        searched(token("demo-1.0/.mcpregistry_registry_token"), filename=SDIST),
        says=(Says(f"'demo-1.0/.mcpregistry_registry_token', line 3: has {_TOLD}"),),
    ),
    Case(
        secret,
        "a token that a build tool wrote into a script in the sdist",
        # PyO3/maturin-action#193
        searched(token("demo-1.0/run-maturin-action.sh"), filename=SDIST),
        says=(Says(f"'demo-1.0/run-maturin-action.sh', line 3: has {_TOLD}"),),
    ),
    Case(
        secret,
        "a private key, whole",
        searched(token("demo/server.key", **_KEY)),
        says=(
            Says(
                "'demo/server.key', line 3: has a private key (-----BEGIN PRIVATE "
                "KEY-----…, 1704 characters)"
            ),
        ),
    ),
    Case(
        secret,
        "each of several in one file is told",
        searched(token(line=3), token(line=9)),
        says=(
            Says(f"'demo/config.py', line 3: has {_TOLD}"),
            Says(f"'demo/config.py', line 9: has {_TOLD}"),
        ),
    ),
    Case(
        secret,
        "a password that has no mark is told by its length",
        searched(token(".pypirc", kind="password in .pypirc", mark="", length=12)),
        says=(Says("'.pypirc', line 3: has a password in .pypirc (12 characters)"),),
    ),
    Case(
        secret,
        "a key id alone is a warning",
        searched(token(**_WEAK)),
        says=(
            Says(
                "'demo/config.py', line 3: has what looks like an AWS access key id "
                "(AKIA…, 20 characters)",
                severity=Severity.WARNING,
            ),
        ),
    ),
    *(
        Case(
            secret,
            f"a whole one in {member} is a warning",
            searched(token(f"demo-1.0/{member}"), filename=SDIST),
            says=(
                Says(
                    "has 1 of these among tests, examples or documentation: PyPI API "
                    f"token; in 'demo-1.0/{member}'",
                    severity=Severity.WARNING,
                ),
            ),
        )
        for member in _SAMPLES
    ),
    *(
        Case(
            secret,
            f"a weak one in {member} is not told",
            searched(token(f"demo-1.0/{member}", **_WEAK), filename=SDIST),
        )
        for member in _SAMPLES
    ),
    *(
        Case(
            secret,
            f"{member} is nothing for show",
            searched(token(f"demo-1.0/{member}"), filename=SDIST),
            says=(Says(f"'demo-1.0/{member}', line 3: has {_TOLD}"),),
        )
        for member in _OTHERS
    ),
    *(
        Case(
            secret,
            f"the folder with the project's name is none of tests: {member}",
            searched(token(member), filename=filename),
            says=(Says(f"'{member}', line 3: has {_TOLD}"),),
        )
        for member, filename in (
            ("test_demo/a.py", "test_demo-1.0-py3-none-any.whl"),
            ("test_demo-1.0/src/test_demo/a.py", "test_demo-1.0.tar.gz"),
            ("mock/a.py", "mock-1.0-py3-none-any.whl"),
            ("test_demo-1.0/setup.py", "test_demo-1.0.tar.gz"),
        )
    ),
    Case(
        secret,
        "a project of test vectors is nothing else",
        searched(
            token("demo_vectors/rsa.pem"), filename="demo_vectors-1.0-py3-none-any.whl"
        ),
        says=(Says("has 1 of these among tests…", severity=Severity.WARNING),),
    ),
    Case(
        secret,
        "many among tests are one warning",
        searched(*(token(f"tests/{number}.py") for number in range(30))),
        says=(
            Says(
                "has 30 of these among tests, examples or documentation: PyPI API "
                "token; in 'tests/0.py', …, 'tests/4.py' and 25 more",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        secret,
        "what was not looked through is said",
        searched(unsearched=("demo/data.json",)),
        says=(
            Says(
                "not looked through to the end for credentials: 'demo/data.json'",
                severity=Severity.NOTICE,
            ),
        ),
    ),
    Case(secret, "of the metadata another rule speaks", searched(in_url("home-page"))),
    Case(metadata_credential, "nothing was found", searched()),
    Case(metadata_credential, "a token in a member is no matter", searched(token())),
    *(
        Case(
            metadata_credential,
            f"a password in {field}",
            # requires-dist: pypa/wheel#442
            searched(in_url(field)),
            says=(
                Says(
                    f"the field '{field}' holds a URL with a password or a token (41 "
                    "characters)"
                ),
            ),
        )
        for field in ("home-page", "project-url", "requires-dist", "description")
    ),
]


def test_the_place_and_the_mark_are_evidence_and_nothing_else() -> None:
    (finding,) = secret.findings(searched(token()), policy())

    assert finding.evidence == {
        "member": "demo/config.py",
        "line": 3,
        "credential": "PyPI API token",
        "mark": "pypi-AgEIcHlwaS5vcmc",
        "length": 163,
    }
    assert finding.fix.startswith("revoke it, then remove it")


def test_of_very_many_members_only_the_first_are_evidence() -> None:
    many = tuple(f"data/{number}.json" for number in range(2_000))

    (finding,) = secret.findings(searched(unsearched=many), policy())

    assert len(finding.message) < 300
    assert finding.evidence == {"members": many[:100]}

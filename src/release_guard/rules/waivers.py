"""The waivers themselves: one that no longer holds must not be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.findings import Severity, Violation, WaiverUse
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = ["waiver_expired", "waiver_unused"]


@rule(WaiverUse, severity=Severity.NOTICE)
def waiver_unused(use: WaiverUse, policy: Policy) -> Iterator[Violation]:
    """A waiver matches nothing.

    **What it means:** its rule ran, and no finding matched.

    **Why it matters:** a waiver that is not needed lets the next real case pass.

    **How it happens:** what it was for has been mended; the file has another name now.

    **Fix:** remove it from the policy, or correct its `match`.

    **Source:** the policy file.
    """
    if not use.matched and not use.expired:
        yield Violation("matches nothing", fix="remove it, or correct its 'match'")


@rule(WaiverUse, severity=Severity.WARNING)
def waiver_expired(use: WaiverUse, policy: Policy) -> Iterator[Violation]:
    """A waiver has expired.

    **What it means:** its `until` lies in the past, so it lets nothing pass any more.

    **Why it matters:** the finding that it held back blocks again.

    **How it happens:** time passes.

    **Fix:** mend what it was for, or decide anew and give another day.

    **Source:** the policy file.
    """
    if use.expired:
        yield Violation(
            f"expired on {use.waiver.until}: {use.waiver.reason}",
            fix="mend what it was for, or give it another day",
        )

"""The rules of waivers, case by case."""

from __future__ import annotations

from datetime import date

from builders import Case, Says

from release_guard.findings import Waiver, WaiverUse
from release_guard.rules.waivers import waiver_expired, waiver_unused

_WAIVER = Waiver("missing-sdist", "demo *", "wheels only", date(2027, 6, 1))
_LABEL = "waiver of missing-sdist for 'demo *'"

CASES = [
    Case(waiver_unused, "it is used", WaiverUse(_WAIVER, 2, expired=False)),
    Case(
        waiver_unused,
        "nothing matched",
        WaiverUse(_WAIVER, 0, expired=False),
        says=(Says("matches nothing", _LABEL),),
    ),
    Case(
        waiver_unused,
        "of an expired one speaks waiver-expired",
        WaiverUse(_WAIVER, 0, expired=True),
    ),
    Case(waiver_expired, "it is valid", WaiverUse(_WAIVER, 0, expired=False)),
    Case(
        waiver_expired,
        "it has expired",
        WaiverUse(_WAIVER, 0, expired=True),
        says=(Says("expired on 2027-06-01: wheels only", _LABEL),),
    ),
]

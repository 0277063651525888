"""No bytes bring a reader to anything but an answer or an error of ours.

Sound inputs are changed a little: what is no archive at all is refused at once and says
nothing. ``make fuzz`` looks for longer, with coverage as a guide.
"""

from __future__ import annotations

import pytest
from fuzzing import SEEDS, TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_PIECES = [
    *(b"\0", b"\xff", b"\r", b"\n", b"\n\n", b" ", b"..", b"/", b"\\", b"-", b"="),
    *(b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08"),
    *(b"\x1f\x8b", b"ustar\0", b"{", b"}", b"[", b"]", b'"', b"<", b">", b"null"),
    *(b"1e999", b"UNKNOWN", b"\xc3", b"\xe2\x80\xa8", b"\xff\xff\xff\xff"),
]
_changes = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from(_PIECES) | st.binary(max_size=4),
    ),
    max_size=6,
)


def _changed(seed: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """A seed in which pieces were replaced: where, how many bytes, and by what."""
    for place, count, piece in changes:
        at = int(place * len(seed))
        seed = seed[:at] + piece + seed[at + count :]
    return seed


@pytest.mark.parametrize("name", TARGETS)
def test_a_sound_input_is_read(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
@given(number=st.integers(0, 7), changes=_changes)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_changed_input_is_read_or_refused(
    name: str, number: int, changes: list[tuple[float, int, bytes]]
) -> None:
    seeds = SEEDS[name]
    TARGETS[name](_changed(seeds[number % len(seeds)], changes))


@pytest.mark.parametrize("name", TARGETS)
@given(content=st.binary(max_size=2_000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    TARGETS[name](content)

"""Whether two upload URLs are one and the same, and what a look-alike has wrong.

A comparison of texts: nothing is asked or looked up. Each part of a URL has its rows in
a table, in the order in which they are tried; the first that holds names what differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from release_guard.layouts import is_url

__all__ = ["Difference", "Distance", "differences", "distance", "is_upload_url"]


class Distance(IntEnum):
    """How far from one upload URL another one leads."""

    SAME = 0
    #: The same address, written otherwise.
    SAME_PLACE = 1
    #: The same server, by an address that takes no uploads.
    NEAR = 2
    #: A host that is easily mistaken for the right one.
    ALIKE = 3
    ELSEWHERE = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a URL is not the other; ``phrase`` goes on where a sentence has
    named the URL, ``fix`` says what to do.
    """

    phrase: str
    fix: str
    distance: Distance = Distance.NEAR


@dataclass(frozen=True, slots=True)
class _Address:
    """The parts of a URL. Case counts in none of scheme and host; ``user`` and ``port``
    are with their marks, ``tail`` is the query and the fragment.
    """

    scheme: str
    user: str
    host: str
    port: str
    path: str
    tail: str

    @property
    def explicit_port(self) -> str:
        """The port, empty where it is the scheme's own."""
        port = self.port.removeprefix(":").lstrip("0")
        return "" if port == {"http": "80", "https": "443"}[self.scheme] else port


#: RFC 3986, with less in a host. What is beyond it (a backslash, a second ``@``, ``%``
#: in a host) leads programs to different hosts.
_FORM = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<user>[\w.~!$&'()*+,;=%:-]*@)?"
    r"(?P<host>\[[\da-f:.]+\]|[\w.-]+)"
    r"(?P<port>:\d*)?"
    r"(?P<path>(?:/[\w.~!$&'()*+,;=%:@/-]*)?)"
    r"(?P<tail>(?:[?#][\w.~!$&'()*+,;=%:@/?#\[\]-]*)?)",
    re.ASCII | re.IGNORECASE,
)


def is_upload_url(text: str) -> bool:
    """Whether an upload can be sent there, and every uploader means the same host."""
    return is_url(text) and _FORM.fullmatch(text) is not None


def differences(
    declared: str, said: str, *, read_at: Iterable[str] = ()
) -> tuple[Difference, ...]:
    """In what the ``said`` upload URL is not the ``declared`` one; empty where they are
    the same but for upper and lower case of scheme and host.

    ``read_at`` are the Simple API roots of the declared index, as far as known.
    """
    if declared == said:
        return ()
    expected, found = _address(declared), _address(said.strip())
    if expected is None or found is None:
        return (_NO_URL,)
    told = [_BLANKS] if said != said.strip() else []
    page = _page(expected, found, filter(None, map(_address, read_at)))
    for part, rows in _TABLE.items():
        if page and part in ("host", "path"):
            continue
        if getattr(expected, part) != getattr(found, part):
            told.append(next(d for holds, d in rows if holds(expected, found)))
    if page:
        told.append(page)
    if _OTHER_HOST in told:
        # Nothing else is of interest, but a user that is written like the right host.
        told = [each for each in told if each in (_USER, _OTHER_HOST)]
    return tuple(told)


def distance(told: Iterable[Difference]) -> Distance:
    """How far away all of these lead: as far as the farthest."""
    return max((each.distance for each in told), default=Distance.SAME)


def _address(url: str) -> _Address | None:
    """The parts of a URL, None where it is none."""
    found = _FORM.fullmatch(url)
    if found is None or not is_url(url):
        return None
    parts = {name: text or "" for name, text in found.groupdict().items()}
    parts |= {name: parts[name].lower() for name in ("scheme", "host")}
    return _Address(**parts)


# --- what the rows ask ---------------------------------------------------------

_Holds = Callable[[_Address, _Address], bool]


def _always(_expected: _Address, _found: _Address) -> bool:
    return True


def _schemes(words: tuple[str, str], expected: _Address, found: _Address) -> bool:
    return (expected.scheme, found.scheme) == words


def _is_without_user(_expected: _Address, found: _Address) -> bool:
    return not found.user


def _has_prefix(prefix: str, expected: _Address, found: _Address) -> bool:
    return found.host == prefix + expected.host


def _lacks_upload(expected: _Address, found: _Address) -> bool:
    return expected.host == "upload." + found.host.removeprefix("www.")


def _looks_alike(expected: _Address, found: _Address) -> bool:
    """Whether hosts differ by a letter or two, or one is the other and more."""
    one, other = sorted((expected.host, found.host), key=len)
    if "." in one and (other.startswith(one) or other.endswith(one)):
        return True
    return _edits(one, other, most=2) <= 2  # noqa: PLR2004


def _edits(one: str, other: str, *, most: int) -> int:
    """How many letters are to be put in, taken out or changed (Levenshtein); any number
    above ``most`` means only "more".
    """
    if abs(len(one) - len(other)) > most or len(other) > _LONGEST_HOST:
        return most + 1
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, there in enumerate(other, 1):
            changed = before + (letter != there)
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, changed)
    return row[-1]


#: RFC 1035; what is longer is no host.
_LONGEST_HOST = 253


def _is_same_port(expected: _Address, found: _Address) -> bool:
    return expected.explicit_port == found.explicit_port


def _is_root_of_both(expected: _Address, found: _Address) -> bool:
    return expected.path + found.path == "/"


def _lacks_slash(expected: _Address, found: _Address) -> bool:
    return expected.path == found.path + "/"


def _has_slash(expected: _Address, found: _Address) -> bool:
    return found.path == expected.path + "/" and found.path[-2:] != "//"


def _ends_alike(expected: _Address, found: _Address) -> bool:
    return expected.path.rstrip("/") == found.path.rstrip("/")


def _is_alike_but_for_slashes(expected: _Address, found: _Address) -> bool:
    return re.sub("/+", "/", expected.path) == re.sub("/+", "/", found.path)


def _is_alike_but_for_case(expected: _Address, found: _Address) -> bool:
    return expected.path.lower() == found.path.lower()


def _is_project_page(_expected: _Address, found: _Address) -> bool:
    return re.fullmatch(r"/(?:manage/)?project/[^/]+(?:/.*)?", found.path) is not None


def _is_root(_expected: _Address, found: _Address) -> bool:
    return not found.path.strip("/")


def _page(
    expected: _Address, found: _Address, roots: Iterable[_Address]
) -> Difference | None:
    """What is found where the index is read; None where it is not found there, or where
    the index takes uploads below its Simple API root, as some servers do.
    """
    for root in roots:
        base = root.path.rstrip("/") + "/"
        is_below = [
            each.host == root.host and f"{each.path}/".startswith(base)
            for each in (expected, found)
        ]
        if is_below == [False, True]:
            is_root = found.path.rstrip("/") + "/" == base
            return _SIMPLE_ROOT if is_root else _PROJECT_PAGE
    return None


# --- the table -----------------------------------------------------------------

_NO_URL = Difference(
    "which is no URL", "give a URL that begins with https://", Distance.ELSEWHERE
)
_BLANKS = Difference("with blanks around it", "take the blanks and line breaks away")
_SIMPLE_ROOT = Difference(
    "the Simple API root", "give the upload URL: this one is for installers"
)
_PROJECT_PAGE = Difference(
    "a project's page", "give the upload URL: this one is for readers"
)
_USER = Difference(
    "with a user in front of the host",
    "give user and password in variables of their own",
    Distance.SAME_PLACE,
)
_OTHER_HOST = Difference(
    "on another host",
    "give the declared URL, or name the index that is meant: --index",
    Distance.ELSEWHERE,
)
_OTHER_PATH = Difference(
    "with another path",
    "give the declared URL, or name the index that is meant: --index",
    Distance.ELSEWHERE,
)

#: Part of a URL -> how it may differ. The last row of each part always holds.
_TABLE: dict[str, tuple[tuple[_Holds, Difference], ...]] = {
    "scheme": (
        (
            partial(_schemes, ("https", "http")),
            Difference(
                "http in place of https", "write https: a password would be readable"
            ),
        ),
        (
            _always,
            Difference("https in place of http", "write http, or declare https"),
        ),
    ),
    "user": (
        (
            _is_without_user,
            Difference(
                "without the user in front of the host",
                "take the user out of the declared URL as well",
                Distance.SAME_PLACE,
            ),
        ),
        (_always, _USER),
    ),
    "host": (
        (
            _lacks_upload,
            Difference(
                "the web host in place of the upload host",
                "write the upload host: the web host takes no uploads",
            ),
        ),
        (
            partial(_has_prefix, "upload."),
            Difference("with upload. in front of the host", "take upload. away"),
        ),
        (
            partial(_has_prefix, "www."),
            Difference("with www. in front of the host", "take www. away"),
        ),
        (
            _looks_alike,
            Difference(
                "on a host that only looks like it",
                "compare letter by letter, and write the declared host",
                Distance.ALIKE,
            ),
        ),
        (_always, _OTHER_HOST),
    ),
    "port": (
        (
            _is_same_port,
            Difference(
                "with the port written otherwise",
                "write the port as it is declared: uploaders compare the text",
                Distance.SAME_PLACE,
            ),
        ),
        (
            _always,
            Difference(
                "with another port", "write the declared port", Distance.ELSEWHERE
            ),
        ),
    ),
    "path": (
        (
            _is_root_of_both,
            Difference(
                "with the slash behind the host written otherwise",
                "write the slash as it is declared: uploaders compare the text",
                Distance.SAME_PLACE,
            ),
        ),
        (
            _lacks_slash,
            Difference(
                "without the slash at the end",
                "add the slash: an upload follows no redirect",
            ),
        ),
        (
            _has_slash,
            Difference("with a slash at the end", "take the slash at the end away"),
        ),
        (
            _ends_alike,
            Difference(
                "with a doubled slash at the end", "write one slash where two are"
            ),
        ),
        (
            _is_alike_but_for_slashes,
            Difference("with a doubled slash in it", "write one slash where two are"),
        ),
        (
            _is_alike_but_for_case,
            Difference(
                "with other upper and lower case in its path",
                "write the path as it is declared",
            ),
        ),
        (_is_project_page, _PROJECT_PAGE),
        (
            _is_root,
            Difference("without a path", "add the path that takes the uploads"),
        ),
        (_always, _OTHER_PATH),
    ),
    "tail": (
        (
            _always,
            Difference(
                "with another query or fragment", "write what follows ? as declared"
            ),
        ),
    ),
}

"""What pip says: its last words, and whether they leave open who is to blame. Pure.

pip ends with 1 whatever went wrong. Only its words tell an sdist that is broken from a
machine that lacks a network or a compiler; where they leave it open, nobody has
decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["is_of_requirements", "is_unresolved", "last_lines", "trouble_here"]

#: How much is shown: lines, and characters of each.
_MOST_LINES, _LONGEST = 8, 300
#: How much of the end of an output tells why it ended, in lines.
_END = 40

#: Around what a program said that pip started.
_BEGIN_BLOCK, _END_BLOCK = "of output]", "[end of output]"
#: pip's own words behind an error.
_POLITE = re.compile(r"\s*(note:|hint:|\[notice\]|╰─>|│|$)")

#: The step that fetches what a build needs failed: pip 22 to 25, and later ones.
_OF_REQUIREMENTS = re.compile(
    r"install(?:ing)? (?:build|backend) dependencies did not run successfully"
    r"|when installing (?:build|backend) dependencies"
)
#: An index listed versions, and no choice of them will do. Where it listed none, pip
#: does not say whether it was reached at all, nor whether it let anybody in.
_UNRESOLVED = re.compile(
    r"\(from versions: (?!none\))|ResolutionImpossible|conflicting dependencies"
)
#: The index did not answer, or let nobody in.
_UNREACHED = re.compile(
    r"connection broken by|Max retries exceeded|NewConnectionError|ConnectionError"
    r"|ConnectTimeout|ReadTimeout|NameResolutionError|ProxyError|SSLError"
    r"|Could not fetch URL|HTTP error \d"
    r"|\b(?:401|403|407|429|5\d\d) (?:Client |Server )?Error"
    r"|[Nn]ame resolution|Name or service not known|getaddrinfo failed|nodename nor"
    r"|Network is unreachable|Connection (?:refused|reset|timed out)|[Tt]imed out"
)
#: What a machine may lack, and what its lack looks like in the words of build tools.
_LACKING = (
    ("a network", _UNREACHED),
    (
        "a program",
        re.compile(
            r"error: command '.+' failed: No such file|unable to execute '.+': No such"
            r"|[Uu]nknown compiler|No CMAKE_\w+_COMPILER could be found"
            r"|(?:[Cc]ompiler|CMake|cmake|[Cc]argo|rustc|[Nn]inja|pkg-config|pg_config)"
            r"(?: executable|, the Rust package manager,)?"
            r"(?: is| was|:)? (?:not found|not installed|could not be found)"
            r"|CMake must be installed"
            r"|requires? (?:a )?Rust|Python\.h: No such file"
        ),
    ),
    ("memory", re.compile(r"exit code: -9|MemoryError|[Cc]annot allocate memory")),
    ("room on the disk", re.compile(r"No space left on device|Disk quota exceeded")),
)


def last_lines(output: str, hidden: Iterable[str] = ()) -> tuple[str, ...]:
    """The last lines of what was said, without pip's own words around them; each of the
    texts that are ``hidden`` is written as ``***``.
    """
    for text in hidden:
        output = output.replace(text, "***")
    lines = [line.rstrip() for line in _innermost(output).splitlines()]
    lines = [line for line in lines if not _POLITE.match(line)][-_MOST_LINES:]
    indents = (len(line) - len(line.lstrip()) for line in lines)
    indent = min(indents, default=0)
    return tuple(line[indent : indent + _LONGEST] for line in lines)


def is_of_requirements(output: str) -> bool:
    """Whether a build ended because of what it needs, before any of its code ran."""
    return _OF_REQUIREMENTS.search(output) is not None


def is_unresolved(output: str) -> bool:
    """Whether an index was reached, and what it has is not what is needed."""
    return bool(_UNRESOLVED.search(output)) and not _UNREACHED.search(output)


def trouble_here(output: str) -> str:
    """What this machine seems to lack; empty where nothing says so."""
    end = "\n".join(_innermost(output).splitlines()[-_END:])
    return next((what for what, form in _LACKING if form.search(end)), "")


def _innermost(output: str) -> str:
    """What the last program said that pip started, or all where pip speaks itself."""
    end = output.rfind(_END_BLOCK)
    if end < 0:
        return output
    begin = output.rfind(_BEGIN_BLOCK, 0, end)
    return output[output.find("\n", max(begin, 0)) + 1 : end]

"""Python source, cut into logical lines: nothing is imported, and nothing executed.

No module is parsed as a whole: a hostile one may ask the parser for gigabytes
(``import a.a.a`` and on takes the square of its length), or for more stack than a
thread has. ``tokenize`` needs neither, and knows so little of the grammar that it
reads most of what a newer Python brings.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet

__all__ = [
    "MOST_WORDS",
    "UNREADABLE",
    "bound_in",
    "logical_lines",
    "may_bind_unseen",
    "module_lines",
]

#: Of one logical line, in tokens; of one string, in characters.
MOST_WORDS, _LONGEST_TEXT = 200, 200
#: What reading a module may raise.
UNREADABLE = (
    tokenize.TokenError,
    SyntaxError,
    # No UTF-8; a NUL; a number of 5,000 digits.
    ValueError,
    RecursionError,
    MemoryError,
)
#: Stands wherever a string may stand, but for the middle of another.
_OTHER_TEXT = "..."


def logical_lines(
    text: str, *, always: Container[str] = ()
) -> Iterator[tuple[list[str], int]]:
    """The logical lines as words, and how many blocks each is in; raises one of
    ``UNREADABLE`` at what is no Python.

    Of a line that is too long to be parsed only the begin is there, and what ``always``
    holds wherever it comes. Of strings only those are there that are short and plain.
    """
    level, words = 0, list[str]()
    for kind, word in _words(text):
        match kind:
            case tokenize.INDENT:
                level += 1
            case tokenize.DEDENT:
                level -= 1
            case tokenize.NEWLINE | tokenize.ENDMARKER:
                yield words, level
                words = []
            case _ if len(words) <= MOST_WORDS or word in always:
                words.append(word)


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The tokens that mean something, each with its kind.

    A string that is not plain is replaced: the parser would warn of its escapes, and an
    f-string comes in one token or in many, as Python is old or new.
    """
    inside = 0
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        kind = tokenize.tok_name[token.type]
        if kind.endswith("STRING_END"):
            inside -= 1
        elif kind.endswith("STRING_START"):
            inside += 1
            if inside == 1:
                yield tokenize.STRING, _OTHER_TEXT
        elif inside or token.type in (tokenize.COMMENT, tokenize.NL):
            continue
        elif token.type == tokenize.ERRORTOKEN:
            # Where Python 3.11 reads on, it takes the square of what is left.
            raise SyntaxError(f"is no Python: {token.string!r:.20}")
        elif token.type == tokenize.STRING:
            yield token.type, token.string if _is_plain(token.string) else _OTHER_TEXT
        else:
            yield token.type, token.string


def _is_plain(literal: str) -> bool:
    is_text = literal.lstrip("uUrR").startswith(("'", '"'))
    return is_text and len(literal) <= _LONGEST_TEXT and "\\" not in literal


def module_lines(
    text: str, *, always: Container[str] = ()
) -> Iterator[tuple[list[str], int, bool]]:
    """The logical lines as ``logical_lines`` has them, and whether each is inside of a
    function or a class, so that what it binds is no name of the module.
    """
    headers: list[int] = []
    for words, level in logical_lines(text, always=always):
        while headers and level <= headers[-1]:
            headers.pop()
        yield words, level, bool(headers)
        if words[:1] in (["def"], ["class"], ["async"]):
            headers.append(level)


def may_bind_unseen(content: bytes) -> bool:
    """Whether a module may get names that none of its lines shows."""
    return _UNSEEN.search(content) is not None


_UNSEEN = re.compile(
    rb"import[ \t]{0,8}\(?[ \t]{0,8}\*|__getattr__|globals\(|locals\(|vars\(|setattr\("
    rb"|__dict__|\bexec\b|sys\.modules|(?i:lazy)"
)


def bound_in(words: list[str], names: AbstractSet[str]) -> set[str]:
    """Those of the names that a logical line may bind; it does not bind what it only
    uses. All are looked for at once: a line may hold as many words as there are names.
    """
    match words:
        case ["def" | "class", bound, *_] | ["async", "def", bound, *_]:
            return {bound} & names
    if "import" in words:
        renamed = zip(words, [*words[1:], ""], strict=True)
        return {word for word, after in renamed if word in names and after != "as"}
    is_binder = not _BINDERS.isdisjoint(words)
    last = len(words) if is_binder else max(_last_assignment(words), 0)
    return {word for word in words[:last] if word in names}


#: What binds a name wherever it stands in the line.
_BINDERS = {":=", "for", "with", "except", "global", "case", "type", "def", "class"}


def _last_assignment(words: list[str]) -> int:
    """Where the last ``=`` stands that is no argument's, -1 where there is none."""
    depth, last = 0, -1
    for place, word in enumerate(words):
        if word in ("(", "[", "{"):
            depth += 1
        elif word in (")", "]", "}"):
            depth -= 1
        elif word == "=" and not depth:
            last = place
    return last

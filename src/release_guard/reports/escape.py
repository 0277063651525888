"""The one place where text from outside is made harmless.

File names, metadata, tags and index answers may hold anything: terminal codes, a line
that a CI runner obeys, Markdown, HTML, or text that reads backwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from itertools import accumulate
from textwrap import wrap

__all__ = [
    "address",
    "code",
    "command",
    "entities",
    "fenced",
    "html",
    "json_text",
    "line",
    "log",
    "plain",
    "quoted",
    "visible",
    "xml",
    "yaml",
    "yaml_comment",
]

_LINE = re.compile(r"\r\n|\r|\n")
#: How a command begins that may stand anywhere in a line: ``##[name]`` on GitHub,
#: ``##vso[name]`` on Azure Pipelines (microsoft/azure-pipelines-agent ``Command``),
#: ``##teamcity[name]`` on TeamCity.
_ANYWHERE = re.compile(r"##(?=\w*\[)")


#: Printable characters that nobody sees: fillers, joiners, variation selectors
#: (Unicode, Default_Ignorable_Code_Point), and the Braille pattern without a dot.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def visible(text: str) -> str:
    r"""One line of characters that can be seen; what cannot is written as an escape.

    Line ends, control and format characters (bidirectional marks, zero widths),
    fillers and undecodable bytes all show as ``\x1b`` or ``\u202e``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() and not _INVISIBLE.match(character)
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def log(text: str) -> str:
    """Several lines for a terminal or a runner's log, none of which is a command.

    A runner obeys ``::name::`` at a line's beginning and ``##[name]`` anywhere
    (actions/runner ``ActionCommand``); others have forms like the second.
    """
    return "\n".join(line(part) for part in _LINE.split(text))


def line(text: str) -> str:
    """One line for a terminal or a runner's log, whatever line ends the text holds."""
    return _inert(visible(text))


def _inert(text: str) -> str:
    stripped = text.lstrip()
    if stripped.startswith("::"):
        text = text[: len(text) - len(stripped)] + ": :" + stripped[2:]
    return _ANYWHERE.sub("# #", text)


#: The runner cuts an annotation's message there, counted as .NET counts: in UTF-16.
_LONGEST = 4096
_CUT = "\n(cut; the report has all of it)"


def command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One of our own workflow commands, its parts escaped as the runner reads them. A
    message that is too long for the runner is cut, and says so.
    """
    shown = "\n".join(visible(part) for part in _LINE.split(message))
    shown = _ANYWHERE.sub("# #", shown)
    if _units(shown) > _LONGEST:
        shown = _shortened(shown, _LONGEST - len(_CUT)) + _CUT
    data = shown.replace("%", "%25").replace("\n", "%0A")
    given = ",".join(f"{key}={_property(text)}" for key, text in properties.items())
    return _ANYWHERE.sub("# #", f"::{f'{name} {given}'.rstrip()}::{data}")


def _units(text: str) -> int:
    """The length of a text in units of UTF-16; no codec, which may be loaded too late:
    the container's root is given up by then.
    """
    return len(text) + sum(character > "\uffff" for character in text)


def _shortened(text: str, most: int) -> str:
    """The first characters of a text, in so many units of UTF-16."""
    ends = accumulate(map(_units, text[:most]))
    return text[: sum(end <= most for end in ends)]


def _property(text: str) -> str:
    escaped = visible(text).replace("%", "%25")
    return escaped.replace(":", "%3A").replace(",", "%2C")


# --- Markdown and HTML ------------------------------------------------------------

#: What begins nothing in GitHub's Markdown, wherever it stands.
_HARMLESS = frozenset(",;'\"/?%(")
#: What GitHub makes links or pictures of, behind entities too but not in code: people
#: and addresses of mail, issues, emoji, commits.
_LINKED = re.compile(r"[@#]|\bGH-\d|:\w+:|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
_SPACES = re.compile("( +)")
#: A text that a code span shows as it is, in a table too: no backtick, bar or
#: backslash, and no space that would be lost.
_SPAN = re.compile(r"(?! )[^`|\\]+(?<! )")


def plain(text: str) -> str:
    """Markdown that shows the text as it is, in the type around it.

    Letters, digits and single spaces stand for themselves, and so does the punctuation
    that means nothing in its place. The rest are entities, with which no Markdown and
    no HTML can begin (CommonMark, section 2.5). A word that GitHub would make a link of
    is in code type.
    """
    return "".join(map(_plain_word, _SPACES.split(visible(text))))


def _plain_word(word: str) -> str:
    """A word, or the spaces between two, of which readers keep but the first."""
    if word.startswith(" "):
        return " " + "&#32;" * (len(word) - 1)
    if _LINKED.search(word):
        return entities(word)
    around = zip(f"\0{word}", word, f"{word}\0"[1:], strict=False)
    return "".join(
        character if _is_harmless(before, character, after) else _entity(character)
        for before, character, after in around
    )


def _is_harmless(before: str, character: str, after: str) -> bool:
    """Whether a character means nothing between its neighbours."""
    match character:
        case ":":
            return before.isalpha() and after == "\0"
        case "." | ")" | "-":
            # Behind a letter it ends no number of a list, and "www." makes a link.
            is_behind_a_letter = before.isalpha() and before not in "wW"
            return is_behind_a_letter or (before.isdigit() and after.isdigit())
    return character.isalnum() or character in _HARMLESS or not character.isascii()


def _entity(character: str) -> str:
    return f"&#{ord(character)};" + "<!-- -->" * (character == "@")


def code(text: str) -> str:
    """Markdown that shows the text as it is, in code type: a code span, in which
    nothing means anything, or what ``entities`` makes where a span would lose some or
    a runner that prints it would find a command.
    """
    shown = visible(text)
    is_whole = _SPAN.fullmatch(shown) and shown == _inert(shown)
    return f"`{shown}`" if is_whole else entities(text)


def entities(text: str) -> str:
    """Markdown, and HTML inside of Markdown, that shows the text in code type.

    Each punctuation mark is an entity: no entity can begin Markdown or HTML
    (CommonMark, section 2.5), and a table cell ends at none.
    """
    return f"<code>{_in_entities(text)}</code>"


def quoted(lines: Iterable[str]) -> str:
    """Markdown, for a table's cell too, that shows lines with their spaces."""
    return f"<pre>{'&#10;'.join(map(_in_entities, lines))}</pre>"


def _in_entities(text: str) -> str:
    return "".join(
        character if character.isalnum() or character == " " else _entity(character)
        for character in visible(text)
    )


def fenced(text: str, language: str) -> str:
    """A block of Markdown that shows one line of code as it is; of HTML, where a runner
    that prints it would find a command.
    """
    shown = visible(text)
    if shown != _inert(shown):
        return f'<pre lang="{language}"><code>{_in_entities(text)}</code></pre>'
    runs = (len(run) for run in re.findall("`+", shown))
    fence = "`" * max([3, *(length + 1 for length in runs)])
    return f"{fence}{language}\n{shown}\n{fence}"


def html(text: str) -> str:
    """HTML that shows the text as it is, in an element or an attribute's quotes, and in
    which a runner that prints it finds no command.
    """
    shown = escape(visible(text))
    return shown.replace("::", ":&#58;").replace("##", "#&#35;")


#: What an address of a page may hold, to be safe in Markdown and HTML alike.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.:-]*(?:/[A-Za-z0-9./_~+#=-]*)?")


def address(url: str) -> str:
    """The URL, where it may stand as a link as it is; else nothing."""
    return url if _ADDRESS.fullmatch(url) else ""


def json_text(text: str) -> str:
    """JSON text (ASCII) in which a runner that prints it finds no command.

    Both forms can only stand inside a JSON string, where an escape means the same.
    """
    return text.replace("::", ":\\u003a").replace("##", "#\\u0023")


def xml(text: str) -> str:
    """One line of XML 1.0 character data, for an element or a quoted attribute.

    What is printable is a character of XML, so that ``visible`` leaves none that is not
    (XML 1.0, section 2.2); and no runner that prints it finds a command.
    """
    return html(text)


#: A text that every reader of YAML takes as it is written, and no word of its own.
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z0-9._/@-]*[A-Za-z0-9])?", re.ASCII)
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def yaml(text: str) -> str:
    """One YAML scalar that is read as this text: plain where that is certain, else in
    double quotes (YAML 1.2, section 7.3.1; 1.1 reads it alike).
    """
    if _WORD.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return f'"{"".join(map(_in_quotes, text))}"'


def _in_quotes(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isascii() and character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= _BASIC else f"\\U{number:08x}"


#: The last character of Unicode that four hexadecimal digits name.
_BASIC = 0xFFFF


def yaml_comment(text: str, *, indent: int = 0, width: int = 80) -> str:
    """A comment of YAML, in lines no longer than ``width`` where words allow it. What
    ends a line for any reader (NEL, U+2028) is not printable, and so an escape.
    """
    head = f"{' ' * indent}# "
    lines = wrap(
        visible(text),
        width - len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{head}{line}\n" for line in lines)

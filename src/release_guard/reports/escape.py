"""The one place where text from outside is made harmless.

File names, metadata, tags and index answers may hold anything: terminal codes, a line
that a CI runner obeys, Markdown, HTML, or text that reads backwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["code", "command", "json_text", "line", "log", "visible"]

_LINE = re.compile(r"\r\n|\r|\n")


def visible(text: str) -> str:
    r"""One line of printable characters; whatever is not is written as an escape.

    Line ends, control and format characters (bidirectional marks, zero widths) and
    undecodable bytes all show as ``\x1b`` or ``\u202e``.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def log(text: str) -> str:
    """Several lines for a terminal or a runner's log, none of which is a command.

    A runner obeys ``::name::`` at a line's beginning and ``##[name]`` anywhere
    (actions/runner ``ActionCommand``).
    """
    return "\n".join(line(part) for part in _LINE.split(text))


def line(text: str) -> str:
    """One line for a terminal or a runner's log, whatever line ends the text holds."""
    return _inert(visible(text))


def _inert(text: str) -> str:
    stripped = text.lstrip()
    if stripped.startswith("::"):
        text = text[: len(text) - len(stripped)] + ": :" + stripped[2:]
    return text.replace("##[", "# #[")


def command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One of our own workflow commands, its parts escaped as the runner reads them."""
    lines = [visible(part) for part in _LINE.split(message)]
    data = "\n".join(lines).replace("%", "%25").replace("\n", "%0A")
    given = ",".join(f"{key}={_property(text)}" for key, text in properties.items())
    return f"::{f'{name} {given}'.rstrip()}::{data}".replace("##[", "# #[")


def _property(text: str) -> str:
    escaped = visible(text).replace("%", "%25")
    return escaped.replace(":", "%3A").replace(",", "%2C")


def code(text: str) -> str:
    """Markdown that shows the text as it is, in code type.

    Each punctuation mark is an entity: no entity can begin Markdown or HTML
    (CommonMark, section 2.5), a table cell ends at none, and no link is made of it.
    """
    shown = "".join(
        character if character.isalnum() or character == " " else f"&#{ord(character)};"
        for character in visible(text)
    )
    return f"<code>{shown}</code>"


def json_text(text: str) -> str:
    """JSON text (ASCII) in which a runner that prints it finds no command.

    Both forms can only stand inside a JSON string, where an escape means the same.
    """
    return text.replace("::", ":\\u003a").replace("##", "#\\u0023")

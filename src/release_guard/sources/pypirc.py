"""``~/.pypirc``, as twine reads it (``twine.utils.get_config``).

A section counts only where ``index-servers`` lists it, and that is ``pypi testpypi``
where it is not given.
"""

from __future__ import annotations

import configparser
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from release_guard.errors import SourceError
from release_guard.layouts import PUBLIC_INDEXES, public_repository_url
from release_guard.sources.files import read_small
from release_guard.sources.home import home_file, is_there

__all__ = ["Pypirc", "Section", "read_pypirc"]

_LARGEST = 64 << 10
#: The parser's time grows with the square of a line's blanks.
_LONGEST_LINE = 8 << 10


@dataclass(frozen=True, slots=True)
class Section:
    """What the file says of one index; ``repository`` is its upload URL, as written.

    None is "it does not say". All of it may hold a password, since people write a URL
    in place of a name.
    """

    name: str = field(repr=False)
    repository: str | None = field(repr=False)
    username: str | None = field(repr=False)
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pypirc:
    """The file: what it says of each index that ``index-servers`` lists, in that order.

    One that is listed without a section of its own has nothing said of it.
    """

    path: Path
    sections: tuple[Section, ...]

    @property
    def listed(self) -> frozenset[str]:
        """The names of the indexes that twine looks up."""
        return frozenset(each.name for each in self.sections)

    def repository(self, name: str) -> str | None:
        """The upload URL that the file gives an index, None where it gives none."""
        given = (each.repository for each in self.sections if each.name == name)
        return next(given, None)

    def upload_url(self, name: str) -> str | None:
        """Where twine uploads to by this name (``--repository``, ``TWINE_REPOSITORY``),
        None where it has no URL for it: ``pypi``, and ``testpypi`` where it is listed,
        have twine's own where the file gives them none.
        """
        given = self.repository(name)
        is_public = name == "pypi" or name in {*PUBLIC_INDEXES} & self.listed
        return public_repository_url(name) if given is None and is_public else given


def read_pypirc(environ: Mapping[str, str]) -> Pypirc:
    """What the file says; of the two public indexes nothing where there is no file.

    Raises ``SourceError`` where there is one that cannot be read, or that twine could
    not read. No message holds a line of it: a password may stand there, as twine says
    as well.
    """
    path = home_file(environ, ".pypirc")
    config = _config(path)
    default = " ".join(PUBLIC_INDEXES)
    listed = config.get("distutils", "index-servers", fallback=default).split()
    sections = (
        Section(
            name,
            config.get(name, "repository", fallback=None),
            config.get(name, "username", fallback=None),
            config.get(name, "password", fallback=None),
        )
        for name in dict.fromkeys(listed)
    )
    return Pypirc(path, tuple(sections))


def _config(path: Path) -> configparser.RawConfigParser:
    config = configparser.RawConfigParser()
    if not is_there(path):
        return config
    content = read_small(path, SourceError, largest=_LARGEST)
    if max(map(len, content.splitlines()), default=0) > _LONGEST_LINE:
        raise SourceError(f"{path}: has a line of more than {_LONGEST_LINE} bytes")
    try:
        config.read_file(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        line = _line(error)
        where = f" (line {line})" if line else ""
        raise SourceError(f"{path}: twine cannot read it{where}") from None
    return config


def _line(error: configparser.Error | UnicodeDecodeError) -> int:
    """The line that the parser stumbled over, 0 where it does not say."""
    errors = getattr(error, "errors", ())
    line = errors[0][0] if errors else getattr(error, "lineno", None)
    return int(line or 0)

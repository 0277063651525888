"""``.netrc``, as the standard library reads it, and where it is looked for."""

from __future__ import annotations

import netrc
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from release_guard.errors import SourceError
from release_guard.sources.files import read_small
from release_guard.sources.home import home_file, is_there

__all__ = ["Login", "Netrc", "read_netrc"]

#: As ``requests`` has it for pip: both names, on every system.
_NAMES = (".netrc", "_netrc")
_LARGEST = 256 << 10


@dataclass(frozen=True, slots=True)
class Login:
    """What the file says of one machine; either may be empty, and both are secret."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Netrc:
    """The logins by the name of the machine, as it is written there.

    ``has_default`` says whether there is a login for every other machine, too, which is
    left out.
    """

    logins: Mapping[str, Login] = field(default_factory=dict, repr=False)
    has_default: bool = False


def read_netrc(environ: Mapping[str, str]) -> Netrc:
    """What the file says; nothing where there is none.

    Raises ``SourceError`` where there is one that cannot be read. ``requests``, and pip
    with it, passes over such a file without a word (psf/requests#2654). No message
    holds anything of the file, nor of the variable that names it: people have put the
    content itself into the variable.
    """
    found = _path(environ)
    if found is None:
        return Netrc()
    path, place = found
    try:
        read_small(path, SourceError, largest=_LARGEST)
    except SourceError as error:
        raise SourceError(place + error.message.removeprefix(f"{path}")) from None
    try:
        # It takes nothing but a path. That the file was small and no pipe a moment ago
        # has to do: whoever can change it in between can write passwords into it.
        entries = netrc.netrc(path).hosts
    except netrc.NetrcParseError as error:
        # Its text quotes the word that it stumbled over, which may be a password.
        where = f" (near line {error.lineno})" if error.lineno else ""
        raise SourceError(f"{place}: cannot be parsed{where}") from None
    except UnicodeError:
        raise SourceError(f"{place}: is not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise SourceError(f"{place}: {reason}") from None
    logins = {
        name: Login(login or account or "", password or "")
        for name, (login, account, password) in entries.items()
        # A machine of that name cannot be told from the login for all machines.
        if name != "default"
    }
    return Netrc(logins, has_default="default" in entries)


def _path(environ: Mapping[str, str]) -> tuple[Path, str] | None:
    """The file, and what messages call it; None where there is none.

    ``NETRC`` set to nothing, or to the null device, is how people ask for none.
    """
    if "NETRC" in environ:
        named = environ["NETRC"]
        if named in ("", os.devnull):
            return None
        path = home_file(environ, named[2:]) if named[:2] == "~/" else Path(named)
        return path, "the file that NETRC names"
    paths = (home_file(environ, name) for name in _NAMES)
    return next(((path, str(path)) for path in paths if is_there(path)), None)

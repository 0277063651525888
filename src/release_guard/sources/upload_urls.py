"""Where the upload will go, as the options, the environment and ``~/.pypirc`` say it.

What twine does (``twine.settings``, ``twine.utils.get_repository_from_config``):

1. ``--repository-url``, or without it ``TWINE_REPOSITORY_URL``, is the upload URL;
   ``.pypirc`` is not opened then.
2. Else ``--repository``, or without it ``TWINE_REPOSITORY``, or without that ``pypi``,
   is looked up in ``.pypirc`` (``pypirc.py`` has how that is read, and what a name
   means of which the file says nothing).

Which options the uploader will be given is not known here, so that no winner is picked:
everything counts that an upload from this environment could use, and all of it must
agree. So these are said, each where it is there and not empty:

- the ``--repository-url`` of release-guard: the user's word;
- ``UV_PUBLISH_URL``, which ``uv publish`` reads; it reads none of the others;
- ``TWINE_REPOSITORY_URL``. Where it is set, twine asks neither ``TWINE_REPOSITORY``
  nor ``.pypirc``, whatever its options are, and neither says anything;
- else what ``TWINE_REPOSITORY`` stands for. Where no file gives it a URL it must be the
  name of the chosen index, of which it then says no more; any other name leaves open
  where the upload goes (a ``.pypirc`` may still be written);
- else the ``repository`` that ``.pypirc`` gives the section of the chosen index's name:
  ``twine upload -r NAME`` takes it, and for ``pypi`` plain ``twine upload``. That is so
  beside a ``--repository-url``, too. Sections of other names say nothing.

An empty variable is one that is not set: twine passes over an empty
``TWINE_REPOSITORY_URL``; the other two keep twine or uv from starting at all, unless an
option takes their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from release_guard.errors import SourceError
from release_guard.facts import Destination, SaidUrl
from release_guard.sources.pypirc import read_pypirc

__all__ = ["read_destination"]

_HINT = "mend the file, or set TWINE_REPOSITORY_URL, which twine asks first"


def read_destination(
    environ: Mapping[str, str], *, repository_url: str = "", index_name: str = ""
) -> Destination:
    """Each upload URL that is said for an upload to the index of this name.

    ``repository_url`` is the option, ``index_name`` is empty for an index without one.
    Raises ``SourceError`` where ``.pypirc`` counts and cannot be read, or does not give
    what it is asked for.
    """
    return Destination(tuple(_said(environ, repository_url, index_name)))


def _said(
    environ: Mapping[str, str], repository_url: str, index_name: str
) -> Iterator[SaidUrl]:
    if repository_url:
        yield SaidUrl(repository_url, "--repository-url")
    for variable in ("UV_PUBLISH_URL", "TWINE_REPOSITORY_URL"):
        if environ.get(variable):
            yield SaidUrl(environ[variable], variable)
    if environ.get("TWINE_REPOSITORY_URL"):
        return
    named = environ.get("TWINE_REPOSITORY", "")
    name = named or index_name
    if not name:
        return
    try:
        pypirc = read_pypirc(environ)
    except SourceError as error:
        raise SourceError(error.message, hint=_HINT) from None
    given = pypirc.repository(name)
    url = pypirc.upload_url(name) if named else given
    if url is not None:
        places = ["TWINE_REPOSITORY"] if named else []
        places += [f".pypirc [{name:.60}]"] if given is not None else []
        yield SaidUrl(url, " and ".join(places))
    elif named and named != index_name:
        raise SourceError(
            f"TWINE_REPOSITORY: {pypirc.path} gives {_shown(named)} no URL",
            hint="set TWINE_REPOSITORY_URL in its place, or list it in .pypirc",
        )


def _shown(name: str) -> str:
    """A name as it may be printed: a URL in its place may hold a password."""
    return f"{name!r:.60}" if re.fullmatch(r"[\w.-]+", name) else "what it names"

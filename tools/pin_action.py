"""Have ``action.yml`` name a built image, by its digest.

``python tools/pin_action.py IMAGE@sha256:DIGEST`` writes, where the action is the one
of ``main``. ``--check HOST/NAME MAIN`` says which image the action of a release names,
where it is one of that name, and nothing else differs from ``main``'s action, which is
the file ``MAIN``. Whatever is not exactly as it should be is refused, and nothing is
written.

It needs nothing but Python: it runs where releases are made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ACTION = Path("action.yml")
#: How the generated action ends (tools/generate.py); ``image`` is the last line.
RUNS = re.compile(r"\nruns:\n  using: docker\n  image: (\S+)\n\Z")
BUILT = "Dockerfile"
#: Host, with its port if there is one, path, digest: what the runner pulls (docker's
#: reference grammar, in lower case). Without a host it would be Docker's own registry,
#: which nobody said; a tag beside the digest would say what need not be true.
REFERENCE = re.compile(
    r"(?=[^/]*[.:])[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[0-9]{1,5})?"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+"
    r"@sha256:[0-9a-f]{64}"
)
#: Some put it where a digest was not known yet.
NO_DIGESTS = frozenset(digit * 64 for digit in "0123456789abcdef")
_LONGEST = 500


class RefusedError(Exception):
    """The action or the image is not what it should be."""


def pinned(text: str, image: str) -> str:
    """The action of ``main``, with an image in place of the Dockerfile.

    Raises ``RefusedError`` where the image is not named by a digest alone, or the
    action is not the one of ``main``.
    """
    _refuse_reference(image)
    if _image(text) != BUILT:
        raise RefusedError(f"{ACTION}: names another image than the {BUILT}")
    return text.removesuffix(f"{BUILT}\n") + f"docker://{image}\n"


def image_of(text: str) -> str:
    """The image that the action of a release names; raises ``RefusedError``."""
    scheme, separator, image = _image(text).partition("://")
    if (scheme, separator) != ("docker", "://"):
        raise RefusedError(f"{ACTION}: names no built image")
    _refuse_reference(image)
    return image


def released(text: str, main: str, name: str) -> str:
    """The image of a release's action, which is ``main``'s pinned to an image of ours.

    Raises ``RefusedError`` where the image has another name, or anything else differs.
    """
    image = image_of(text)
    if image.partition("@")[0] != name:
        raise RefusedError(f"{ACTION}: expected an image of {name!r}, found {image}")
    if text != pinned(main, image):
        raise RefusedError(f"{ACTION}: differs from main's by more than the image")
    return image


def _refuse_reference(image: str) -> None:
    if len(image) > _LONGEST or REFERENCE.fullmatch(image) is None:
        raise RefusedError(
            f"expected HOST/NAME@sha256:DIGEST, without a tag, found {image!r:.120}"
        )
    if image.rpartition(":")[2] in NO_DIGESTS:
        raise RefusedError(f"that is nobody's digest: {image}")


def _image(text: str) -> str:
    """What ``runs.image`` says."""
    runs = RUNS.search(text)
    if runs is None or text.count("\nruns:") != 1:
        raise RefusedError(f"{ACTION}: does not end as the generated one does")
    return runs[1]


def _read(path: Path) -> str:
    """The text of a file, its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write, or check."""
    try:
        match arguments:
            case ["--check", name, before]:
                print(released(_read(ACTION), _read(Path(before)), name))
            case [image]:
                text = pinned(_read(ACTION), image)
                ACTION.write_bytes(text.encode("utf-8"))
            case _:
                raise RefusedError("expected one image, or --check HOST/NAME MAIN")
    except (RefusedError, OSError, UnicodeError) as error:
        print(f"pin_action: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

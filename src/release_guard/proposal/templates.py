"""Which tag templates a project's tags are written by.

The tags are compared with the versions that the index lists, where it lists any: of two
forms that could be the project's (``demo-1.0`` beside ``js-1.0``) they tell which is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.filenames import parse_version
from release_guard.policy import TAG_TEMPLATES
from release_guard.proposal.seen import is_plain
from release_guard.tags import read_tag

__all__ = ["Form", "Forms", "forms_of", "tag_filter"]

#: More forms than this are no habit.
_MOST = 4
#: So many releases make another form a habit.
_HABIT = 2
#: What may stand between a prefix and a version, or the ``v`` before it.
_MARKS = "-_/@=."


@dataclass(frozen=True, slots=True)
class Form:
    """A template, and the tags that are written by it, newest version first; ``names``
    are the spellings of the project's name in them, where the template has it.
    """

    template: str
    tags: tuple[str, ...]
    versions: tuple[Version, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a project's release tags, and the ``strange`` tags, which look like
    versions and are of none of them.
    """

    forms: tuple[Form, ...] = ()
    strange: tuple[str, ...] = ()

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates, in the order of the forms."""
        return tuple(form.template for form in self.forms)

    @property
    def releases(self) -> tuple[str, ...]:
        """The release tags, newest version first."""
        pairs = [
            pair
            for form in self.forms
            for pair in zip(form.versions, form.tags, strict=True)
        ]
        return tuple(tag for _, tag in sorted(pairs, reverse=True))


def forms_of(
    tags: Iterable[str],
    project: NormalizedName,
    *,
    folder: str = "",
    released: Collection[Version] = (),
) -> Forms:
    """The forms that the tags of a project have; ``released`` are the versions that the
    index lists, none where it was not read or does not know the project.
    """
    found: dict[str, list[tuple[Version, str, str]]] = defaultdict(list)
    strange = []
    for tag in tags:
        read = _read(tag, project, folder)
        if read is not None:
            template, version, name = read
            found[template].append((version, tag, name))
        elif any(map(str.isdigit, tag)):
            strange.append(tag)
    forms = [_form(template, rows) for template, rows in found.items()]
    chosen = tuple(_chosen(forms, frozenset(released)))
    left = [tag for form in forms if form not in chosen for tag in form.tags]
    return Forms(chosen, tuple(sorted([*strange, *left])))


def _form(template: str, rows: Iterable[tuple[Version, str, str]]) -> Form:
    ordered = sorted(rows, reverse=True)
    return Form(
        template,
        tuple(tag for _, tag, _ in ordered),
        tuple(version for version, _, _ in ordered),
        tuple(dict.fromkeys(name for _, _, name in ordered if name)),
    )


def _chosen(forms: Iterable[Form], released: frozenset[Version]) -> Iterator[Form]:
    """The forms that are the project's. With released versions: as few as tell as many
    of them as can be told. Without: what names the project; else what names nothing;
    else the only form there is.
    """
    left = sorted(forms, key=_order)
    if not any(released.intersection(form.versions) for form in left):
        ranks = [_rank(form.template) for form in left]
        best = min(ranks, default=0)
        mine = [f for f, rank in zip(left, ranks, strict=True) if rank == best]
        # Of forms with words of their own nothing tells which are the project's.
        if best < _OTHER or len(mine) == 1:
            yield from mine[:_MOST]
        return
    told: set[Version] = set()
    for _ in range(_MOST):
        # max takes the first of equals, which _order has put in front.
        best_form = max(
            left,
            key=lambda f: len(released.intersection(f.versions) - told),
            default=None,
        )
        if best_form is None:
            return
        new = len(released.intersection(best_form.versions) - told)
        # One tag of another form was a slip, and shall not be a habit.
        if new < (_HABIT if told else 1):
            return
        told.update(best_form.versions)
        left.remove(best_form)
        yield best_form


_OWN, _COMMON, _OTHER = range(3)


def _rank(template: str) -> int:
    if "{name}" in template or "{path}" in template:
        return _OWN
    return _COMMON if template in TAG_TEMPLATES else _OTHER


def _order(form: Form) -> tuple[int, int, str]:
    return _rank(form.template), -len(form.tags), form.template


def _read(
    tag: str, project: NormalizedName, folder: str
) -> tuple[str, Version, str] | None:
    """The template that a tag is written by, the version in it, read as the rules read
    it, and the project's name as the tag spells it, empty where it does not; None for a
    tag that is none of a release.
    """
    if not is_plain(tag):
        return None
    for template, name in _templates(tag, project, folder):
        reading = read_tag(tag, template, project=project, path=folder)
        if reading is not None and reading.spelled[:1].isdigit():
            return template, reading.version, name
    return None


def _templates(
    tag: str, project: NormalizedName, folder: str
) -> Iterator[tuple[str, str]]:
    """The templates that a tag may be written by, likeliest first, each with the
    spelling of the project's name.
    """
    cuts = [
        at
        for at, character in enumerate(tag)
        if character.isdigit() and (at == 0 or _ends(tag[:at]))
    ]
    for at in cuts:
        head, mark, v = _prefix(tag[:at])
        if head and mark and canonicalize_name(head) == project:
            yield f"{{name}}{mark}{v}{{version}}", head
        elif folder and head == folder and mark:
            yield f"{{path}}{mark}{v}{{version}}", ""
    # A later number of a date (2026-07-22) is no version: only the first may be one.
    if cuts and parse_version(tag[cuts[0] :]) is not None:
        yield f"{tag[: cuts[0]]}{{version}}", ""


def _ends(prefix: str) -> bool:
    """Whether a version may begin behind this prefix."""
    return prefix[-1] in _MARKS or prefix.isalpha() or _prefix(prefix)[2] == "v"


def _prefix(prefix: str) -> tuple[str, str, str]:
    """A prefix as its words, the marks behind them, and the ``v`` before a version."""
    v = "v" if re.search(rf"(^|[{re.escape(_MARKS)}])v$", prefix) else ""
    words = prefix.removesuffix(v) if v else prefix
    head = words.rstrip(_MARKS)
    return head, words[len(head) :], v


#: What means something else in a filter of refs.
_FILTER_WORDS = re.compile(r"[+?*!\[\]\\]")


def tag_filter(template: str, name: str, folder: str = "") -> str:
    """A workflow's filter for the tags of a template: ``v[0-9]*``.

    A filter is literal, so that each spelling of the project's ``name`` needs its own.
    ``*`` stands for no slash, and a version has none. What means something in a filter
    is escaped.
    """
    words = {"{name}": name, "{path}": folder}
    parts = re.split(r"(\{(?:name|path|version)\})", template)
    return "".join(
        "[0-9]*"
        if part == "{version}"
        else _FILTER_WORDS.sub(r"\\\g<0>", words.get(part, part))
        for part in parts
    )

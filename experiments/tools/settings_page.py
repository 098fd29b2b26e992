"""Writes docs/settings.md: a table of the keys of each method, from the settings dataclasses.

  python experiments/tools/settings_page.py

A key that all methods of a group share, with the same default, is listed once, in the table of the
group.
"""

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, get_type_hints

from glove_jax import pretraining
from glove_jax.finetuning.settings import CONFIGS
from glove_jax.settings import describe_bounds, limits_of

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "settings.md"

_INTRODUCTION = """\
# Settings

Every key of every method, made by `python experiments/tools/settings_page.py` from the dataclasses
in [`glove_jax/pretraining`](../glove_jax/pretraining/settings.py) and
[`glove_jax/finetuning`](../glove_jax/finetuning/settings.py).

* On the command line a key is `--config.KEY=VALUE`; `--help` beside `--config=FILE` prints the keys
  of a config.
* In Python it is a keyword: `gj.pretrain("wiki.txt", method="word2vec", window=8)`.
* Both have the same defaults. A key in its old spelling is accepted, with a note.
* Keys that several methods share, with the same default, are listed once, in a table of the group.
  The table of a method has its other keys, and links to its groups.
"""
_HEADER = ("key", "default", "values", "meaning", "old spelling")
_TYPES = {
  bool: "True, False",
  int: "whole number",
  float: "number",
  str: "text",
  bool | None: "True, False, None",
  int | None: "None, or a whole number",
  str | None: "None, or text",
}


class Group(NamedTuple):
  """Methods whose common keys have a table of their own."""

  title: str
  methods: tuple[str, ...]  # as in `Family.classes`


class Family(NamedTuple):
  """The methods of a program."""

  title: str
  classes: dict[str, type]  # method or config -> settings dataclass
  groups: tuple[Group, ...]  # the largest first


class Key(NamedTuple):
  """A row of a table."""

  name: str
  default: str
  values: str
  meaning: str
  former: str


PRETRAINING = Family(
  title="Pretraining",
  classes=pretraining.SETTINGS,
  groups=(
    Group("Pretraining: all methods", tuple(pretraining.SETTINGS)),
    Group("All word vectors", ("glove_als", "glove", "ppmi_svd", "word2vec", "fasttext")),
    Group("Methods that count", ("glove_als", "glove", "ppmi_svd")),
    Group("Both kinds of GloVe", ("glove_als", "glove")),
    Group("Methods that read windows", ("word2vec", "fasttext")),
    Group("Language models", ("bert", "gpt")),
  ),
)
FINETUNING = Family(
  title="Fine-tuning",
  classes=CONFIGS,
  groups=(
    Group("Fine-tuning: all methods", tuple(CONFIGS)),
    Group("All encoders", ("classify", "tag", "bert_classify", "bert_tag")),
    Group("Classification", ("classify", "bert_classify", "fasttext_supervised")),
    Group("Classification by an encoder", ("classify", "bert_classify")),
    Group("Tagging", ("tag", "bert_tag")),
    Group("Word vectors", ("classify", "tag")),
    Group("Transformers", ("bert_classify", "bert_tag")),
  ),
)
_ORDER = {
  "Pretraining": ("glove_als", "glove", "ppmi_svd", "word2vec", "fasttext", "bert", "gpt"),
  "Fine-tuning": ("classify", "tag", "fasttext_supervised", "bert_classify", "bert_tag"),
}


def page() -> str:
  """Returns the text of docs/settings.md."""
  sections = [_INTRODUCTION]
  for title, methods in _ORDER.items():
    links = ", ".join(f"[`{name}`](#{name})" for name in methods)
    sections.append(f"{title}: {links}.\n")
  for family in (PRETRAINING, FINETUNING):
    sections += _family_sections(family)
  sections.append(_former_spellings())
  return "\n".join(sections)


def keys(cls: type) -> dict[str, Key]:
  """Returns the keys of a settings dataclass by name."""
  hints = get_type_hints(cls)
  rows = {}
  for field in dataclasses.fields(cls):
    limits = limits_of(field)
    rows[field.name] = Key(
      name=f"`{field.name}`",
      default=_code(field.default),
      values=_values(hints[field.name], limits),
      meaning=_escape(limits.text),
      former=", ".join(map(_code, limits.former)),
    )
  return rows


def _family_sections(family: Family) -> Iterator[str]:
  """Yields the tables of groups, then those of methods; no key of a method is listed twice."""
  rest = {name: keys(family.classes[name]) for name in _ORDER[family.title]}
  for group in family.groups:
    shared = _take_shared([rest[name] for name in group.methods])
    if shared:
      names = ", ".join(map(_code, group.methods))
      yield f"## {group.title}\n\nOf {names}.\n\n{_table(shared)}"
  for name, rows in rest.items():
    others = [group.title for group in family.groups if name in group.methods]
    summary = family.classes[name].__doc__
    links = ", ".join(f"[{title}](#{_anchor(title)})" for title in others)
    yield f"## `{name}`\n\n{summary} Other keys: {links}.\n\n{_table(list(rows.values()))}"


def _take_shared(methods: Sequence[dict[str, Key]]) -> list[Key]:
  """Removes the rows that are equal in all methods, and returns them."""
  shared = []
  for name, row in list(methods[0].items()):
    if all(rows.get(name) == row for rows in methods):
      shared.append(row)
      for rows in methods:
        del rows[name]
  return shared


def _former_spellings() -> str:
  """Returns the table of all old spellings."""
  methods: dict[tuple[str, str], list[str]] = {}
  for classes in (pretraining.SETTINGS, CONFIGS):
    for method, cls in classes.items():
      for field in dataclasses.fields(cls):
        for old in limits_of(field).former:
          methods.setdefault((old, field.name), []).append(method)
  lines = ["| old | new | of |", "|---|---|---|"]
  for (old, new), names in sorted(methods.items()):
    unique = dict.fromkeys(names)
    lines.append(f"| `{old}` | `{new}` | {', '.join(unique)} |")
  return "## Old spellings\n\n" + "\n".join(lines) + "\n"


def _table(rows: Sequence[Key]) -> str:
  """Returns a Markdown table; the column of old spellings only where there are any."""
  width = len(_HEADER) if any(row.former for row in rows) else len(_HEADER) - 1
  lines = [_line(_HEADER[:width]), "|" + "---|" * width]
  for row in rows:
    lines.append(_line(row[:width]))
  return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
  return f"| {' | '.join(cells)} |"


def _values(hint: Any, limits: Any) -> str:
  """Returns which values a key may have: its choices, or its type and bounds."""
  if limits.choices:
    return ", ".join(map(_code, limits.choices))
  bounds = describe_bounds(limits)
  if hint in (int, float, int | None) and bounds != "a finite number":
    return f"{_TYPES[hint]}, {bounds}"
  return _TYPES[hint]


def _code(value: Any) -> str:
  text = _escape(str(value))
  return f"`{text}`" if text else "empty"


def _escape(text: str) -> str:
  return text.replace("|", "\\|")


def _anchor(title: str) -> str:
  """Returns the anchor that GitHub gives to a heading."""
  return title.lower().replace(":", "").replace(" ", "-")


def main() -> None:
  PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
  main()

"""The model card of an export: what it is, how it is used, and the run that it comes from.

It begins with fields for the Hub of Hugging Face; `glove_jax_export` marks a folder as an export.
"""

import json
import pathlib
from typing import Any

import glove_jax
from glove_jax import pretraining, run_readme, run_record
from glove_jax.errors import InputError, printable
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import read_json

NAME = "README.md"
MARK = "glove_jax_export:"
_LIBRARIES = {"spacy": "spacy", "sentence-transformers": "sentence-transformers"}
_SHORTEST_TABLE = 200  # characters


def make(table: VectorTable, format: str, *, texts: str, usage: str) -> str:
  """Returns the text of a card.

  Args:
    table: what was exported.
    format: its format.
    texts: a sentence about how texts become words; "" where the format has no texts.
    usage: Python that opens the export.
  """
  settings = _read_settings(table.workdir)
  sections = [
    _fields(format),
    f"# {_title(settings)}",
    f"{len(table.words):,} words x {table.dim}, float32, written as {format} by glove_jax "
    f"{glove_jax.__version__}.",
    f"## Use\n\n```python\n{usage}\n```",
    texts and f"## Texts\n\n{texts}",
    _remarks(table),
  ]
  if settings is not None and table.workdir is not None:
    sections += _run_sections(table.workdir, settings)
  elif table.workdir is None:
    sections.append("These vectors do not come from a run of glove_jax, as far as it knows.")
  return "\n\n".join(filter(None, sections)) + "\n"


def is_export(folder: pathlib.Path) -> bool:
  """Returns whether a folder has the card of an earlier export."""
  path = folder / NAME
  if not path.is_file():
    return False
  return MARK in path.read_text(encoding="utf-8", errors="replace")[:_SHORTEST_TABLE]


def _fields(format: str) -> str:
  lines = ["---", f"{MARK} {format}", "tags: [word-vectors, glove_jax]"]
  library = {**_LIBRARIES, "model2vec": "model2vec"}.get(format)
  if library:
    lines.append(f"library_name: {library}")
  return "\n".join([*lines, "---"])


def _title(settings: Any) -> str:
  title = run_readme.KINDS.get(getattr(settings, "method", ""), "word vectors")
  return title[:1].upper() + title[1:]


def _remarks(table: VectorTable) -> str:
  remarks = [printable(note) for note in table.notes]
  if table.tokenization is not None:
    case = "lower-cased, then " if table.tokenization.lowercase else ""
    remarks.append(
      f"The text was {case}split into words by the tokenizer `{table.tokenization.tokenizer}`."
    )
    if table.tokenization.phrases_file or table.tokenization.phrases:
      remarks.append(
        "Phrases of the text were joined to words, such as `new_york`; other libraries look up "
        "their parts."
      )
  lines = [f"* {remark}" for remark in remarks]
  return "## Words\n\n" + "\n".join(lines) if lines else ""


def _run_sections(workdir: pathlib.Path, settings: Any) -> list[str]:
  """Returns the sections about a run: its command, text, scores and settings."""
  values = run_record.read_settings(workdir)
  config = json.dumps(values, indent=1, ensure_ascii=False, sort_keys=True)
  data = [f"* `{printable(name)}`" for name in run_readme.data_files(workdir)]
  fingerprint = _fingerprint(workdir)
  if fingerprint:
    data.append(f"* hash of the text: `{fingerprint}`")
  scores = [*run_readme.scores_of(workdir), *_evaluation_scores(workdir / "scores.json")]
  return [
    f"## Command\n\n```bash\n{run_readme.command(workdir, settings)}\n```",
    data and "## Data\n\n" + "\n".join(data),
    scores and "## Scores\n\n" + "\n".join(scores),
    f"## Settings\n\n```json\n{config}\n```",
  ]


def _read_settings(workdir: pathlib.Path | None) -> Any:
  """Returns the settings of a run; None where they are of another version."""
  values = run_record.read_settings(workdir) if workdir else None
  if values is None:
    return None
  try:
    return pretraining.parse(values)
  except InputError:
    return None


def _fingerprint(workdir: pathlib.Path) -> str:
  path = workdir / "corpus.json"
  values = read_json(path) if path.is_file() else None
  fingerprint = values.get("fingerprint") if isinstance(values, dict) else None
  return printable(fingerprint) if isinstance(fingerprint, str) else ""


def _evaluation_scores(path: pathlib.Path) -> list[str]:
  """Returns the scores that `evaluate.py --json` has left in the run's folder."""
  values = read_json(path) if path.is_file() else None
  if not isinstance(values, dict):
    return []
  lines = []
  for kind, measure in (("similarity", "spearman"), ("analogy", "accuracy")):
    for name, scores in _items(values.get(kind)):
      value = scores.get(measure) if isinstance(scores, dict) else None
      if isinstance(value, (int, float)):
        lines.append(f"* {printable(name)}: {measure} {value:.3f}")
  return lines


def _items(value: Any) -> list[tuple[str, Any]]:
  return list(value.items()) if isinstance(value, dict) else []

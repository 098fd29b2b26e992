"""`README.md` in the folder of a run: what it is, its command, data, scores and files."""

import dataclasses
import json
import pathlib
import shlex
import sys
from typing import Any

from glove_jax.errors import InputError, printable
from glove_jax.files import atomic_write

NAME = "README.md"
_MARK = "<!-- written by the run in this folder; other files of this name are left alone -->"

KINDS = {  # method -> what a run of it makes
  "glove": "GloVe word vectors",
  "glove_als": "GloVe word vectors by alternating least squares",
  "ppmi_svd": "word vectors by singular value decomposition of PPMI",
  "word2vec": "word2vec vectors",
  "fasttext": "fastText vectors with character n-grams",
  "bert": "a BERT",
  "gpt": "a GPT-2",
  "fasttext_supervised": "a fastText classifier of texts",
  "averaged": "logistic regression on mean word vectors",
  "bag": "a classifier of texts on mean word vectors",
  "cnn": "a convolutional classifier of texts",
  "bilstm": "a BiLSTM classifier of texts",
  "tagger": "a tagger of tokens",
  "transformer": "a transformer classifier of texts",
  "transformer_tagger": "a transformer tagger of tokens",
}
_CONFIGS = {  # method -> its file in experiments/configs, where it has another name
  "averaged": "classify",
  "bag": "classify",
  "cnn": "classify",
  "bilstm": "classify",
  "tagger": "tag",
  "transformer": "bert_classify",
  "transformer_tagger": "bert_tag",
}
_FILES = {
  "vectors.txt": "the word vectors, `word number …` a line",
  "model.bin": "the model in fastText's format",
  "model": "the model: a Hugging Face folder, or the parameters of a fine-tuned model",
  "encoder": "the fine-tuned transformer, a Hugging Face folder",
  "lexicon.json": "vocabulary and labels of the model",
  "predicted.txt": "labels of new texts",
  "scores.json": "scores on labelled files that came later, by the names of the files",
  "metrics.json": "scores on dev and test",
  "metrics.jsonl": "a line for each logged step: step, seconds, loss and scores",
  "tensorboard": "the same for TensorBoard: `tensorboard --logdir=FOLDER/tensorboard`",
  "track.json": "which run of trackio or Weights & Biases has received the records",
  "config.json": "all settings",
  "run.json": "the settings and fingerprints of the files they name, under a checksum",
  "vocab.txt": "`word count` lines, the most frequent first",
  "phrases.txt": "pairs of words that are joined",
  "tokenizer.json": "the tokenizer",
  "corpus.json": "names and a hash of the text",
  "layout.json": "the columns of the labelled files",
  "texts.json": "names and hashes of the labelled files",
  "checkpoints": "the last train states, from which training goes on",
  "final": "the parameters at the end of training",
  "best": "the parameters of the best epoch",
  "epochs": "the parameters after the last epochs, which are averaged",
  "cooccurrence": "co-occurrence counts; may be deleted, and are made again if needed",
  "shards": "words and counts of each shard; may be deleted once they are merged",
  "spark.log": "what Spark and its workers printed",
  "packed": "the counts by rows; may be deleted, and are made again if needed",
  "packed_contexts": "the counts by contexts; may be deleted, and are made again if needed",
  "ids": "the text as numbers; may be deleted, and is made again if needed",
  "dev_ids": "the held-out text as numbers; may be deleted, and is made again if needed",
  "init": "the vectors that new texts are looked up in",
  "inputs": "texts, labels and vectors that came from Python",
}


def write(folder: pathlib.Path, settings: Any, *, is_finished: bool) -> None:
  """Writes `README.md`, unless there is one that is not of a run."""
  path = folder / NAME
  if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(_MARK):
    return
  method = getattr(settings, "method", "")
  title = KINDS.get(method, method or "a run")
  status = "Finished." if is_finished else "Not finished: the command below goes on with it."
  sections = [
    f"{_MARK}\n# {title[:1].upper()}{title[1:]}",
    status,
    f"## Command\n\n```bash\n{command(folder, settings)}\n```",
    _section("Data", [f"* `{printable(name)}`" for name in data_files(folder)]),
    _section("Scores", scores_of(folder)),
    _section("Files", _files(folder)),
  ]
  if is_finished:
    sections.append(_section("Use", _uses(folder, settings)))
  with atomic_write(path) as file:
    file.write("\n\n".join(filter(None, sections)) + "\n")


def _section(title: str, lines: list[str]) -> str:
  """Returns a section; "" where there is nothing to say."""
  body = "\n".join(lines)
  return f"## {title}\n\n{body}" if lines else ""


def command(folder: pathlib.Path, settings: Any) -> str:
  """Returns the command that makes the run, with the settings that are not the defaults."""
  method = getattr(settings, "method", "")
  program = "pretrain" if _is_pretraining(settings) else "finetune"
  arguments = [
    f"{_python()} experiments/{program}.py",
    f"--config=experiments/configs/{_CONFIGS.get(method, method)}.py",
    shlex.quote(f"--workdir={folder}"),
  ]
  for field in dataclasses.fields(settings):
    value = getattr(settings, field.name)
    if value not in (field.default, None) and not _follows(settings, field):
      arguments.append(shlex.quote(f"--config.{field.name}={value}"))
  return " \\\n    ".join(map(printable, arguments))


def _follows(settings: Any, field: dataclasses.Field) -> bool:
  """Returns whether a key that is left out has its value by what the other keys say."""
  if field.default is not None:
    return False
  try:
    return dataclasses.replace(settings, **{field.name: None}) == settings
  except (InputError, OSError):  # the run in `init` is gone
    return False


def _python() -> str:
  """Returns how a shell calls the Python that runs, if that lies in the current folder."""
  try:
    path = pathlib.Path(sys.executable or "").relative_to(pathlib.Path.cwd())
  except (ValueError, OSError):  # it lies elsewhere; or the current folder is gone
    return "python"
  return shlex.quote(printable(str(path)))


def _is_pretraining(settings: Any) -> bool:
  return any(field.name == "corpus" for field in dataclasses.fields(settings))


def data_files(folder: pathlib.Path) -> list[str]:
  """Returns the files that the run has learnt from."""
  for name in ("corpus.json", "texts.json"):
    record = _read_json(folder / name)
    files = record.get("files") if isinstance(record, dict) else None
    if isinstance(files, list):
      return [name for name in files if isinstance(name, str)]
  return []


def scores_of(folder: pathlib.Path) -> list[str]:
  """Returns a line for each part that was scored; of a run without scores, the last records."""
  scores = _read_json(folder / "metrics.json")
  if isinstance(scores, dict):
    return [f"* {part}: {_numbers(values)}" for part, values in scores.items()]
  last = {}
  path = folder / "metrics.jsonl"
  lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
  for line in lines:
    record = _parse_json(line)
    if isinstance(record, dict):
      last |= record
  last.pop("time_s", None)
  return [f"* {_numbers(last)}"] if last else []


def _numbers(values: Any) -> str:
  if not isinstance(values, dict):
    return ""
  numbers = []
  for name, value in values.items():
    if isinstance(value, (int, float)):
      numbers.append(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value:,}")
  return ", ".join(numbers)


def _read_json(path: pathlib.Path) -> Any:
  return _parse_json(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None


def _parse_json(text: str) -> Any:
  """Returns a JSON value; None where the text is damaged, which others report."""
  try:
    return json.loads(text)
  except (ValueError, RecursionError):
    return None


def _files(folder: pathlib.Path) -> list[str]:
  """Returns the rows of a table of the files that there are."""
  rows = ["| file | content |", "|---|---|"]
  for name, content in _FILES.items():
    path = folder / name
    if path.exists():
      shown = f"{name}/" if path.is_dir() else name
      rows.append(f"| `{shown}` | {content} |")
  return rows


def _uses(folder: pathlib.Path, settings: Any) -> list[str]:
  """Returns commands and Python that use the result."""
  name = printable(str(folder))
  quoted = shlex.quote(name)
  python = ["import glove_jax as gj"]
  commands = []
  if not _is_pretraining(settings):
    config = _CONFIGS.get(settings.method, settings.method)
    commands.append(
      f"{_python()} experiments/finetune.py --config=experiments/configs/{config}.py"
      f" --workdir={quoted} --config.predict=new.txt"
    )
    python.append(f"gj.load({name!r}).predict([…])")
    if settings.method.startswith("transformer"):
      python.append(f"gj.load({name!r}).export('exported')  # for transformers")
  elif (folder / "vectors.txt").exists():
    commands.append(f"{_python()} experiments/evaluate.py --vectors={quoted}")
    python.append(f"gj.load_vectors({name!r}).most_similar(…)")
  else:
    if settings.method == "gpt":
      commands.append(f"{_python()} experiments/generate.py --model={quoted} --prompt=…")
    python.append(f"gj.load({name!r})")
  blocks = [f"```bash\n{command}\n```\n" for command in commands]
  return [*blocks, "```python\n" + "\n".join(python) + "\n```"]

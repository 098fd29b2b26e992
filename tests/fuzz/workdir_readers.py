"""Files of a workdir: settings, records with checksums, metrics, counts, lexica; and settings."""

import dataclasses
import json
import pathlib
import tempfile
import zlib

import numpy as np

from fuzz import mutators
from fuzz.trials import Files, Reader
from glove_jax import checkpoint, run_folder, run_record, settings
from glove_jax.data import array_store
from glove_jax.data.counts import packed_rows
from glove_jax.data.labelled import layouts, lexicon, tagged_files
from glove_jax.data.labelled.layouts import Layout
from glove_jax.data.text import tokenization
from glove_jax.errors import InputError
from glove_jax.files import read_json, read_record, write_record
from glove_jax.finetuning import settings as finetuning_settings
from glove_jax.finetuning import vector_store
from glove_jax.pretraining import settings as pretraining_settings
from glove_jax.pretraining import text_record
from glove_jax.word_vectors import WordVectors

_JSON_TOKENS = [
  b"checksum", b"files", b"key", b"about", b"slots", b"step", b"loss", b"words", b"labels", b"dim",
  b"settings", b"sources", b"results", b"previous", b"tokenizer", b"corpus", b"lowercase",
  b"format", b"kind", b"leaves", b"attached", b"value", b"fingerprint", b"stamp",
]  # fmt: skip


def readers() -> list[Reader]:
  """Returns the readers of a workdir and of settings."""
  is_json = [mutators.change_json, change_record]
  pairs = {b"dim": b"5", b"corpus": b"a.txt", b"learning_rate": b"0.1", b"lowercase": b"true",
           b"epochs": b"1e3", b"encoding": b"gbk", b"method": b"word2vec"}  # fmt: skip
  settings_seeds = [{"key": key, "value": value} for key, value in pairs.items()]
  metrics = b'{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n{"step": 3, "loss": 0.1}\n'
  record = {"settings": {"dim": 5, "corpus": "a.txt"}, "previous": None,
            "sources": {"init": {"value": "v", "stamp": "1", "fingerprint": "2"}},
            "results": {"lexicon.json": [2, zlib.crc32(b"{}")]}}  # fmt: skip
  words = lexicon.Lexicon(("a", "b"), ("x",), ("pos", "neg"), (8, 16), 5)
  config = {"corpus": "a", "tokenizer": "words", "lowercase": True, "phrases": "phrases.txt"}
  return [
    Reader("run_record", [{"run.json": _record(record), "config.json": _json(record["settings"]),
                           "lexicon.json": b"{}"}],
           _read_run, _check_run, _JSON_TOKENS, is_json * 2),
    Reader("metrics", [{"metrics.jsonl": metrics}], _read_metrics, _check_metrics, _JSON_TOKENS,
           [mutators.change_json]),
    Reader("lexicon", [{"lexicon.json": _json(words._asdict())}], _read_lexicon, _check_lexicon,
           _JSON_TOKENS, is_json),
    Reader("layouts", [{"layout.json": _record(Layout("csv", ",", texts=("a",))._asdict())},
                       {"layout.json": _record(tagged_files.TagLayout("columns")._asdict())}],
           _read_layouts, _check_layouts, _JSON_TOKENS, is_json * 2),
    Reader("tokenization", [{"config.json": _json(config), "phrases.txt": b"a b 1\n"}],
           _read_tokenization, _check_tokenization, [*_JSON_TOKENS, b"words", b"jieba"], is_json),
    Reader("packed_counts", _packed_seeds(), _read_packed, _check_packed, _JSON_TOKENS, is_json),
    Reader("checkpoint", _checkpoint_seeds(), _read_checkpoint, _check_nothing, _JSON_TOKENS,
           is_json * 2),
    Reader("text_record", [{"corpus.json": _record({"files": ["a"], "fingerprint": "f", "made": {
      "vocab.txt": [4, zlib.crc32(b"a 1\n")]}}), "vocab.txt": b"a 1\n"}], _read_text_record,
           _check_nothing, _JSON_TOKENS, is_json * 2),
    Reader("vector_store", _store_seeds(), _read_store, _check_store, _JSON_TOKENS, is_json),
    Reader("settings", settings_seeds, _read_settings, _check_settings,
           [name.encode() for cls in _classes() for name in settings.field_names(cls)]),
    Reader("workdir_settings", _workdir_seeds(), _read_workdir, _check_nothing, _JSON_TOKENS,
           is_json * 2),
  ]  # fmt: skip


def _json(value) -> bytes:
  return json.dumps(value).encode()


def _record(values: dict) -> bytes:
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "r.json")
    write_record(path, values)
    return path.read_bytes()


def change_record(rng, data: bytes, tokens) -> bytes:
  """Changes an object and gives it the checksum of its new content."""
  changed = mutators.change_json(rng, data, tokens)
  try:
    values = json.loads(changed)
  except (ValueError, RecursionError):
    return changed
  if not isinstance(values, dict):
    return changed
  values.pop("checksum", None)
  return _record(values)


def _check_checksum(data: bytes) -> None:
  """Raises AssertionError if an object that was taken has another checksum than it says."""
  values = json.loads(data)
  expected = values.pop("checksum", None)
  actual = zlib.crc32(json.dumps(values, sort_keys=True).encode())
  assert expected in (None, actual), (expected, actual)


def _check_nothing(value, files: Files) -> None:
  pass


def _read_run(folder: pathlib.Path):
  run_record.check_results(folder)
  return run_record.read(folder), run_record.read_settings(folder)


def _check_run(value, files: Files) -> None:
  record, values = value
  _check_checksum(files["run.json"])
  assert isinstance(values, dict)
  assert values == json.loads(files["config.json"])
  assert values in (record.settings, record.previous)


def _read_metrics(folder: pathlib.Path):
  path = folder / "metrics.jsonl"
  before = path.read_bytes()
  records, _ = run_folder.open_metrics(path, step=2)
  path.write_bytes(before)
  return records


def _check_metrics(records, files: Files) -> None:
  lines = files["metrics.jsonl"].decode("utf-8", "replace").split("\n")
  for record, line in zip(records, lines, strict=False):
    assert repr(json.loads(line)) == repr(record) and record["step"] <= 2


def _read_lexicon(folder: pathlib.Path):
  return lexicon.load(folder / "lexicon.json")


def _check_lexicon(value, files: Files) -> None:
  for names in value[:3]:
    assert all(isinstance(name, str) for name in names), names
  assert all(isinstance(length, int) and length >= 0 for length in value.lengths), value.lengths
  assert isinstance(value.dim, int) and value.dim >= 0, value.dim
  assert len(set(value.words)) == len(value.words)
  content = json.loads(files["lexicon.json"])
  assert {key: list(v) if isinstance(v, tuple) else v for key, v in value._asdict().items()} == {
    key: content[key] for key in value._fields}  # fmt: skip


def _read_layouts(folder: pathlib.Path):
  values = read_record(folder / "layout.json", remedy="again")
  return layouts.from_json(values), tagged_files.from_json(values)


def _check_layouts(value, files: Files) -> None:
  _check_checksum(files["layout.json"])
  labelled, tagged = value
  if labelled is not None:
    assert all(isinstance(name, str) for name in labelled.texts), labelled
    assert isinstance(labelled.width, int) and isinstance(labelled.header, bool), labelled
    labelled.describe()
  if tagged is not None:
    assert isinstance(tagged.token, int) and isinstance(tagged.kind, str), tagged


def _read_tokenization(folder: pathlib.Path):
  return tokenization.load(folder)


def _check_tokenization(value, files: Files) -> None:
  if value is not None:
    values = json.loads(files["config.json"])
    assert value.tokenizer == values["tokenizer"] and isinstance(value.lowercase, bool)


def _packed_seeds() -> list[Files]:
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    types = {}
    for file, dtype, size in (("64.cols", np.int32, 64), ("64.counts", np.float32, 64),
                              ("64.tile_row", np.int32, 1), ("64.row", np.int32, 32)):  # fmt: skip
      (folder / file).write_bytes(np.zeros(size, dtype).tobytes())
      types[file] = dtype
    array_store.write_metadata(folder, types, key="k", extra={"slots": [64]})
    return [{path.name: path.read_bytes() for path in folder.iterdir()}]


def _read_packed(folder: pathlib.Path):
  stored = array_store.load(folder, key=None)
  return packed_rows.open_packed(folder, key=stored.key if stored else "")


def _check_packed(value, files: Files) -> None:
  if value is not None:
    _check_checksum(files["meta.json"])
    for chunks in value:
      assert chunks.cols.shape == chunks.counts.shape and len(chunks.row) == len(chunks.cols)


def _checkpoint_seeds() -> list[Files]:
  state = b"arrays"
  files = {"d/0": [len(state), zlib.crc32(state)]}
  manifest = {"leaves": {"params/w": [[2], "float32"], "step": [[], "int32"]}, "files": files,
              "attached": {}}  # fmt: skip
  return [{"5/manifest.json": _record(manifest), "5/state/d/0": state}]


def _read_checkpoint(folder: pathlib.Path):
  """Reads a manifest; the template is never that of the checkpoint, so that orbax reads nothing."""
  template = {"params": {"other": np.zeros(3, np.float32)}}
  return checkpoint.restore(folder, template, step=5)


def _read_text_record(folder: pathlib.Path) -> bool:
  path = folder / "corpus.json"
  before = path.read_bytes()
  is_same = text_record.was_read(folder, [folder / "a"], "f", made=["vocab.txt"])
  path.write_bytes(before)
  return is_same


def _store_seeds() -> list[Files]:
  vectors = WordVectors(["the", "cat"], np.ones((2, 3), np.float32), ())
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name, "init")
    kept = vector_store.Kept(vectors, {"cats": np.zeros(3, np.float32)}, True, "v.txt")
    vector_store.write(kept, [], folder)
    return [{path.name: path.read_bytes() for path in folder.iterdir()}]


def _read_store(folder: pathlib.Path):
  return vector_store.read(folder)


def _check_store(kept, files: Files) -> None:
  if kept is not None:
    _check_checksum(files["meta.json"])
    assert kept.vectors.vectors.shape == (len(kept.vectors.words), kept.vectors.dim)


def _classes() -> list[type]:
  classes = [*pretraining_settings.SETTINGS.values(), *finetuning_settings.SETTINGS.values()]
  return list(dict.fromkeys(classes))


def _read_settings(folder: pathlib.Path):
  key = (folder / "key").read_text("utf-8", "replace")
  text = (folder / "value").read_text("utf-8", "replace")
  classes = _classes()
  cls = classes[zlib.crc32(key.encode()) % len(classes)]
  made = []
  errors = []
  for value in _values(text):
    try:
      made.append((key, value, settings.make(cls, {key: value})))
    except InputError as error:
      errors.append(error)
  if errors and not made:
    raise errors[0]
  return made


def _values(text: str) -> list:
  """Returns what a command line or Python may give for a text."""
  values: list = [text]
  for convert in (int, float, json.loads):
    try:
      values.append(convert(text))
    except (ValueError, RecursionError):
      continue
  return values


def _check_settings(made, files: Files) -> None:
  for key, value, result in made:
    current = getattr(result, key, value)
    if isinstance(current, float) and isinstance(value, int):
      value = float(value)  # may round
    assert current == value or isinstance(value, str)


def _workdir_seeds() -> list[Files]:
  seeds = []
  for cls in _classes():
    seeds.append({"config.json": _json(dataclasses.asdict(cls())), "vocab.txt": b"a 1\n"})
  return seeds


def _read_workdir(folder: pathlib.Path):
  values = run_record.read_settings(folder)
  made = []
  error: InputError | None = None
  for cls in _classes():
    try:
      made.append(settings.make(cls, values))
    except InputError as refused:
      error = refused
  if error and not made:
    raise error
  for each in made:
    run_folder.check_settings(folder, each)
  read_json(folder / "config.json")
  return made

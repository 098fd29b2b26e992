"""The pretrained vectors in the folder of a run: predictions do not need the file they began with.

`init/` holds the vectors of the run's own words and of the most frequent other ones, up to a size,
and the model that composes vectors of subwords, up to the same size. Words that are not kept are
looked up in the source while it exists.
"""

import pathlib
import shutil

import numpy as np

from glove_jax import vector_files
from glove_jax.errors import InputError, printable
from glove_jax.finetuning import vector_store, word_lookup
from glove_jax.finetuning.encoder_settings import WordEncoder
from glove_jax.finetuning.preprocessing import keep_phrases, uses_word_parts
from glove_jax.finetuning.vector_store import Kept
from glove_jax.finetuning.word_lookup import Pretrained
from glove_jax.progress import log_stage
from glove_jax.run_folder import INPUTS
from glove_jax.word_vectors import WordVectors

FOLDER = "init"  # in the folder of a run
_COMPARED = 1000  # vectors that must be the same in a source that is opened later


def save(settings: WordEncoder, pretrained: Pretrained | None, folder: pathlib.Path) -> None:
  """Writes the vectors that a run looks up into its folder.

  Args:
    settings: of the run; `keep_vectors_mb` bounds the vectors of words that its texts do not have.
    pretrained: the vectors; the words that were looked up so far are those of the run.
    folder: of the run.
  """
  keep_phrases(settings, folder)
  if pretrained is None:
    return
  table = pretrained.vectors
  limit = settings.keep_vectors_mb * 1_000_000
  if (folder / INPUTS / pathlib.Path(settings.init).name).exists():
    limit = 0  # the folder has the vectors already
  rows = _rows_to_keep(pretrained, limit)
  model_files = _model_files(settings, pretrained, limit)
  kept = Kept(
    vectors=WordVectors([table.words[row] for row in rows], table.vectors[rows]),
    composed=pretrained.composed,
    is_whole=_is_whole(pretrained, len(rows), bool(model_files)),
    source=_absolute(settings.init),
  )
  vector_store.write(kept, model_files, folder / FOLDER)
  if isinstance(pretrained, StoredVectors):
    pretrained.copy_inputs(folder)


def load(settings: WordEncoder, folder: pathlib.Path, *, dim: int) -> Pretrained | None:
  """Returns the vectors of a finished run; None if it began without.

  Args:
    settings: of the run.
    folder: of the run.
    dim: of the vectors.

  Raises:
    InputError: the files are damaged.
  """
  if not settings.init:
    return None
  kept = vector_store.read(folder / FOLDER)
  if kept is None:  # the run is older than these files
    nothing = WordVectors([], np.zeros((0, dim), np.float32))
    kept = Kept(nothing, {}, is_whole=False, source=settings.init)
  return StoredVectors(settings, folder, kept)


def require(settings: WordEncoder, folder: pathlib.Path, *, dim: int) -> Pretrained:
  """Returns the vectors of a finished run that has no other parameters for words.

  Raises:
    InputError: the files are damaged; or there are none, and the source is gone.
  """
  stored = load(settings, folder, dim=dim)
  if not len(stored.vectors) and stored.source() is None:
    raise InputError(f"{settings.init}: {stored.problem}")
  return stored


class StoredVectors(Pretrained):
  """The vectors that a run has kept, and those of its source while it exists.

  Attributes:
    is_whole: whether the source has no others.
    problem: why the source cannot be read; empty if it can, or was not needed yet.
  """

  def __init__(self, settings: WordEncoder, folder: pathlib.Path, kept: Kept):
    model = folder / FOLDER / vector_store.MODEL
    super().__init__(
      kept.vectors,
      vector_files.composer(model) if model.is_dir() else None,
      uses_parts=uses_word_parts(settings),
      composed=kept.composed,
    )
    self.is_whole = kept.is_whole
    self.problem = ""
    self._settings = settings
    self._folder = folder
    self._own_copy = folder / INPUTS / pathlib.Path(settings.init).name
    self._places = [settings.init, kept.source]
    if self._own_copy.exists():  # the run may have been moved: this place comes first
      self._places.insert(0, str(self._own_copy))
    self._source: Pretrained | None = None
    self._missed: list[str] = []

  def source(self) -> Pretrained | None:
    """Returns the vectors that the run began with; None where they are gone."""
    if self._source is None and not self.problem:
      for place in dict.fromkeys(self._places):
        self._source = self._read_source(place)
        if self._source is not None:
          self.problem = ""
          break
    return self._source

  def report(self) -> None:
    """Reports how many words could not be looked up as the source is gone."""
    if not self._missed:
      return
    count = len(self._missed)
    subject = "1 word" if count == 1 else f"{count:,} words"
    verb = "is" if count == 1 else "are"
    examples = printable(", ".join(self._missed[:5]), 80)
    log_stage(
      "unknown",
      f"{subject} ({examples}) {verb} not among the {len(self.vectors):,} vectors of the run, and "
      f"those it began with are gone: {self.problem}",
    )
    self._missed = []

  def model_files(self) -> list[pathlib.Path]:
    """Returns the files of the model that composes vectors."""
    return sorted((self._folder / FOLDER / vector_store.MODEL).glob("*"))

  def copy_inputs(self, folder: pathlib.Path) -> None:
    """Copies vectors that came from Python, and that only the run has, to another folder."""
    source = self._own_copy
    target = folder / INPUTS
    if self.is_whole or not source.is_file() or target.resolve() == source.parent.resolve():
      return
    target.mkdir(exist_ok=True)
    for path in source.parent.glob(f"{source.stem}.*"):
      shutil.copy(path, target / path.name)

  def _look_up(self, word: str) -> np.ndarray | None:
    is_kept = word in self.composed or self.unmark(word) in self.vectors
    if self.is_whole or is_kept:
      return super()._look_up(word)
    source = self.source()
    if source is None:
      vector = super()._look_up(word)
      if vector is None:
        self._missed.append(word)
      return vector
    vector = source.find(word)
    if vector is not None:
      self.composed[word] = vector
    return vector

  def _read_source(self, place: str) -> Pretrained | None:
    """Returns the vectors at a place, if they are those of the run."""
    try:
      source = word_lookup.read_pretrained(self._settings, place)
    except (InputError, OSError) as error:
      self.problem = self.problem or _describe(error)
      return None
    if not _agree(self.vectors, source.vectors):
      self.problem = f"{place}: other vectors now."
      return None
    return source


def _rows_to_keep(pretrained: Pretrained, limit: int) -> list[int]:
  """Returns the rows of the table that the run keeps: of its words, and the first of others."""
  table = pretrained.vectors
  if isinstance(pretrained, StoredVectors):  # a model that is saved once more
    return list(range(len(table)))
  first = min(len(table), limit // (4 * table.dim))
  own = {table.index[word] for word in pretrained.used}
  return sorted(own | set(range(max(first, 1))))


def _is_whole(pretrained: Pretrained, num_rows: int, has_model: bool) -> bool:
  if isinstance(pretrained, StoredVectors):
    return pretrained.is_whole
  return num_rows == len(pretrained.vectors) and (has_model or pretrained.compose is None)


def _model_files(
  settings: WordEncoder, pretrained: Pretrained, limit: int
) -> list[pathlib.Path]:
  """Returns the files of the model that composes vectors, unless they are too large to keep."""
  if isinstance(pretrained, StoredVectors):
    return pretrained.model_files()
  if pretrained.compose is None:
    return []
  files = vector_files.composer_files(settings.init)
  size = sum(file.stat().st_size for file in files)
  return files if size <= limit else []


def _absolute(init: str) -> str:
  """Returns a path from the root; a name, such as `pretrained`, as it is."""
  path = pathlib.Path(init.partition(":")[0])
  return str(path.absolute()) + init[len(str(path)) :] if path.exists() else init


def _describe(error: Exception) -> str:
  if isinstance(error, OSError) and error.strerror:
    return f"{error.filename}: {error.strerror}"
  return str(error)


def _agree(kept: WordVectors, source: WordVectors) -> bool:
  """Returns whether a source still has the vectors that were kept of it, by a sample of these."""
  if not len(kept):
    return True
  words = kept.words[:: max(1, len(kept) // _COMPARED)]
  if kept.dim != source.dim or not all(word in source for word in words):
    return False
  return np.allclose(kept[words], source[words], atol=1e-4)

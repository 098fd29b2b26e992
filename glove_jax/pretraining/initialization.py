"""Params that start from an earlier run or from vectors: what `init` means in pretraining."""

import pathlib
from typing import NamedTuple

import jax
import numpy as np

from glove_jax import checkpoint, run_states, temporary_folders, vector_files
from glove_jax.data.subwords import units
from glove_jax.data.text import vocab
from glove_jax.data.text.vocab import Vocabulary
from glove_jax.data.windows import huffman
from glove_jax.errors import InputError, quote
from glove_jax.file_progress import reading
from glove_jax.interop import fasttext_model, huggingface
from glove_jax.methods import fasttext, word2vec
from glove_jax.models import transformer
from glove_jax.pretraining.language_model_settings import LanguageModelSettings
from glove_jax.pretraining.setting_groups import WindowSettings
from glove_jax.pretraining.settings import (
  FastTextSettings,
  GloveAlsSettings,
  GloveSettings,
  Word2VecSettings,
)
from glove_jax.progress import log_stage
from glove_jax.train import Params, TrainState
from glove_jax.word_vectors import WordVectors

# Fields of transformer.Config whose settings have another name.
_KEYS = {"positions": "context_length"}


class InitialVectors(NamedTuple):
  """Vectors of the words of a vocabulary that have one."""

  mask: np.ndarray  # [V] bool, whether a word has one
  vectors: np.ndarray  # [V, D] float32; zeros for the other words


def read_vectors(
  settings: GloveSettings | GloveAlsSettings | Word2VecSettings, vocabulary: Vocabulary
) -> InitialVectors:
  """Returns the vectors in `init` of the words of a vocabulary.

  Raises:
    InputError: their dimension is not `dim`, or they share no word with the vocabulary.
  """
  source = settings.init
  loaded = load_vectors(source, settings.dim)
  words = vocabulary.words
  mask = np.array([word in loaded for word in words])
  check_coverage(settings, vocabulary, mask)
  vectors = np.zeros((len(words), loaded.dim), np.float32)
  vectors[mask] = loaded[[word for word in words if word in loaded]]
  shown = temporary_folders.display(source, "init")
  text = f"{mask.sum():,} of {len(words):,} words from {shown}"
  log_stage("start", "; ".join([text, *loaded.notes]))
  return InitialVectors(mask, vectors)


def check_coverage(
  settings: GloveSettings | GloveAlsSettings | WindowSettings,
  vocabulary: Vocabulary,
  mask: np.ndarray,
) -> None:
  """Raises InputError where `init` has so few of the tokens that it must be of other words.

  Args:
    settings: with `init` and `min_coverage`.
    vocabulary: V words.
    mask: [V] bool, whether `init` has the word.
  """
  coverage = vocabulary.counts[mask].sum() / max(1, vocabulary.counts.sum())
  if mask.any() and coverage >= settings.min_coverage:
    return
  missing = [quote(vocabulary.words[row], 20) for row in np.flatnonzero(~mask)[:5]]
  split = f"tokenizer={settings.tokenizer}"
  if not mask.any():
    raise InputError(
      f"{settings.init}: has none of the {len(mask):,} words, expected vectors of the same language"
      f" and tokenizer; here {split} makes {', '.join(missing)}."
    )
  raise InputError(
    f"{settings.init}: has {coverage:.1%} of the tokens ({split}), but not {', '.join(missing)};"
    f" expected {settings.min_coverage:.0%}. Try the tokenizer that it was made with, or"
    " min_coverage=0 to go on."
  )


def check_fasttext_coverage(
  settings: FastTextSettings, model: fasttext_model.Model, vocabulary: Vocabulary
) -> None:
  """Raises InputError as `check_coverage`; with n-grams any word has a vector."""
  if not model.args.maxn:
    mask = np.array([word in model.index for word in vocabulary.words])
    check_coverage(settings, vocabulary, mask)


def load_vectors(source: str, dim: int) -> WordVectors:
  """Returns the vectors of a run or a file. Raises InputError for another dimension."""
  with reading(source):
    vectors = vector_files.load(source)
  if vectors.dim != dim:
    raise InputError(f"{source}: vectors of dimension {vectors.dim}, expected dim={dim}.")
  return vectors


def initialize_word2vec(
  params: Params, settings: Word2VecSettings, vocabulary: Vocabulary
) -> Params:
  """Returns params with the rows of an earlier run, by word, or with the vectors in a file."""
  folder = pathlib.Path(settings.init)
  names = (run_states.FINAL, run_states.CHECKPOINTS)
  if not any(checkpoint.steps(folder / name) for name in names):
    initial = read_vectors(settings, vocabulary)
    table = np.array(params["word"])
    table[initial.mask] = initial.vectors[initial.mask]
    return {**params, "word": table}
  earlier_vocabulary = vocab.load(folder / "vocab.txt")
  earlier = _word2vec_params(folder, settings, earlier_vocabulary)
  earlier_rows = np.array([earlier_vocabulary.index.get(word, -1) for word in vocabulary.words])
  mask = earlier_rows >= 0
  check_coverage(settings, vocabulary, mask)
  log_stage("start", f"{mask.sum():,} of {len(vocabulary):,} words from {folder}")
  initialized = {}
  for name, table in params.items():
    initialized[name] = np.array(table)
    if name != "node":  # the Huffman tree of another vocabulary has other nodes
      initialized[name][mask] = earlier[name][earlier_rows[mask]]
  return initialized


def _word2vec_params(
  folder: pathlib.Path, settings: Word2VecSettings, vocabulary: Vocabulary
) -> Params:
  """Returns the params of an earlier run: of its end, else of its last checkpoint."""
  params = word2vec.init_params(jax.random.key(0), len(vocabulary), settings.dim, settings.loss)
  template = TrainState(step=np.int32(0), params=params, opt_state=())
  checkpoints = folder / run_states.CHECKPOINTS
  if not checkpoint.steps(checkpoints):
    return checkpoint.restore(folder / run_states.FINAL, template).params
  if settings.loss == "hs":
    template = template._replace(opt_state=huffman.huffman_paths(vocabulary.counts))
  return checkpoint.restore(checkpoints, template).params


def load_fasttext(settings: FastTextSettings) -> fasttext_model.Model | None:
  """Returns the fastText model in `init`; None without `init`.

  Raises:
    InputError: `init` is not a model of word vectors by negative sampling, or has other sizes.
  """
  if not settings.init:
    return None
  from glove_jax.interop import fasttext as fasttext_files  # imported late: it takes SciPy
  from glove_jax.interop import fasttext_format
  path = fasttext_format.model_file(settings.init)
  model = fasttext_files.load(path)
  args = model.args
  if args.model == "supervised" or args.loss != "ns" or model.prune is not None:
    raise InputError(
      f"{path}: found another kind of fastText model, expected one of method fasttext with loss=ns."
    )
  sizes = {
    "dim": args.dim,
    "ngram_buckets": args.bucket,
    "min_n": args.minn,
    "max_n": args.maxn,
  }
  different = []
  for key, size in sizes.items():
    if getattr(settings, key) not in (size, None):
      different.append(f"{key}={size}")
  if different:
    raise InputError(f"{path}: has {', '.join(different)}, expected the values in the settings.")
  return model


def initialize_fasttext(
  params: Params, model: fasttext_model.Model, init: str, vocabulary: Vocabulary
) -> Params:
  """Returns params with the rows of a fastText model of the same sizes, which is that of `init`."""
  words = vocabulary.words
  shared = sum(word in model.index for word in words)
  log_stage("start", f"{shared:,} of {len(words):,} words from {init}")
  return fasttext.start_from(params, words, model.input, model.output, model.index)


def load_language_model(
  settings: LanguageModelSettings, kind: transformer.Config
) -> huggingface.Pretrained | None:
  """Returns the language model in `init`, before any text is read; None without `init`.

  Raises:
    InputError: it has other sizes than the settings, or is a GPT and `kind` a BERT, or vice versa.
  """
  if not settings.init:
    return None
  pretrained = huggingface.load(huggingface.model_folder(settings.init))
  if pretrained.config.causal != kind.causal:
    names = {True: "a GPT", False: "a BERT"}
    actual = names[pretrained.config.causal]
    raise InputError(f"{settings.init}: {actual}, expected {names[kind.causal]}.")
  sizes = {
    "dim": settings.dim,
    "layers": settings.layers,
    "heads": settings.heads,
    "feedforward_dim": feedforward_dim(settings),
    "positions": settings.context_length,
  }
  model = []
  expected = []
  for name, size in sizes.items():
    actual = getattr(pretrained.config, name)
    if actual != size:
      key = _KEYS.get(name, name)
      model.append(f"{key}={actual}")
      expected.append(f"{key}={size}")
  if model:
    raise InputError(
      f"{settings.init}: has {', '.join(model)}, expected {', '.join(expected)} of the settings;"
      " without these the sizes are the model's."
    )
  return pretrained


def feedforward_dim(settings: LanguageModelSettings) -> int:
  """Returns the width inside the feed-forward layers."""
  return settings.feedforward_dim or 4 * settings.dim


def initialize_token_embeddings(
  params: Params, vectors: WordVectors, source: str, tokenizer
) -> Params:
  """Returns params of a language model whose tokens that are words start from word vectors.

  Word vectors are longer than the random embeddings: they are scaled to the same deviation.

  Args:
    params: of a BERT or GPT.
    vectors: of words, as wide as the embeddings.
    source: name of the vectors, for messages.
    tokenizer: of the language model.

  Raises:
    InputError: no token is a word that has a vector.
  """
  table = np.array(params["embed"]["token"])
  token_ids = []
  rows = []
  for token_id, word in enumerate(units.token_words(tokenizer)):
    if word:
      row = vectors.index.get(word, vectors.index.get(word.lower()))
      if row is not None:
        token_ids.append(token_id)
        rows.append(row)
  shown = temporary_folders.display(source, "init")
  text = f"{len(rows):,} of {len(table):,} tokens are words of {shown}"
  log_stage("start", "; ".join([text, *vectors.notes]))
  if not rows:
    raise InputError(
      f"{source}: has none of the tokens, expected vectors of the same language."
    )
  initial = vectors.vectors[rows]
  table[token_ids] = initial * (table.std() / initial.std())
  return {**params, "embed": {**params["embed"], "token": table}}

"""Params that begin with those of an earlier run, or with given vectors: what `init` of pretrain.py means."""

import pathlib

import jax
import numpy as np
from texts import say

from glove_jax import checkpoint, train, vector_files
from glove_jax.data.subwords import units
from glove_jax.data.text import vocab
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.methods import fasttext, word2vec
from glove_jax.models import transformer
from glove_jax.word_vectors import WordVectors


def go_on_from(params, config, words: vocab.Vocabulary):
  """Params that begin with those of an earlier run of the same kind, by word, or with the vectors of a file."""
  folder = pathlib.Path(config.init)
  if not checkpoint.steps(folder / "checkpoints"):
    known, given = given_vectors(config, words)
    table = np.array(params["word"])
    table[known] = given[known]
    return {**params, "word": table}
  before = vocab.load(folder / "vocab.txt")
  template = word2vec.init_params(jax.random.key(0), len(before), config.dim, config.loss)
  tree = word2vec.huffman(before.counts) if config.loss == "hs" else ()
  found = checkpoint.restore(folder / "checkpoints", train.TrainState(np.int32(0), template, tree)).params
  known = np.array([before.index.get(word, -1) for word in words.words])
  def grown(name: str, table) -> np.ndarray:
    table = np.array(table)
    if name != "node":  # the tree of another vocabulary is another tree
      table[known >= 0] = found[name][known[known >= 0]]
    return table
  say("start", f"{(known >= 0).sum():,} of {len(words):,} words from {folder}")
  return {name: grown(name, table) for name, table in params.items()}


def go_on_from_model(params, config, words: vocab.Vocabulary):
  """Params that begin with those of a fastText model of the same sizes: of an earlier run, or of Facebook's."""
  from glove_jax.interop import fasttext as facebook  # imported late: other methods do without SciPy
  from glove_jax.interop import fasttext_format
  path = fasttext_format.find(config.init)
  model = facebook.load(path)
  if model.args.model == "supervised" or model.args.loss != "ns" or model.prune is not None:
    raise InputError(f"{path}: is no model of words by negative samples; expected one as fasttext.py leaves.")
  sizes = {"dim": model.args.dim, "buckets": model.args.bucket, "min_n": model.args.minn, "max_n": model.args.maxn}
  if wrong := [f"{key}={size}" for key, size in sizes.items() if config[key] != size]:
    raise InputError(f"{path}: has {', '.join(wrong)}; expected the same of both.")
  say("start", f"{sum(word in model.index for word in words.words):,} of {len(words):,} words from {path}")
  return fasttext.start_from(params, words.words, model.input, model.output, model.index)


def read_start(config, like: transformer.Config) -> huggingface.Pretrained | WordVectors | None:
  """What a language model goes on from, `init` or `vectors`.

  InputError, before any text is read, for other sizes, or a GPT in the place of a BERT.
  """
  if config.vectors:
    return load_vectors(config.vectors, config.dim)
  if not config.init:
    return None
  found = huggingface.load(huggingface.find(config.init))
  kinds = ["a GPT" if model.causal else "a BERT" for model in (found.config, like)]
  if kinds[0] != kinds[1]:
    raise InputError(f"{config.init}: {kinds[0]}, expected {kinds[1]}.")
  theirs, wanted = found.config, {"dim": config.dim, "layers": config.layers, "heads": config.heads,
                                  "hidden": config.hidden or 4 * config.dim, "positions": config.window}
  if wrong := [f"{name}={getattr(theirs, name)}" for name, size in wanted.items() if getattr(theirs, name) != size]:
    raise InputError(f"{config.init}: has {', '.join(wrong)}; expected "
                     f"{', '.join(f'{name}={size}' for name, size in wanted.items())}.")
  return found


def go_on_from_words(params, given: WordVectors, source: str, tokenizer):
  """Params of a language model whose pieces begin with given vectors, where they are words that those know.

  Vectors of words are longer than the numbers that a transformer begins with: they are brought to the same deviation.
  """
  table = np.array(params["embed"]["token"])
  found = {i: given.index.get(word, given.index.get(word.lower()))
           for i, word in enumerate(units.token_words(tokenizer)) if word}
  rows = {i: row for i, row in found.items() if row is not None}
  say("start", "; ".join([f"{len(rows):,} of {len(table):,} pieces are words of {source}", *given.notes]))
  if not rows:
    raise InputError(f"{source}: knows none of the pieces; expected vectors of the same language.")
  new = given.vectors[list(rows.values())]
  table[list(rows)] = new * (table.std() / new.std())
  return {**params, "embed": {**params["embed"], "token": table}}


def given_vectors(config, words: vocab.Vocabulary) -> tuple[np.ndarray, np.ndarray]:
  """Of an earlier run or of a file: which words it knows [V], and their vectors [V, D], zeros for the others."""
  given = load_vectors(config.init, config.dim)
  known = np.array([word in given for word in words.words])
  start = np.zeros((len(words), given.dim), np.float32)
  start[known] = given[[word for word in words.words if word in given]]
  if not known.any():
    raise InputError(f"{config.init}: knows none of the {len(words):,} words; expected vectors of the same language.")
  say("start", "; ".join([f"{known.sum():,} of {len(words):,} words from {config.init}", *given.notes]))
  return known, start


def load_vectors(source: str, dim: int) -> WordVectors:
  """The vectors of a run or a file; InputError unless they have `dim` numbers."""
  given = vector_files.load(source)
  if given.dim != dim:
    raise InputError(f"{source}: vectors of {given.dim} numbers, expected dim={dim}.")
  return given

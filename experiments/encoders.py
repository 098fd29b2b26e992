"""What the methods of `encoder_recipes.py` share: vectors to start from, encoders, tasks, and how they learn."""

import functools
import pathlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from texts import say

from glove_jax import checkpoint, optimizers, train, vector_files
from glove_jax.data.labelled import lexicon, padded_batches, word_parts
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.text import cleaning, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.finetuning import augment
from glove_jax.models import bilstm as recurrent
from glove_jax.models import char_cnn, word_embeddings
from glove_jax.models import cnn as convolution
from glove_jax.models.encoder import Encoder
from glove_jax.tasks import classify, tag
from glove_jax.word_vectors import WordVectors

SCHEME = "bioes"  # that taggers learn, whatever the files have


class Vectors(NamedTuple):
  """Pretrained vectors: a table, and how to find the vector of a word, unknown ones too where it has subwords."""

  words: WordVectors
  find: Callable[[str], np.ndarray | None]


def takes_parts(config) -> bool:
  """Whether words without a vector are the mean of their parts; not in runs older than the key."""
  return bool(config.init) and config.get("parts", False)


def read_vectors(config) -> Vectors | None:
  """What `init` names: the vectors of a pretraining workdir, of a file, or `pretrained`; None without any."""
  if not config.init:
    return None
  words, compose, parts = vector_files.load(config.init), vector_files.composer(config.init), takes_parts(config)
  def own(word: str) -> np.ndarray | None:
    place = words.index.get(word, words.index.get(word.lower()))
    return None if place is None else words.vectors[place]
  @functools.cache  # words are chosen, counted and looked up, and to compose one takes its time
  def find(word: str) -> np.ndarray | None:
    whole = word_parts.unmark(word) if parts else word
    found = own(whole)
    if found is None and compose is not None and (composed := compose(whole)).any():
      return composed
    return word_parts.compose(word, own) if found is None and parts else found
  return Vectors(words, find)


def tokens(config, texts: Iterable[str]) -> list[list[str]]:
  """The tokens of texts as they are written."""
  split = word_tokenizers.make(config.tokenizer, lowercase=False).tokens
  return [[word for word in split(text) if word != "\n"] for text in texts]


def cut(config, texts: Iterable[str]) -> list[list[str]]:
  """The same of texts that are cleaned before, no more than `max_length`."""
  return [own[: config.max_length or None] for own in tokens(config, map(cleaning.make(config.clean), texts))]


def cleaned(config, texts: Iterable[Sequence[str]]) -> list[list[str]]:
  """Tokens that have tags, cleaned each by itself; of which nothing would be left stay as they are."""
  if not config.clean:
    return list(map(list, texts))
  clean = cleaning.make(config.clean)
  return [[clean(token).strip() or token for token in text] for text in texts]


def plain(config, texts: Sequence[Sequence[str]]) -> list[list[str]]:
  """Tokens as words of the table: in lower case, if so configured, and marked where parts of them may be asked for."""
  change = (word_parts.mark if takes_parts(config) else str.lower) if config.lowercase else str
  return [list(map(change, text)) for text in texts]


def words_encoder(config, table: np.ndarray, num_chars: int):
  """The inputs of every encoder: word vectors, and characters where a tagger has them."""
  words = word_embeddings.words(table, dropout=config.input_dropout, word_dropout=config.word_dropout, shared=config.variational)
  if not config.get("char_filters"):
    return words
  chars = char_cnn.char_cnn(num_chars, dim=config.char_dim, filters=config.char_filters, dropout=config.input_dropout)
  return word_embeddings.joined(words=words, chars=chars)


def cnn(config, table: np.ndarray, num_chars: int):
  """Convolutions over words."""
  widths = config.widths.split(",")
  if not all(width.strip().isdigit() and int(width) for width in widths):
    raise InputError(f"widths={config.widths!r}, expected numbers of words, as 3,4,5.")
  inputs = words_encoder(config, table, num_chars)
  return convolution.cnn(inputs, widths=tuple(map(int, widths)), filters=config.filters)


def bilstm(config, table: np.ndarray, num_chars: int):
  """LSTMs from both ends."""
  return recurrent.bilstm(words_encoder(config, table, num_chars), size=config.size, layers=config.layers,
                          dropout=config.layer_dropout, recurrent=config.recurrent_dropout)


ENCODERS = {"bag": words_encoder, "cnn": cnn, "bilstm": bilstm}


def classifier(config, known: Lexicon, table: np.ndarray, target: Sequence[int] = ()) -> train.Task:
  """Classification by the encoder that the method names."""
  return classified(config, ENCODERS[config.method](config, table, 0), known, target)


def classified(config, encoder: Encoder, known: Lexicon, target: Sequence[int] = ()) -> train.Task:
  """Classification by any encoder; `target`: of the texts that class weights are to even out."""
  weights = classify.balanced(np.array(target), len(known.labels)) if config.class_weights and len(target) else None
  return classify.classify(encoder, len(known.labels), pooling=config.pooling, dropout=config.dropout,
                           smoothing=config.smoothing, class_weights=weights, mixup=config.mixup)


def tagger(config, known: Lexicon, table: np.ndarray) -> train.Task:
  """Tagging by the encoder that is configured."""
  return tagging(config, ENCODERS[config.encoder](config, table, len(known.characters) + 2), known)


def tagging(config, encoder: Encoder, known: Lexicon) -> train.Task:
  """Tagging by any encoder."""
  return tag.tag(encoder, len(known.labels), chain=config.chain, allowed=tag.allowed(known.labels, SCHEME),
                 dropout=config.dropout, smoothing=config.smoothing)


CHOICES = {"optimizer": tuple(optimizers.OPTIMIZERS), "schedule": optimizers.SCHEDULES}


def start_table(config, known: Lexicon, vectors: Vectors | None, texts: dict) -> np.ndarray:
  """The table that words start from; prints how many of them the vectors know."""
  words = known.words
  table, number = lexicon.embedding_table(words, vectors and vectors.find, known.dim, seed=config.seed)
  if vectors:
    has = {word for word in words if vectors.find(word) is not None}
    parts = [f"{np.mean([word in has for text in own for word in text] or [0]):.1%} of {part}"
             for part, own in texts.items()]
    say("coverage", f"{number:,} of {len(words):,} words from {config.init}: {', '.join(parts)}")
    if not number:
      raise InputError(f"{config.init}: knows none of the {len(words):,} words; expected vectors of the same language.")
  return table


def learn(config, task: train.Task, examples: padded_batches.Examples, near: np.ndarray | None = None, *,
          rates: Mapping[str, float] | None = None, start: Callable = lambda params: params):
  """What `Method` takes of training: (params, opt_state, update, batch, steps per epoch, state -> params to use).

  Args:
    near: near words by their ids, for EDA.
    rates: those of all params, in the place of `config.rates`.
    start: the task's params -> those to start from.
  """
  change = functools.partial(augment.eda, near=near, rate=config.eda) if near is not None else None
  data = padded_batches.shuffled_batches(examples, batch_size=config.batch_size, seed=config.seed, buckets=config.buckets,
                           augment=change)
  steps = data.steps_per_epoch
  rate = optimizers.schedule(config.schedule, config.learning_rate, num_steps=config.epochs * steps,
                             warmup_steps=round(config.warmup * steps))
  tx = optimizers.make(config.optimizer, rate, weight_decay=config.weight_decay, clip_norm=config.clip_norm,
                       rates=pairs("rates", config.rates) if rates is None else rates)
  if thaw := pairs("thaw", config.thaw):
    tx = optimizers.gradually(tx, {pattern: round(epochs * steps) for pattern, epochs in thaw.items()})
  if config.average:
    tx = optimizers.averaging(tx, config.average)
  params = start(jax.jit(task.init)(jax.random.key(config.seed)))
  check_names(config, params)
  used = (lambda state: state.opt_state.mean) if config.average else (lambda state: state.params)
  return params, tx.init(params), train.make_update(task, tx, seed=config.seed), data.batch, steps, used


def pairs(key: str, text: str) -> dict[str, float]:
  """`words=0.1,head=2` as a dict."""
  try:
    return {name: float(value) for name, value in (pair.split("=") for pair in text.split(",") if pair.strip())}
  except ValueError:
    raise InputError(f"{key}={text!r}, expected names and numbers, as words=0.1,head=2.") from None


def check_names(config, params) -> None:
  """InputError where `rates` or `thaw` name what there is none of."""
  names = optimizers.names(params)
  for key in ("rates", "thaw"):
    for pattern in pairs(key, config[key]):
      if not any(re.search(pattern, name) for name in names):
        parts = sorted({"/".join(name.split("/")[:2]) for name in names})
        raise InputError(f"{key}={config[key]!r}: no params are called {pattern!r}; expected of {', '.join(parts)}.")


def run_over(predict, params, examples: padded_batches.Examples, config, lengths: Sequence[int]) -> list:
  """What the task predicts of each text, in order."""
  found = [None] * len(examples.ids)
  rows = max(100, config.batch_size)  # to learn from few texts batches are small; to predict they need not be
  for places, batch in padded_batches.batches_in_order(examples, batch_size=rows, bounds=np.array(lengths)):
    for place, own in zip(places, predict(params, batch), strict=False):
      found[place] = own
  return found


def save(known: Lexicon, params, folder: pathlib.Path) -> None:
  """Leaves what `predict` needs: the params that are best, and the words, characters and labels."""
  lexicon.save(known, folder / "lexicon.json")
  checkpoint.save(folder / "model", train.TrainState(np.int32(0), params, ()), keep=1)


def restore(task: train.Task, folder: pathlib.Path):
  """The params that `save` left."""
  template = train.TrainState(np.int32(0), jax.eval_shape(task.init, jax.random.key(0)), ())
  saved = checkpoint.restore(folder / "model", template)
  if saved is None:
    raise InputError(f"{folder / 'model'}: no model; expected a fine-tuned workdir.")
  return saved.params


def extend(known: Lexicon, params, texts, vectors: Vectors) -> tuple[Lexicon, Any]:
  """The words of more texts that have vectors added to those that a run knows, and to its table."""
  new = sorted({word for text in texts for word in text} - set(known.words))
  new = [word for word in new if vectors.find(word) is not None]
  if not new:
    return known, params
  rows = np.array([vectors.find(word) for word in new], np.float32)
  def grow(path, leaf):
    is_table = getattr(path[-1], "key", None) == "words" and np.ndim(leaf) == 2
    return np.concatenate([leaf, rows]) if is_table else leaf
  return known._replace(words=(*known.words, *new)), jax.tree_util.tree_map_with_path(grow, params)

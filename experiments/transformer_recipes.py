"""The methods of `finetune.py` on a pretrained transformer: a classifier of texts and of pairs, and a tagger."""

import functools
import pathlib
from collections.abc import Sequence
from typing import NamedTuple

import encoder_recipes
import encoders
import jax
from finetune_recipes import Method, label_lines
from texts import say

from glove_jax import checkpoint, train
from glove_jax.data.labelled import classification, lexicon, padded_batches, tagging
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.subwords import examples as pieces
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.text import cleaning
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import char_cnn, lora, transformer, word_embeddings
from glove_jax.models import transformer_encoder as piece_encoders
from glove_jax.models.encoder import Encoder


class Start(NamedTuple):
  """A pretrained transformer."""

  folder: pathlib.Path
  model: transformer.Config
  params: train.Params
  tokenizer: subword_tokenizers.Tokenizer
  longest: int  # pieces of a text


def read_start(config, folder: str | pathlib.Path) -> Start:
  """The transformer in a folder, without the heads that it was pretrained with."""
  found, tokenizer = huggingface.load(folder), subword_tokenizers.load(folder)
  size, most = tokenizer.get_vocab_size(), found.config.vocab_size
  if size > most:
    raise InputError(f"{folder}: a tokenizer of {size:,} pieces, expected the model's {most:,} at most.")
  positions = found.config.positions
  if config.max_length > positions or 0 < config.max_length < 8:
    raise InputError(f"max_length={config.max_length}, expected 8 to {positions}, the positions of {folder}; or 0.")
  remat = config.get("remat", False)  # not in runs older than the key
  model = found.config._replace(dropout=config.layer_dropout, dtype=config.dtype, remat=remat)
  params = {name: found.params[name] for name in transformer.starts(model)}
  # Batches are padded to multiples of 4: those have to have positions, too.
  return Start(pathlib.Path(folder), model, params, tokenizer, min(config.max_length or positions, positions // 4 * 4))


def begin(config) -> Start:
  """What `init` names."""
  if not config.init:
    raise InputError("init is empty, expected a folder as transformers saves it, a run of bert or gpt, or minilm.")
  start = read_start(config, huggingface.find(config.init))
  size = sum(leaf.size for leaf in jax.tree.leaves(start.params))
  say("start", f"{start.model.layers} layers of {start.model.dim}, {size:,} numbers, "
               f"{start.tokenizer.get_vocab_size():,} pieces: {start.folder}"
               f"{', the numbers drawn anew' if config.from_scratch else ''}")
  return start


def classifier_method(config, data: dict[str, classification.Labelled]) -> Method:
  """A classifier of texts, or of pairs of them, a tab between."""
  start, target, examples = begin(config), encoder_recipes.classes(config, data), {}
  for part, own in data.items():
    examples[part], cut = pieces.encode_texts(start.tokenizer, split(config, own.texts), target[part], longest=start.longest)
    say_pieces(part, examples[part], cut, "texts", start)
    check_pairs(start, examples[part])
  known = Lexicon((), (), data["train"].classes, lengths(config, examples["train"], start.longest), start.model.dim)
  task = classifier(config, start, known, target["train"])
  scores, report = encoder_recipes.label_measures(config, known, adapted(config, task), examples, data)
  *learnt, used = learn(config, start, task, examples["train"])
  return Method(*learnt, scores, functools.partial(save, config, start, known), report, used)


def tagger_method(config, data: dict[str, tagging.Tagged]) -> Method:
  """A tagger of entities: a word is what its first piece becomes, and what its characters look like."""
  start, (names, target), examples = begin(config), encoder_recipes.tags(data), {}
  alphabet = tuple(padded_batches.character_vocabulary(data["train"].sentences)) if config.char_filters else ()
  known = Lexicon((), alphabet, tuple(names), (), start.model.dim)
  for part, own in data.items():
    examples[part], cut = words(config, start, known, own.sentences, target[part])
    say_pieces(part, examples[part], cut, "words", start)
  known = known._replace(lengths=lengths(config, examples["train"], start.longest))
  task = tagger(config, start, known)
  scores, report = encoder_recipes.entity_measures(config, known, adapted(config, task), examples, data)
  *learnt, used = learn(config, start, task, examples["train"])
  return Method(*learnt, scores, functools.partial(save, config, start, known), report, used)


def classifier(config, start: Start, known: Lexicon, target: Sequence[int] = ()) -> train.Task:
  """Classification by a transformer."""
  return encoders.classified(config, encoder(config, start), known, target)


def tagger(config, start: Start, known: Lexicon) -> train.Task:
  """Tagging by a transformer, and by characters where there are any."""
  states = encoder(config, start)
  if config.char_filters:
    states = word_embeddings.joined(words=states, chars=char_cnn.char_cnn(
      len(known.characters) + 2, dim=config.char_dim, filters=config.char_filters, dropout=config.dropout))
  return encoders.tagging(config, states, known)


def encoder(config, start: Start) -> Encoder:
  """The transformer, with some of its pieces masked while it learns if so configured."""
  special, rate = subword_tokenizers.special_tokens(start.tokenizer), config.get("word_dropout", 0.0)  # not in runs older than the key
  if rate and special.mask is None:
    raise InputError(f"word_dropout={rate}: {start.folder} knows no [MASK]; expected 0, or a BERT.")
  return piece_encoders.pieces(start.model, word_dropout=rate, mask=special.mask,
                               special=[piece for piece in special if piece is not None])


def adapted(config, task: train.Task) -> train.Task:
  """The task, on adapters if so configured."""
  if not config.lora_rank:
    return task
  return lora.lora(task, rank=config.lora_rank, alpha=config.lora_alpha, adapt=config.lora_adapt)


def learn(config, start: Start, task: train.Task, examples: padded_batches.Examples):
  """As `encoders.learn`, from the pretrained numbers."""
  def pretrained(params):
    return params if config.from_scratch else with_transformer(
      params, checkpoint.transfer(start.params, transformer_of(params)))
  return encoders.learn(config, adapted(config, task), examples, rates=rates(config, start.model.layers),
                        start=pretrained)


def rates(config, layers: int) -> dict[str, float]:
  """Factors on the learning rate: `layer_decay` less from each layer to the one below (Howard & Ruder 2018, sec. 3.2).

  Heads have 1, the last layer `layer_decay`, the embeddings its power of layers + 1; `rates` come before.
  """
  if not 0 < config.layer_decay <= 1:
    raise InputError(f"layer_decay={config.layer_decay}, expected more than 0, up to 1.")
  by_layer = {"(^|/)embed/": config.layer_decay ** (layers + 1)}
  by_layer |= {f"(^|/)layers/{i}/": config.layer_decay ** (layers - i) for i in range(layers)}
  return {**(lora.RATES if config.lora_rank else {}), **encoders.pairs("rates", config.rates),
          **(by_layer if config.layer_decay < 1 else {})}


def split(config, texts: Sequence[str]) -> list[tuple[str, ...]]:
  """Texts, cleaned, or pairs of them where a tab stands between."""
  clean = cleaning.make(config.clean)
  return [tuple(map(clean, text.split("\t", 1))) for text in texts]


def words(
  config, start: Start, known: Lexicon, texts: Sequence[Sequence[str]], target,
) -> tuple[padded_batches.Examples, int]:
  """Tokens with their tags as pieces and, where they are used, characters; and how many are cut off."""
  examples, cut = pieces.encode_tagged_words(start.tokenizer, texts, target, longest=start.longest)
  if config.char_filters:
    kept = [text[: len(first)] for text, first in zip(texts, examples.first, strict=True)]
    examples = examples._replace(chars=padded_batches.character_ids(kept, known.alphabet))
  return examples, cut


def check_pairs(start: Start, examples: padded_batches.Examples) -> None:
  """InputError for pairs where the model cannot tell one text from the other."""
  if examples.types and start.model.types < 2:
    raise InputError(f"{start.folder}: a model of texts alone; expected a BERT for pairs of texts (a tab in a text).")


def say_pieces(part: str, examples: padded_batches.Examples, cut: int, what: str, start: Start) -> None:
  sizes = list(map(len, examples.ids))
  pairs = f"; {sum(own.any() for own in examples.types):,} pairs" if examples.types else ""
  less = f"; {cut:,} {what} cut off at {start.longest} pieces" if cut else ""
  say("pieces", f"{sum(sizes):,} of {part}, {max(sizes, default=0)} at most{pairs}{less}")


def lengths(config, examples: padded_batches.Examples, longest: int) -> tuple[int, ...]:
  """The lengths that texts are padded to, and for texts longer than those to learn from twice these, up to the end."""
  found = padded_batches.length_buckets(examples, config.buckets).tolist()
  while found[-1] < longest:
    found.append(min(2 * found[-1], -(-longest // 4) * 4))
  return tuple(found)


def save(config, start: Start, known: Lexicon, params, folder: pathlib.Path) -> None:
  """Leaves the transformer in `encoder/`, as transformers keeps it, adapters merged; and the rest as others do."""
  params = lora.merge(params, alpha=config.lora_alpha) if config.lora_rank else params
  huggingface.save(folder / "encoder", jax.device_get(transformer_of(params)), start.model)
  subword_tokenizers.save_beside_model(start.tokenizer, folder / "encoder")
  encoders.save(known, with_transformer(params, {}), folder)


def restore(start: Start, task: train.Task, folder: pathlib.Path):
  """The params that `save` left."""
  rest = encoders.restore(task._replace(init=lambda rng: with_transformer(task.init(rng), {})), folder)
  return with_transformer(rest, start.params)


def transformer_of(params):
  """The params of the transformer among those of a task."""
  return params["encoder"].get("words", params["encoder"])


def with_transformer(params, new):
  """A task's params with others for the transformer."""
  inner = params["encoder"]
  return {**params, "encoder": {**inner, "words": new} if "words" in inner else new}


def label_texts(config, folder: pathlib.Path, lines: Sequence[str]) -> list[str]:
  """A line `label TAB text` for each text or pair, by the classifier that a run has left."""
  start, known = read_start(config, folder / "encoder"), lexicon.load(folder / "lexicon.json")
  examples, cut = pieces.encode_texts(start.tokenizer, split(config, lines), [0] * len(lines), longest=start.longest)
  say_pieces("texts", examples, cut, "texts", start)
  check_pairs(start, examples)
  task = classifier(config, start, known)
  found = encoders.run_over(train.make_predict(task), restore(start, task, folder), examples, config, known.lengths)
  return label_lines(encoder_recipes.best_labels(known, found), lines)


def tag_texts(config, folder: pathlib.Path, lines: Sequence[str]) -> list[str]:
  """A line `token TAB tag` for each token, and an empty one after each text, by the tagger that a run has left."""
  start, known = read_start(config, folder / "encoder"), lexicon.load(folder / "lexicon.json")
  tokens = encoders.tokens(config, lines)
  texts = encoders.cleaned(config, tokens)
  examples, cut = words(config, start, known, texts, [[0] * len(text) for text in texts])
  say_pieces("texts", examples, cut, "words", start)
  task = tagger(config, start, known)
  rows = encoders.run_over(train.make_predict(task), restore(start, task, folder), examples, config, known.lengths)
  return encoder_recipes.tag_lines(config, tokens, encoder_recipes.spans_of(known, rows, texts))

"""The methods of `finetune.py`, above all those on word vectors: classifiers, taggers, and the baseline of averages."""

import functools
import pathlib
import time
from collections.abc import Sequence

import encoders
import finetune_recipes
import jax
import numpy as np
from encoders import SCHEME, Vectors
from finetune_recipes import Method, Recipe, label_lines, read_labelled
from texts import say

from glove_jax import metrics, train
from glove_jax.data.labelled import classification, lexicon, padded_batches, tagging
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError
from glove_jax.finetuning import augment
from glove_jax.models import transformer
from glove_jax.tasks import classify, logistic_regression


def classifier_method(config, data: dict[str, classification.Labelled]) -> Method:
  """A classifier of texts: any encoder on word vectors."""
  texts, target = read_texts(config, data)
  vectors = encoders.read_vectors(config)
  known = make_lexicon(config, texts, data["train"].classes, vectors)
  table = encoders.start_table(config, known, vectors, texts)
  examples = {part: lexicon.encode_examples(known, own, target[part]) for part, own in texts.items()}
  known = known._replace(lengths=tuple(padded_batches.length_buckets(examples["train"], config.buckets).tolist()))
  task = encoders.classifier(config, known, table, target["train"])
  near = augment.neighbours(["", "", *known.words], vectors.words) if config.eda and vectors else None
  if config.eda and not vectors:
    raise InputError(f"eda={config.eda} takes near words from vectors; expected init=.")
  scores, report = label_measures(config, known, task, examples, data)
  *learnt, used = encoders.learn(config, task, examples["train"], near)
  return Method(*learnt, scores, functools.partial(encoders.save, known), report, used)


def label_measures(config, known: Lexicon, task: train.Task, examples: dict, data: dict[str, classification.Labelled]):
  """A classifier's `scores` and `report`, as `Method` has them."""
  predict = train.make_predict(task)
  def best(params, part: str) -> list[str]:
    return best_labels(known, encoders.run_over(predict, params, examples[part], config, known.lengths))
  return finetune_recipes.label_measures(best, data)


def read_texts(config, data: dict[str, classification.Labelled]) -> tuple[dict, dict]:
  """The tokens of all texts, and their classes' places."""
  texts = {part: encoders.plain(config, encoders.cut(config, own.texts)) for part, own in data.items()}
  return texts, classes(config, data)


def classes(config, data: dict[str, classification.Labelled]) -> dict[str, list[int]]:
  """The places of all texts' classes. InputError for a text of several."""
  classes = {name: place for place, name in enumerate(data["train"].classes)}
  for part, own in data.items():
    for labels in own.labels:
      if len(labels) > 1 or (part == "train" and labels[0] not in classes):
        raise InputError(f"{config[part]}: a text has the labels {', '.join(labels)}; expected one.")
  return {part: [classes.get(labels[0], 0) for labels in own.labels] for part, own in data.items()}


def make_lexicon(
  config, texts: dict, labels: Sequence[str], vectors: Vectors | None, spelled: Sequence = ()
) -> Lexicon:
  """The words of the training texts, what else of the others has a vector, and the characters of the training texts."""
  others = [text for part, own in texts.items() if part != "train" for text in own]
  words = lexicon.choose_words(texts["train"], others, vectors and vectors.find, min_count=config.min_count)
  dim = vectors.words.dim if vectors else config.dim
  if not words:
    raise InputError(f"{config.train}: min_count={config.min_count} leaves no word; expected a smaller one.")
  return Lexicon(words, tuple(padded_batches.character_vocabulary(spelled)), tuple(labels), (), dim)


def read_tagged(config) -> dict[str, tagging.Tagged]:
  """As `read_labelled`, of tagged sentences."""
  start = time.monotonic()
  reading = {"token": config.token_column, "tag": config.tag_column, "encoding": config.encoding,
             "errors": config.errors}
  data = finetune_recipes.divide(config, functools.partial(tagging.read, **reading), tagging)
  counts = [f"{len(own.sentences):,} ({sum(map(len, own.spans)):,} entities) to {part}" for part, own in data.items()]
  say("texts", f"{', '.join(counts)}; {len(data['train'].types)} types", start)
  finetune_recipes.say_leaks({part: list(map(" ".join, own.sentences)) for part, own in data.items()})
  return {part: own._replace(sentences=encoders.cleaned(config, own.sentences)) for part, own in data.items()}


def tagger_method(config, data: dict[str, tagging.Tagged]) -> Method:
  """A tagger of entities: any encoder on word vectors and characters, and a CRF."""
  names, target = tags(data)
  spelled = {part: own.sentences for part, own in data.items()}
  texts = {part: encoders.plain(config, own) for part, own in spelled.items()}
  vectors = encoders.read_vectors(config)
  known = make_lexicon(config, texts, names, vectors, spelled["train"])
  table = encoders.start_table(config, known, vectors, texts)
  examples = {part: lexicon.encode_examples(known, own, target[part], spelled=spelled[part] if config.char_filters else None)
              for part, own in texts.items()}
  known = known._replace(lengths=tuple(padded_batches.length_buckets(examples["train"], config.buckets).tolist()))
  task = encoders.tagger(config, known, table)
  *learnt, used = encoders.learn(config, task, examples["train"])
  scores, report = entity_measures(config, known, task, examples, data)
  return Method(*learnt, scores, functools.partial(encoders.save, known), report, used)


def tags(data: dict[str, tagging.Tagged]) -> tuple[list[str], dict[str, list[list[int]]]]:
  """All tags that are learnt, and the places of each sentence's."""
  names = tagging.names(data["train"].types, SCHEME)
  place = {name: i for i, name in enumerate(names)}
  return names, {part: [[place.get(name, 0) for name in tagging.tags(spans, len(text), SCHEME)]
                        for text, spans in zip(own.sentences, own.spans, strict=True)] for part, own in data.items()}


def entity_measures(config, known: Lexicon, task: train.Task, examples: dict, data: dict[str, tagging.Tagged]):
  """A tagger's `scores` and `report`, as `Method` has them."""
  predict = train.make_predict(task)
  def entities(params, part: str) -> dict[str, dict[str, float]]:
    rows = encoders.run_over(predict, params, examples[part], config, known.lengths)
    return metrics.entities(spans_of(known, rows, data[part].sentences), data[part].spans)
  def summary(found: dict) -> dict[str, float]:
    return {name: found["all"][name] for name in ("f1", "precision", "recall")}
  def report(params, part: str) -> tuple[dict, str]:
    found = entities(params, part)
    return summary(found) | {"types": {type: found[type] for type in found if type != "all"}}, (
      metrics.format_entities(found))
  return lambda params, part: summary(entities(params, part)), report


def spans_of(known: Lexicon, rows: Sequence[np.ndarray], texts: Sequence[Sequence[str]]) -> list[list[tagging.Span]]:
  """The entities that a tagger found in each text."""
  return [tagging.spans([known.labels[i] for i in row[: len(text)]]) for row, text in zip(rows, texts, strict=True)]


def averaged_method(config, data: dict[str, classification.Labelled]) -> Method:
  """The classic baseline: logistic regression on the mean of a text's vectors. Nothing is left to train."""
  texts, target = read_texts(config, data)
  vectors = some_vectors(config)
  known = make_lexicon(config, texts, data["train"].classes, vectors)
  encoders.start_table(config, known, vectors, texts)
  start = time.monotonic()
  features = {part: means(own, vectors) for part, own in texts.items()}
  model = logistic_regression.fit(features["train"], np.array(target["train"]), len(known.labels), l2=config.l2)
  say("regression", f"l2 {config.l2:g}", start)
  def best(params, part: str) -> list[str]:
    return best_labels(known, logits(params, features[part]))
  scores, report = finetune_recipes.label_measures(best, data)
  return Method({name: np.float32(value) for name, value in model._asdict().items()}, (), None, None, 0,
                scores, functools.partial(encoders.save, known._replace(words=())), report)


def some_vectors(config) -> Vectors:
  vectors = encoders.read_vectors(config)
  if vectors is None:
    raise InputError("method='averaged' needs vectors: --config.init=FILE, or a pretraining workdir, or pretrained.")
  return vectors


def means(texts: Sequence[Sequence[str]], vectors: Vectors) -> np.ndarray:
  """The mean of the vectors of the words that have one, of each text; zeros for none. -> [N, D]"""
  found = [[vector for vector in map(vectors.find, text) if vector is not None] for text in texts]
  return np.array([np.mean(own, 0) if own else np.zeros(vectors.words.dim) for own in found])


def logits(params, features: np.ndarray) -> np.ndarray:
  """[N, D] -> [N, C]."""
  return logistic_regression.log_probabilities(logistic_regression.Logistic(**jax.device_get(params)), features)


def best_labels(known: Lexicon, logits: Sequence[np.ndarray]) -> list[str]:
  """The label of the greatest logit of each text."""
  return [known.labels[row.argmax()] for row in logits]


def label_texts(config, folder: pathlib.Path, lines: Sequence[str]) -> list[str]:
  """A line `label TAB text` for each text, by the classifier that a run has left."""
  known = lexicon.load(folder / "lexicon.json")
  texts = encoders.plain(config, encoders.cut(config, lines))
  if config.method == "averaged":
    template = {"w": np.zeros((known.dim, len(known.labels)), np.float32), "b": np.zeros(len(known.labels), np.float32)}
    params = encoders.restore(train.Task(lambda rng: template, None), folder)
    best = best_labels(known, logits(params, means(texts, some_vectors(config))))
  else:
    best = best_labels(known, predicted(config, known, folder, texts, encoders.classifier))
  return label_lines(best, lines)


def tag_texts(config, folder: pathlib.Path, lines: Sequence[str]) -> list[str]:
  """A line `token TAB tag` for each token, and an empty one after each text, by the tagger that a run has left."""
  known, tokens = lexicon.load(folder / "lexicon.json"), encoders.tokens(config, lines)
  spelled = encoders.cleaned(config, tokens)
  texts = encoders.plain(config, spelled)
  rows = predicted(config, known, folder, texts, encoders.tagger, spelled if config.char_filters else None)
  return tag_lines(config, tokens, spans_of(known, rows, texts))


def tag_lines(config, texts: Sequence[Sequence[str]], spans: Sequence[Sequence[tagging.Span]]) -> list[str]:
  """Texts and the entities in them as `tag_texts` gives them."""
  found = []
  for text, own in zip(texts, spans, strict=True):
    named = zip(text, tagging.tags(own, len(text), config.scheme), strict=True)
    found.append("".join(f"{word}\t{name}\n" for word, name in named) + "\n")
  return found


def predicted(config, known: Lexicon, folder: pathlib.Path, texts, make, spelled=None) -> list:
  """What a run's task predicts of texts; words that it has not met take the vectors that it began with."""
  task = make(config, known, np.zeros((len(known.words) + 2, known.dim), np.float32))
  params = encoders.restore(task, folder)
  vectors = encoders.read_vectors(config)
  if vectors:
    known, params = encoders.extend(known, params, texts, vectors)
    task = make(config, known, np.zeros((len(known.words) + 2, known.dim), np.float32))
  examples = lexicon.encode_examples(known, texts, [0] * len(texts), spelled=spelled)
  return encoders.run_over(train.make_predict(task), params, examples, config, known.lengths)


def late(name: str):
  """A function of transformer_recipes.py, imported when it is called: other methods do without tokenizers."""
  def call(*args):
    import transformer_recipes
    return getattr(transformer_recipes, name)(*args)
  return call


_CLASSIFY = {"pooling": tuple(classify.POOLINGS), "class_weights": ("", "balanced"), **encoders.CHOICES}
_TAG = {"scheme": tuple(tagging.SCHEMES), **encoders.CHOICES}
_DTYPES = {"dtype": transformer.DTYPES}
METHODS = {
  **finetune_recipes.METHODS,
  **{name: Recipe(read_labelled, classifier_method, ("pooling", "widths"), _CLASSIFY, "classify", label_texts)
     for name in encoders.ENCODERS},
  "averaged": Recipe(read_labelled, averaged_method, ("pooling", "widths"), {}, "classify", label_texts),
  "tagger": Recipe(read_tagged, tagger_method, ("chain", "widths"), {"encoder": tuple(encoders.ENCODERS), **_TAG},
                   "tag", tag_texts),
  "transformer": Recipe(read_labelled, late("classifier_method"), ("pooling", "lora_rank"), {**_CLASSIFY, **_DTYPES},
                        "bert_classify", late("label_texts")),
  "transformer_tagger": Recipe(read_tagged, late("tagger_method"), ("chain", "lora_rank"), {**_TAG, **_DTYPES},
                               "bert_tag", late("tag_texts")),
}

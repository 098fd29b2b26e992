"""What a classifier gets wrong, and what a tagger finds, on the labelled texts of its run."""

import pathlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from glove_jax import metrics
from glove_jax.errors import InputError, printable
from tools.report.run_files import TAGGER, Run

PARTS = ("dev", "test")
LONGEST_TEXT = 1000  # characters that the page shows

RIGHT = "right"
MISSED = "missed"  # an entity that was not predicted so
SPURIOUS = "spurious"  # a prediction that is no entity


class Mistake(NamedTuple):
  """A text that a classifier got wrong; `probability` is that of the predicted class."""

  text: str
  gold: str
  predicted: str
  probability: float


class Piece(NamedTuple):
  """Tokens of a sentence; `type` and `status` are empty outside entities."""

  text: str
  type: str = ""
  status: str = ""


class TaggedSentence(NamedTuple):
  """A sentence with the entities of the file, and with those of the tagger."""

  gold: list[Piece]
  predicted: list[Piece]

  @property
  def is_right(self) -> bool:
    return all(piece.status in ("", RIGHT) for piece in (*self.gold, *self.predicted))


class PartPredictions(NamedTuple):
  """The predictions of a run on a part.

  Fields:
    part: "dev" or "test".
    size: texts of the part.
    num_wrong: of these.
    mistakes: of a classifier, those of which it was surest first; cut to a limit.
    sentences: of a tagger, those with mistakes first; cut to a limit.
    note: why the predictions may be others than those of metrics.json.
  """

  part: str
  size: int
  num_wrong: int
  mistakes: Sequence[Mistake] = ()
  sentences: Sequence[TaggedSentence] = ()
  note: str = ""


def predict(run: Run, *, limit: int) -> tuple[list[PartPredictions], str]:
  """Labels the dev and test texts of a run with its model.

  Args:
    run: of a classifier or a tagger, finished.
    limit: texts to keep of each part.

  Returns:
    The predictions of each part, and why there are none: the model or its texts are missing.
  """
  # Imported late: a report on word vectors alone starts without JAX.
  from glove_jax import jax_environment
  from glove_jax.api.loading import load_predictor
  from glove_jax.finetuning import datasets
  try:
    with jax_environment.standard_numbers():
      model = load_predictor(pathlib.Path(run.folder))
      data = datasets.read(model.settings)
      judge = _judge_tags if run.kind == TAGGER else _judge_labels
      parts = {part: data[part] for part in PARTS if part in data}
      return [judge(run, model, part, parts[part], limit) for part in parts], ""
  except (InputError, OSError) as error:
    return [], f"The predictions cannot be shown: {error}"


def _judge_labels(run: Run, model: Any, part: str, data: Any, limit: int) -> PartPredictions:
  """Returns what a classifier gets wrong on labelled texts."""
  probabilities = model.predict_proba(data.texts)
  predicted = [model.labels[row.argmax()] for row in probabilities]
  wrong = mistakes(data.texts, data.labels, predicted, probabilities.max(1).tolist())
  score = 1 - len(wrong) / len(data.texts)
  note = changed(run.scores.get(part, {}).get("accuracy"), score, "accuracy")
  return PartPredictions(part, len(data.texts), len(wrong), wrong[:limit], note=note)


def _judge_tags(run: Run, model: Any, part: str, data: Any, limit: int) -> PartPredictions:
  """Returns the sentences of a part with the entities of the file and of a tagger."""
  predicted = model.predict_spans(data.sentences)
  is_characters = run.settings.get("tokenizer") == "characters"
  space = "" if is_characters else " "
  sentences = []
  for tokens, gold, spans in zip(data.sentences, data.spans, predicted, strict=True):
    sentences.append(tagged_sentence(tokens, gold, spans, space=space))
  f1 = metrics.entity_scores(predicted, data.spans)["all"]["f1"]
  note = changed(run.scores.get(part, {}).get("f1"), f1, "F1")
  num_wrong = sum(not sentence.is_right for sentence in sentences)
  shown = choose(sentences, limit)
  return PartPredictions(part, len(sentences), num_wrong, sentences=shown, note=note)


def mistakes(
  texts: Sequence[str],
  gold: Sequence[Sequence[str]],
  predicted: Sequence[str],
  probabilities: Sequence[float],
) -> list[Mistake]:
  """Returns the texts whose prediction is none of their labels, the most probable first.

  Args:
    texts: N texts.
    gold: the labels of each, one or more.
    predicted: a label for each.
    probabilities: of the predicted labels.
  """
  wrong = []
  for text, labels, label, probability in zip(texts, gold, predicted, probabilities, strict=True):
    if label not in labels:
      shown = printable(text, LONGEST_TEXT)
      wrong.append(Mistake(shown, ", ".join(labels), label, probability))
  return sorted(wrong, key=lambda mistake: -mistake.probability)


def tagged_sentence(
  tokens: Sequence[str], gold: Sequence, predicted: Sequence, *, space: str = " "
) -> TaggedSentence:
  """Returns a sentence as pieces, with the entities of the file and the predicted ones.

  Args:
    tokens: of the sentence.
    gold, predicted: spans (first token, token after the last, type).
    space: between tokens.
  """
  gold_set = set(map(tuple, gold))
  predicted_set = set(map(tuple, predicted))
  return TaggedSentence(
    pieces(tokens, gold, also_in=predicted_set, otherwise=MISSED, space=space),
    pieces(tokens, predicted, also_in=gold_set, otherwise=SPURIOUS, space=space),
  )


def pieces(
  tokens: Sequence[str], spans: Sequence, *, also_in: set[tuple], otherwise: str, space: str
) -> list[Piece]:
  """Returns the tokens of a sentence, divided at the borders of its entities.

  Args:
    tokens: of the sentence.
    spans: of its entities; of those that overlap the first counts.
    also_in: the spans that are right.
    otherwise: status of the other spans.
    space: between tokens.
  """
  divided = []
  end = 0
  for span in sorted(map(tuple, spans)):
    if span[0] < end:
      continue
    divided.append(Piece(_text(tokens[end : span[0]], space)))
    status = RIGHT if span in also_in else otherwise
    end = span[1]
    divided.append(Piece(_text(tokens[span[0] : end], space), span[2], status))
  divided.append(Piece(_text(tokens[end:], space)))
  return [piece for piece in divided if piece.text]


def _text(tokens: Sequence[str], space: str) -> str:
  return printable(space.join(tokens), LONGEST_TEXT)


def choose(sentences: Sequence[TaggedSentence], limit: int) -> list[TaggedSentence]:
  """Returns sentences with mistakes first, then those whose entities are all right."""
  wrong = [sentence for sentence in sentences if not sentence.is_right]
  right = [sentence for sentence in sentences if sentence.is_right and has_entity(sentence)]
  num_right = max(limit // 4, limit - len(wrong))
  return [*wrong[: limit - min(num_right, len(right))], *right[:num_right]][:limit]


def has_entity(sentence: TaggedSentence) -> bool:
  """Returns whether the file or the tagger has an entity in a sentence."""
  return any(piece.type for piece in (*sentence.gold, *sentence.predicted))


def changed(recorded: Any, score: float, name: str) -> str:
  """Returns a note where predictions score otherwise than metrics.json says, else ""."""
  if not isinstance(recorded, float) or abs(recorded - score) < 5e-3:
    return ""
  return (
    f"These predictions have the {name} {score:.4f}, and metrics.json says {recorded:.4f}:"
    " the texts have changed since the run ended."
  )

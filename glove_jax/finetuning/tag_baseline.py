"""The baseline of a tagger: each word gets the tag that it most often has in the training set.

Words that are not in the training set are outside of entities. What a network scores beyond it,
it has learnt from the words around.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.tagging import Span, Tagged
from glove_jax.finetuning import scoring
from glove_jax.finetuning.scoring import Scores
from glove_jax.progress import log_stage

_SCHEME = "iob2"
_OUTSIDE = "O"


class TagBaseline(NamedTuple):
  """The most frequent tag of each word."""

  tags: Mapping[str, str]

  def predict(self, sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    """Returns the entities of each sentence."""
    spans = []
    for sentence in sentences:
      spans.append(tagging.spans([self.tags.get(word, _OUTSIDE) for word in sentence]))
    return spans

  def scores(self, data: Mapping[str, Tagged]) -> dict[str, Scores]:
    """Returns the baseline's scores on each part of the data but `train`."""
    start = time.monotonic()
    results = {}
    for name, part in data.items():
      if name != "train":
        results[name] = scoring.score_spans(self.predict(part.sentences), part)
    log_stage("baseline", f"the most frequent tag of each of {len(self.tags):,} words", start)
    return results


def fit(train: Tagged) -> TagBaseline:
  """Returns the baseline of a training set; of tags that are as frequent, the first counts."""
  counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
  for sentence, spans in zip(train.sentences, train.spans, strict=True):
    tags = tagging.tags(spans, len(sentence), _SCHEME)
    for word, tag in zip(sentence, tags, strict=True):
      counts[word][tag] += 1
  return TagBaseline({word: tags.most_common(1)[0][0] for word, tags in counts.items()})

"""Pages of report.py whose names, settings, labels and words are a text, for tests."""

import dataclasses
import pathlib

import numpy as np

from glove_jax.word_vectors import WordVectors
from tools.report import configurations, page, sections, word_maps
from tools.report.predictions import Mistake, PartPredictions, Piece, TaggedSentence
from tools.report.run_files import CLASSIFIER, TAGGER, UNREADABLE, VECTORS, Run


def make_runs(text):
  """Runs whose names, settings, scores and labels are a text."""
  settings = {"method": text, "seed": 1, "train": text, text: text}
  scores = {"test": {"accuracy": 0.5, text: 0.25, "confusion": {text: {text: 1, "b": 2}}}}
  curves = {text: [(1, 1.0), (2, 2.0)]}
  classifier = Run(text, pathlib.Path("a"), CLASSIFIER, settings, scores, curves, 1.0, True)
  types = {"f1": 0.5, "types": {text: {"f1": 0.5}}}
  tagger = dataclasses.replace(classifier, name="t", kind=TAGGER, scores={"test": types})
  broken = Run(text, pathlib.Path("b"), UNREADABLE, notes=(text,))
  seeds = [classifier, dataclasses.replace(classifier, name="2", settings={**settings, "seed": 2})]
  vectors = Run("v", pathlib.Path("v"), VECTORS, {"method": "glove", "corpus": text}, curves=curves)
  return [*seeds, tagger, broken, vectors]


def make_predict(text):
  def predict(run):
    if run.kind == CLASSIFIER:
      mistakes = [Mistake(text, text, "b", 0.5)]
      return [PartPredictions("test", 9, 1, mistakes=mistakes, note=text)], ""
    sentence = TaggedSentence([Piece(text, text, "missed")], [Piece(text)])
    return [PartPredictions("test", 9, 1, sentences=[sentence])], text

  return predict


def render(text, *, vectors=None, library):
  """A page with a classifier, a tagger, a damaged run, and two runs of word vectors."""
  runs = make_runs(text)
  content = sections.make(configurations.group(runs), make_predict(text))
  if vectors is None:
    vectors = [WordVectors([text, "b", "c"], np.eye(3))] * 2
  word_map = word_maps.make(vectors)
  return page.render(runs, content, word_map, [text, "second"], library=library)

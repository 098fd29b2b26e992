"""fastText's classifier: the texts that it reads, and its run."""

import random

import pytest

from glove_jax import finetuning
from tools.peers import fasttext_classifier


def settings(path, **values):
  files = {"train": str(path), "test": str(path)}
  return finetuning.parse({"method": "fasttext_supervised", **files, **values})


@pytest.mark.parametrize(("tokenizer", "start"), [
  ("characters", "__label__1 新 闻 标 题\n__label__0 t h e _ _ l"),
  ("whitespace", "__label__1 新闻 标题\n__label__0 the sun\n")])
def test_texts_are_as_ours_are_cut(tmp_path, tokenizer, start):
  (tmp_path / "texts").write_text("新闻 标题\t1\nthe __label__x sun\t0\n")
  values = settings(tmp_path / "texts", tokenizer=tokenizer)
  path = fasttext_classifier.write_texts(values, values.train, tmp_path / "out")
  assert path.read_text().startswith(start)


@pytest.mark.slow
def test_it_learns_the_texts_of_our_run(tmp_path):
  pytest.importorskip("fasttext")
  rng = random.Random(0)
  lines = [f"{i % 2} c{i % 2} w{rng.randrange(9)}\n" for i in range(200)]
  (tmp_path / "texts").write_text("".join(lines))
  values = settings(tmp_path / "texts", dim=8, ngram_buckets=100, epochs=5, learning_rate=0.5)
  run = fasttext_classifier.train(values, tmp_path, test=values.test)
  assert run.scores == {"accuracy": 1.0}
  assert 0 < run.stages["training"] < run.wall
  assert (tmp_path / "fasttext.bin").exists()

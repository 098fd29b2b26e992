"""BERT fills masks and encodes texts, GPT continues prompts, and both can be saved."""

import numpy as np
import pytest

from glove_jax.api import language_models
from glove_jax.errors import InputError


@pytest.fixture(scope="module")
def bert(model_folders):
  return language_models.MaskedLanguageModel(model_folders / "bert")


@pytest.fixture(scope="module")
def gpt(model_folders):
  return language_models.CausalLanguageModel(model_folders / "gpt")


def test_a_saved_model_encodes_alike(bert, tmp_path):
  bert.save(tmp_path / "saved")
  loaded = language_models.MaskedLanguageModel(tmp_path / "saved")
  assert loaded.config == bert.config
  texts = ["good w1", "bad w2 in Rome"]
  np.testing.assert_array_equal(loaded.encode(texts), bert.encode(texts))
  size = bert.tokenizer.get_vocab_size()
  assert repr(loaded) == f"MaskedLanguageModel(2 layers of 16, {size} subwords)"


def test_texts_have_vectors_that_do_not_depend_on_the_batch(bert):
  vectors = bert.encode(["good w1", "bad", "good w1 " * 40])
  assert vectors.shape == (3, 16)
  np.testing.assert_allclose(bert.encode(["bad"])[0], vectors[1], atol=1e-5)
  assert np.isfinite(vectors).all()
  with pytest.raises(InputError, match="texts is the string 'good', expected a list of strings"):
    bert.encode("good")


def test_a_mask_has_the_most_probable_tokens_first(bert):
  size = bert.tokenizer.get_vocab_size()
  tokens = bert.fill_mask("good [MASK] w1", top_k=size)
  probabilities = [probability for _, probability in tokens]
  assert probabilities == sorted(probabilities, reverse=True)
  assert sum(probabilities) == pytest.approx(1, abs=1e-5)
  assert {token for token, _ in tokens} == set(bert.tokenizer.get_vocab())
  assert bert.fill_mask("good [MASK] w1", top_k=2) == tokens[:2]


@pytest.mark.parametrize("text, number", [("good", 0), ("[MASK] [MASK]", 2)])
def test_a_text_without_one_mask_is_an_error(bert, text, number):
  with pytest.raises(InputError, match=rf"the text has {number} \[MASK\], expected one"):
    bert.fill_mask(text)


def test_a_bert_without_a_masked_head_fills_no_mask(model_folders):
  model = language_models.MaskedLanguageModel(model_folders / "bert")
  model.params = {name: part for name, part in model.params.items() if name != "masked_lm"}
  with pytest.raises(InputError, match="no head for masked tokens"):
    model.fill_mask("a [MASK]")


def test_a_prompt_is_continued_and_several_are_a_list(gpt):
  text = gpt.generate("good w1", max_new_tokens=3, temperature=0)
  assert text.startswith("good w1")
  assert gpt.generate(["good w1", "bad"], max_new_tokens=3, temperature=0)[0] == text
  assert gpt.generate("good", max_new_tokens=3, seed=2) == gpt.generate(
    "good", max_new_tokens=3, seed=2
  )


def test_generation_ends_at_the_last_position(gpt):
  prompt = ["<|endoftext|>", *gpt.tokenizer.encode("good").ids]
  room = gpt.config.positions - len(prompt)
  longest = gpt.generate("good", max_new_tokens=room, temperature=0)
  assert gpt.generate("good", max_new_tokens=1000, temperature=0) == longest
  assert gpt.generate("good", max_new_tokens=room - 1, temperature=0) != longest


def test_each_prompt_has_its_own_positions(gpt):
  longest = "good"
  while gpt.room(longest + " good") > 0:
    longest += " good"
  room = gpt.room(longest)
  most = room + 2
  assert 0 < room < most < gpt.room("bad")
  together = gpt.generate([longest, "bad"], max_new_tokens=most, temperature=0)
  assert together[1] == gpt.generate("bad", max_new_tokens=most, temperature=0)
  assert together[0] == gpt.generate(longest, max_new_tokens=room, temperature=0)
  with pytest.raises(InputError, match="positions"):
    gpt.generate("good " * gpt.config.positions)
  assert gpt.room("good " * gpt.config.positions) == 0


def test_a_bert_is_no_gpt(model_folders):
  with pytest.raises(InputError, match="bert: found a BERT, .* expected a GPT to write text"):
    language_models.CausalLanguageModel(model_folders / "bert")

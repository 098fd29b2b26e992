import numpy as np
import pytest

from glove_jax.data.text import phrase_merging, token_store, word_tokenizers
from glove_jax.errors import InputError


def tokenize(folder, text):
  (folder / "text.txt").write_text(text)
  return token_store.read([folder / "text.txt"], word_tokenizers.make("whitespace"), folder)


@pytest.mark.parametrize("block", [1, 2, 1000])
def test_pairs_are_joined_from_left_to_right(tmp_path, monkeypatch, block):
  monkeypatch.setattr(phrase_merging, "_BLOCK", block)
  text = tokenize(tmp_path, "a a a b\na b a")
  pairs = {("a", "a"): 1.0, ("a", "b"): 1.0, ("x", "a"): 1.0}
  merged = phrase_merging.merge(text, pairs, tmp_path, delimiter="+")
  ids = np.concatenate(list(token_store.read_blocks(merged, 1000)))
  tokens = [merged.words[i] for i in ids]
  assert tokens == ["a+a", "a+b", "\n", "a+b", "a", "\n"]
  assert merged.words == ("\n", "a", "b", "a+a", "a+b")
  assert merged.counts.tolist() == [2, 1, 0, 1, 2]


def test_an_unwritable_folder_is_an_input_error(tmp_path):
  text = tokenize(tmp_path, "a b a b")
  with pytest.raises(InputError, match="nowhere: cannot write the text with phrases"):
    phrase_merging.merge(text, {}, tmp_path / "nowhere")

"""The card says what a run has recorded of itself."""

import json

import exported_vectors

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import model_card, vector_table


def make(table, format="parquet", texts="split so"):
  return model_card.make(table, format, texts=texts, usage="open('it')")


def test_the_card_of_a_run_has_its_command_text_scores_and_settings(tmp_path):
  folder = exported_vectors.write_run(tmp_path / "run", dim=7)
  (folder / "scores.json").write_text(json.dumps(
    {"similarity": {"ws353": {"spearman": 0.61234}}, "analogy": {"total": {"accuracy": 0.2}}}))
  text = make(vector_table.read(folder))
  assert text.startswith("---\nglove_jax_export: parquet\n")
  assert "\n# GloVe word vectors\n" in text and "12 words x 6" in text
  assert "python experiments/pretrain.py" in text and "--config.dim=7" in text
  assert "* `wiki.txt`" in text and "hash of the text: `0123abcd`" in text
  assert "* step 7, loss 0.25" in text
  assert "* ws353: spearman 0.612" in text and "* total: accuracy 0.200" in text
  assert '"corpus": "wiki.txt"' in text
  assert "open('it')" in text and "## Texts\n\nsplit so" in text
  assert "lower-cased, then split into words by the tokenizer `words`" in text


def test_other_vectors_have_a_short_card():
  text = make(exported_vectors.table(notes=("left \x1b out",)), texts="")
  assert "do not come from a run" in text and "## Command" not in text and "## Texts" not in text
  assert "* left \\x1b out" in text


def test_phrases_are_mentioned():
  tokenization = Tokenization("words", True, phrases_file="phrases.txt")
  assert "new_york" in make(exported_vectors.table(tokenization=tokenization))


def test_a_run_of_another_version_has_no_command(tmp_path):
  folder = exported_vectors.write_run(tmp_path / "run", no_such_key=1)
  text = make(vector_table.read(folder))
  assert "## Command" not in text and "12 words x 6" in text


def test_damaged_records_do_no_harm(tmp_path):
  folder = exported_vectors.write_run(tmp_path / "run")
  (folder / "scores.json").write_text('{"similarity": [1], "analogy": {"a": 1}}')
  (folder / "corpus.json").write_text('{"fingerprint": 3}')
  assert "hash of the text" not in make(vector_table.read(folder))


def test_an_export_is_told_from_other_folders(tmp_path):
  assert not model_card.is_export(tmp_path)
  (tmp_path / "README.md").write_text("# Mine\n")
  assert not model_card.is_export(tmp_path)
  (tmp_path / "README.md").write_text(make(exported_vectors.table()))
  assert model_card.is_export(tmp_path)

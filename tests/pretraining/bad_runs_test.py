"""Runs that are refused: one line that says why, and nothing half-written."""

import ast
import fcntl

import bad_corpora
import pytest
import small_corpus

import glove_jax as gj


def parse(settings):
  """Returns the values of `key=value` settings."""
  values = dict(setting.split("=") for setting in settings)
  for key, text in values.items():
    try:
      values[key] = ast.literal_eval(text)
    except (ValueError, SyntaxError):
      continue  # a string
  return values


def assert_refused(*expected, **values):
  with pytest.raises((gj.InputError, OSError)) as caught:
    gj.pretrain(**values)
  message = str(caught.value)
  assert "\n" not in message
  for text in expected:
    assert text in message


NAMES = [name for name in bad_corpora.BAD if name != "recipe"]  # a file of settings of a method


@pytest.mark.parametrize("name", NAMES)
def test_bad_input_is_one_line_and_leaves_no_half_written_file(tmp_path, monkeypatch, name):
  bad_corpora.write_files(tmp_path)
  monkeypatch.chdir(tmp_path)
  corpus, overrides, expected = bad_corpora.BAD[name]
  values = {"dim": 8, "min_count": 2, "method": "glove", **parse(overrides)}
  assert_refused(*expected, corpus=corpus, workdir="run", **values)
  bad_corpora.assert_nothing_half_written(tmp_path / "run")


@pytest.mark.parametrize("settings,message", [
  ({"anchor": 0.1, "init": None}, "anchor=0.1 needs pretrained vectors"),
  ({"anchor": -1}, "anchor=-1.0, expected at least 0"),
  ({"anchor": 0.1, "output": "word"}, "output='word', expected sum"),
  ({"anchor": 0.1, "dim": 9}, "dimension 8, expected dim=9"),
])  # fmt: skip
def test_an_anchor_without_effect_is_one_line(tmp_path, settings, message):
  text = small_corpus.write_text(tmp_path / "text.txt")
  (tmp_path / "vectors.txt").write_text("w0" + " 0.1" * 8 + "\nw1" + " 0.2" * 8 + "\n")
  values = {"dim": 8, "init": tmp_path / "vectors.txt", **settings}
  assert_refused(message, corpus=text, **values)


def test_vectors_of_other_words_are_no_start(tmp_path):
  text = small_corpus.write_text(tmp_path / "text.txt", words=30)
  (tmp_path / "vectors.txt").write_text("x0" + " 0.1" * 8 + "\nx1" + " 0.2" * 8 + "\n")
  assert_refused("has none of the", corpus=text, init=tmp_path / "vectors.txt", dim=8)


def test_two_runs_in_one_workdir_do_not_meet(tmp_path):
  text = small_corpus.write_text(tmp_path / "text.txt")
  (tmp_path / "run").mkdir()
  with open(tmp_path / "run" / ".lock", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    assert_refused("in use by another run", corpus=text, workdir=tmp_path / "run")


def test_a_run_of_another_window_or_text_is_refused(tmp_path):
  text = small_corpus.write_text(tmp_path / "text.txt")
  values = {"corpus": text, "method": "ppmi_svd", "dim": 4, "window": 5}
  values["workdir"] = tmp_path / "run"
  gj.pretrain(**values)
  assert_refused("window was 5, now 6", "another --workdir", **{**values, "window": 6})
  small_corpus.write_text(text, seed=1)
  assert_refused("the text has changed", **values)


def test_one_enormous_line_is_a_document(tmp_path):
  (tmp_path / "line.txt").write_text("one two three four " * 100_000)
  gj.pretrain(tmp_path / "line.txt", "ppmi_svd", workdir=tmp_path / "run", dim=2)
  assert (tmp_path / "run" / "vocab.txt").read_text().splitlines()[0] == "four 100000"


@pytest.mark.parametrize("method,settings,message", [
  ("bert", {"mask_rate": 1.5}, "mask_rate=1.5, expected more than 0 and at most 1"),
  ("bert", {"sample": -1.0}, "mask_subsample=-1.0, expected at least 0"),
  ("bert", {"tokenizer": "bpe"}, "no [MASK]"),
  ("bert", {"tokenizer": "/nowhere.json"}, "No such file"),
  ("bert", {"init": "/nowhere"}, "no such folder"),
  ("bert", {"init": "a", "vectors": "b"}, "init=a and vectors=b"),
  ("gpt", {"documents": "pages"}, "expected one of lines, blocks"),
  ("gpt", {"heads": 3}, "multiple of heads=3"),
  ("gpt", {"top_p": 1.5}, "top_p=1.5, expected"),
  ("gpt", {"max_vocab": 10}, "expected 257 at least"),
])  # fmt: skip
def test_bad_settings_of_language_models_are_one_line(tmp_path, method, settings, message):
  text = small_corpus.write_text(tmp_path / "text.txt")
  sizes = {"layers": 1, "dim": 8, "heads": 2, "context_length": 16, "max_vocab": 300}
  assert_refused(message, corpus=text, method=method, **{**sizes, **settings})


@pytest.mark.parametrize("settings,message", [
  ({"model": "skip"}, "expected one of skipgram, cbow"),
  ({"loss": "softmax"}, "expected one of ns, hs"),
  ({"negatives": 0}, "negatives=0, expected at least 1"),
  ({"sample": 1e-30}, "keeps no word"),
  ({"grow": True}, "grow needs the run"),
  ({"block": 0}, "block_size=0, expected at least 1"),
])  # fmt: skip
def test_bad_settings_of_word2vec_are_one_line(tmp_path, settings, message):
  text = small_corpus.write_text(tmp_path / "text.txt")
  assert_refused(message, corpus=text, method="word2vec", dim=4, **settings)


def test_settings_of_phrases_are_looked_at_before_the_text_is_read(tmp_path):
  values = {"phrases": 1, "phrase_score": "npmi"}
  assert_refused("from -1 to below 1 for npmi", corpus=tmp_path / "missing.txt", **values)

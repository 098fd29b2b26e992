"""What the methods have in common: which corpus they take, early stopping, averaging."""

import os

import pytest
import small_corpus

from glove_jax import pretraining
from glove_jax.errors import InputError
from glove_jax.loop import EarlyStopping
from glove_jax.pretraining import methods


def test_every_method_with_settings_has_a_plan():
  assert pretraining.METHODS.keys() == pretraining.SETTINGS.keys()


def test_patience_is_about_the_held_out_loss():
  settings = pretraining.parse({"method": "glove", "held_out": 0.1, "patience": 3})
  assert methods.early_stopping(settings) == EarlyStopping("held_out_loss", "min", 3)
  assert methods.early_stopping(pretraining.parse({"method": "glove"})) is None
  assert methods.early_stopping(pretraining.parse({"method": "bert"})) is None


@pytest.mark.parametrize(("method", "epochs", "averaged"), [
  ("glove", 15, 8), ("glove", 5, 3), ("glove", 1, 1), ("glove", 100, 8), ("glove_als", 15, 1)])
def test_no_more_than_the_last_half_of_the_epochs_is_averaged(method, epochs, averaged):
  settings = pretraining.parse({"method": method, "epochs": epochs})
  assert methods.averaged_epochs(settings) == averaged


def run(folder, corpus, **values):
  """Runs the method that compiles nothing."""
  settings = pretraining.parse({"method": "ppmi_svd", "corpus": corpus, "dim": 4, **values})
  return pretraining.run(settings, folder)


def test_the_same_text_under_another_path_goes_on(tmp_path, monkeypatch, capsys):
  (tmp_path / "a").mkdir()
  for name in ("1.txt", "2.txt"):
    small_corpus.write_text(tmp_path / "a" / name, seed=int(name[0]))
  monkeypatch.chdir(tmp_path / "a")
  first = run(tmp_path / "run", "*.txt")
  (tmp_path / "run").rename(tmp_path / "moved")
  os.rename(tmp_path / "a", tmp_path / "b")
  monkeypatch.chdir(tmp_path)
  capsys.readouterr()
  for corpus in ("b/*.txt", "b/1.txt,b/2.txt", f"{tmp_path}/b/1.txt, {tmp_path}/b/2.txt"):
    again = run(tmp_path / "moved", corpus)
    assert (again.vectors == first.vectors).all()
  for corpus in ("b/2.txt,b/1.txt", "b/1.txt"):  # other texts
    with pytest.raises(InputError, match="the text has changed since the run"):
      run(tmp_path / "moved", corpus)


def test_a_vocabulary_under_another_path_goes_on_and_another_one_does_not(tmp_path):
  text = str(small_corpus.write_text(tmp_path / "text.txt"))
  for name, second in (("v", "w0"), ("same", "w0"), ("other", "w2")):
    (tmp_path / name).write_text(f"w1 9\n{second} 8\n")
  run(tmp_path / "run", text, vocab=str(tmp_path / "v"), dim=1)
  run(tmp_path / "run", text, vocab=str(tmp_path / "same"), dim=1)
  with pytest.raises(InputError, match="vocab=.*other: has other contents"):
    run(tmp_path / "run", text, vocab=str(tmp_path / "other"), dim=1)


def test_a_changed_vocabulary_is_told_and_made_again_once_it_is_deleted(tmp_path):
  text = str(small_corpus.write_text(tmp_path / "text.txt"))
  first = run(tmp_path / "run", text)
  path = tmp_path / "run" / "vocab.txt"
  whole = path.read_text()
  path.write_text(whole.replace("1", "2", 1))
  with pytest.raises(InputError, match=r"vocab.txt: .* of checksum \d+, expected .*delete it"):
    run(tmp_path / "run", text)
  path.unlink()
  assert (run(tmp_path / "run", text).vectors == first.vectors).all()
  assert path.read_text() == whole


def test_changed_phrases_are_told(tmp_path):
  text = str(small_corpus.write_text(tmp_path / "text.txt"))
  phrases = {"phrases": 1, "phrase_threshold": 0.1, "phrase_min_count": 1}
  first = run(tmp_path / "run", text, **phrases)
  path = tmp_path / "run" / "phrases.txt"
  path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
  with pytest.raises(InputError, match=r"phrases.txt: .*, expected "):
    run(tmp_path / "run", text, **phrases)
  path.unlink()
  assert (run(tmp_path / "run", text, **phrases).vectors == first.vectors).all()


def test_a_digit_changed_in_the_record_of_the_text_is_told(tmp_path):
  text = str(small_corpus.write_text(tmp_path / "text.txt"))
  run(tmp_path / "run", text)
  path = tmp_path / "run" / "corpus.json"
  path.write_text(path.read_text().replace('"fingerprint": "', '"fingerprint": "0'))
  with pytest.raises(InputError, match=r"corpus.json: damaged \(checksum"):
    run(tmp_path / "run", text)

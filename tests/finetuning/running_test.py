"""A run trains by its plan, scores every part but the training data, and is resumed."""

import json
import shutil

import finetuning_data
import jax
import numpy as np
import pytest

from glove_jax import finetuning
from glove_jax.errors import InputError
from glove_jax.finetuning import running
from glove_jax.finetuning.baseline import Baseline

SMALL = {"epochs": 2, "batch_size": 32, "dim": 4}


@pytest.fixture(scope="module")
def settings(files):
  return finetuning.parse(finetuning_data.settings(files, ".txt", method="bag", **SMALL))


@pytest.fixture(scope="module")
def finished(settings, tmp_path_factory):
  folder = tmp_path_factory.mktemp("run")
  return folder, running.train(settings, folder, finetuning.METHODS["bag"])


def test_the_run_leaves_its_model_and_scores(finished):
  folder, finetuned = finished
  assert set(finetuned.scores) == {"dev", "test"}
  written = json.loads((folder / "metrics.json").read_text())
  assert written == {part: scores.values for part, scores in finetuned.scores.items()}
  _, params, model = finetuning.load(folder)
  texts = ["good1 w1", "bad1 w2"]
  assert model.predict(params, texts) == finetuned.model.predict(finetuned.params, texts)


def test_the_same_run_again_returns_the_same_scores(finished, settings):
  folder, finetuned = finished
  again = running.train(settings, folder, finetuning.METHODS["bag"])
  assert again.scores == finetuned.scores


def test_a_run_of_other_settings_is_refused(finished, files):
  values = finetuning_data.settings(files, ".txt", method="bag", **{**SMALL, "dim": 5})
  with pytest.raises(InputError, match="dim was 4, now 5"):
    running.train(finetuning.parse(values), finished[0], finetuning.METHODS["bag"])


def test_a_run_needs_data_to_train_on(files, tmp_path):
  values = finetuning_data.settings(files, ".txt", method="bag", **SMALL)
  values["train"] = str(tmp_path / "missing.txt")
  with pytest.raises((InputError, OSError), match="missing.txt"):
    running.train(finetuning.parse(values), tmp_path / "run", finetuning.METHODS["bag"])


@pytest.mark.slow
def test_more_epochs_end_with_the_same_params_as_one_long_run(files, tmp_path):
  values = finetuning_data.settings(files, ".txt", method="bag", patience=0, **SMALL)
  run = finetuning.METHODS["bag"]
  running.train(finetuning.parse(values), tmp_path / "run", run)
  longer = finetuning.parse({**values, "epochs": 3})
  continued = running.train(longer, tmp_path / "run", run)
  whole = running.train(longer, tmp_path / "whole", run)
  jax.tree.map(np.testing.assert_array_equal, continued.params, whole.params)
  with pytest.raises(InputError, match="epochs was 3, now 4.*falls to the end of the run"):
    falling = {**values, "schedule": "cosine"}
    running.train(finetuning.parse({**falling, "epochs": 3}), tmp_path / "cosine", run)
    running.train(finetuning.parse({**falling, "epochs": 4}), tmp_path / "cosine", run)


def test_a_changed_lexicon_of_a_finished_run_is_told(finished, tmp_path):
  folder = shutil.copytree(finished[0], tmp_path / "run")
  path = folder / "lexicon.json"
  path.write_text(path.read_text().replace("good", "goof", 1))
  with pytest.raises(InputError, match=r"lexicon.json: [\d,]+ bytes of checksum \d+, expected"):
    finetuning.load(folder)


def test_a_tagger_is_scored_beside_the_most_frequent_tags_of_words(tmp_path, capsys):
  sentences = "Ann B-PER\nran O\n\nthe O\nRio B-LOC\n\n" * 20
  for part in ("train", "dev"):
    (tmp_path / f"{part}.conll").write_text(sentences.replace(" ", "\t"))
  values = {part: str(tmp_path / f"{part}.conll") for part in ("train", "dev")}
  values |= {"method": "tagger", "epochs": 1, "dim": 2, "learning_rate": 1e-9, "char_filters": 0}
  finetuned = running.train(
    finetuning.parse(values), tmp_path / "run", finetuning.METHODS["tagger"]
  )
  written = json.loads((tmp_path / "run" / "metrics.json").read_text())
  assert written["dev"]["baseline"] == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
  assert finetuned.scores["dev"].overall["f1"] < 1
  assert "on dev is below the baseline's 1.0000; the tagger has not" in capsys.readouterr().out


@pytest.mark.parametrize(
  ("method", "vectors", "expected"),
  [
    ("cnn", None, "configs/fasttext_supervised.py) or pretrained vectors (--config.init=FILE)"),
    ("cnn", np.ones((3, 2)), "a simple model (--config.method=averaged) may"),
    ("transformer", np.ones((3, 2)), "configs/classify.py:averaged with vectors in --config.init)"),
  ],
)
def test_advice_names_what_can_be_typed(method, vectors, expected):
  settings = finetuning.parse({"method": method, "train": "t.tsv"})
  baseline = Baseline({}, vectors, [], ())
  assert expected in running._advice(settings, baseline)

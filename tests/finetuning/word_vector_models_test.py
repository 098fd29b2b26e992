"""Models on word vectors: trained, loaded, and asked about words that only the vectors have."""

import json
import pathlib
import shutil

import finetuning_data
import pytest
from finetuning_runs import check_loaded_classifier, check_loaded_tagger, fit

from glove_jax import finetuning
from glove_jax.errors import InputError
from glove_jax.finetuning import unknown_texts

SLOW = pytest.mark.slow
SMALL = {"epochs": 2, "batch_size": 20, "learning_rate": 0.05, "length_buckets": 1}


def test_a_classifier_of_a_finished_run_is_the_one_that_was_trained(files, tmp_path, capfd):
  init = str(files / "vectors.txt")
  values = finetuning_data.settings(files, ".txt", method="bag", init=init, pooling="mean", **SMALL)
  data, params, model = fit(tmp_path, **values)
  # of these words no text has had good9 and bad9
  texts = ["w1 good9 w2", "w1 bad9 w2", "nowhere", ""]
  check_loaded_classifier(tmp_path, params, model, data["test"], texts)
  assert model.predict(params, texts)[:2] == ["good", "bad"]
  record = json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[-1])
  assert record["dev_accuracy"] == model.score(params, data["dev"]).values["accuracy"]
  assert "dev_error" not in record
  with unknown_texts.noted():
    model.predict(params, ["good9 nowhere", "nowhere", ""])
  assert "note: 2 of 3 texts have no word that the model knows" in capfd.readouterr().err


def test_a_tagger_of_a_finished_run_is_the_one_that_was_trained(files, tmp_path):
  values = finetuning_data.settings(
    files,
    ".conll",
    method="tagger",
    encoder="bag",
    init=str(files / "vectors.txt"),
    char_filters=3,
    **SMALL,
  )
  data, params, model = fit(tmp_path, **values)
  check_loaded_tagger(tmp_path, params, model, data["test"], "Other name3 in Town7")


@pytest.mark.parametrize("megabytes", [100, 0])
@pytest.mark.parametrize(
  "method",
  ["averaged", pytest.param("bag", marks=SLOW), pytest.param("tagger", marks=SLOW)],
)
def test_a_run_predicts_the_same_after_its_vectors_are_gone_and_it_was_moved(
  method, megabytes, files, tmp_path, monkeypatch
):
  monkeypatch.chdir(tmp_path)  # `init` is a relative path
  shutil.copy(files / "vectors.txt", "vectors.txt")
  suffix = ".conll" if method == "tagger" else ".txt"
  values = {"method": method, "init": "vectors.txt", "keep_vectors_mb": megabytes, **SMALL}
  if method == "tagger":
    values |= {"encoder": "bag", "char_filters": 0}
  run = tmp_path / "run"
  data, params, model = fit(run, **finetuning_data.settings(files, suffix, **values))
  pathlib.Path("vectors.txt").unlink()
  (tmp_path / "moved").mkdir()
  run.rename(tmp_path / "moved" / "run")
  _, loaded_params, loaded = finetuning.load(tmp_path / "moved" / "run")
  assert loaded.score(loaded_params, data["test"]) == model.score(params, data["test"])
  if megabytes and method != "tagger":  # good9 is in no text of the run
    texts = ["w1 good9 w2", "w1 bad9 w2", "nowhere", ""]
    assert loaded.predict(loaded_params, texts) == model.predict(params, texts)


def test_augmentation_needs_vectors(files):
  settings = finetuning.parse(finetuning_data.settings(files, ".txt", method="bag", eda=0.1))
  with pytest.raises(InputError, match="eda=0.1 takes near words"):
    finetuning.METHODS["bag"](settings, finetuning.read(settings))


def test_augmentation_changes_batches(files):
  init = str(files / "vectors.txt")
  values = finetuning_data.settings(files, ".txt", method="bag", init=init, **SMALL)
  batches = []
  for eda in (0.0, 0.5):
    settings = finetuning.parse(values | {"eda": eda})
    plan, _ = finetuning.METHODS["bag"](settings, finetuning.read(settings))
    batches.append(plan.batches(0).ids)
  assert (batches[0] != batches[1]).any()

"""Folders with heads: which ones are classifiers and taggers, and which are damaged."""

import json
import shutil

import numpy as np
import pytest
import tokenizer_folders
from huggingface_folders import GOLDEN
from safetensors.numpy import load_file, save_file

import glove_jax as gj
from glove_jax import finetuning
from glove_jax.errors import InputError

SEQUENCE = "BertForSequenceClassification"
TOKEN = "BertForTokenClassification"


@pytest.fixture
def write(tmp_path):
  """A function that writes a folder as transformers saves it: a golden model and its head."""

  def write(task, **values):
    folder = tmp_path / "model"
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer_folders.write(folder, tokenizer_folders.folders()["bert"])
    lines = (folder / "vocab.txt").read_text().split("\n")[:40]  # as many as the model has
    (folder / "vocab.txt").write_text("\n".join(lines))
    config = json.loads((GOLDEN / "bert" / "config.json").read_text())
    names = {"classifier": SEQUENCE, "tagger": TOKEN}
    config |= {"architectures": [names[task]], **values}
    (folder / "config.json").write_text(json.dumps(config))
    head = load_file(GOLDEN / "bert" / "heads.safetensors")
    tensors = load_file(GOLDEN / "bert" / "model.safetensors")
    for name in ("weight", "bias"):
      tensors[f"classifier.{name}"] = head[f"{task}/classifier.{name}"]
    save_file(tensors, folder / "model.safetensors")
    return folder

  return write


def names(*labels):
  return {str(number): label for number, label in enumerate(labels)}


def test_a_classifier_that_was_trained_elsewhere(write):
  loaded = gj.load(write("classifier", id2label=names("x", "y", "z")))
  assert isinstance(loaded, gj.Classifier) and loaded.labels == ("x", "y", "z")
  assert loaded.settings.pooling == "first" and loaded.settings.head == "dense"
  assert loaded.params["head"]["dense"]["w"].shape == (16, 16)
  assert finetuning.open_finished(write("classifier")).model.labels == (
    "LABEL_0", "LABEL_1", "LABEL_2",
  )  # fmt: skip


def test_a_tagger_that_was_trained_elsewhere(write):
  labels = names("O", "B-PER", "I-PER", "LOC", "E-ORG")
  loaded = gj.load(write("tagger", id2label=labels))
  assert isinstance(loaded, gj.Tagger) and not loaded.settings.use_crf
  assert loaded.labels == ("O", "B-PER", "I-PER", "I-LOC", "E-ORG")  # plain labels are runs
  np.testing.assert_array_equal(
    loaded.params["head"]["w"].T, load_file(GOLDEN / "bert" / "heads.safetensors")[
      "tagger/classifier.weight"
    ],
  )  # fmt: skip


@pytest.mark.parametrize(
  "values,kind",
  [
    ({"problem_type": "multi_label_classification"}, "multi_label_classification"),
    ({"problem_type": "regression"}, "regression"),
    ({"id2label": {"0": "LABEL_0"}}, "one number"),
    ({"problem_type": 3}, "3"),
  ],
)
def test_heads_of_another_kind_are_left_out_with_a_note(write, values, kind, capsys):
  loaded = gj.load(write("classifier", **values))
  assert isinstance(loaded, gj.MaskedLanguageModel)
  out = capsys.readouterr().out
  assert f"its head gives {kind!r}".replace("'3'", "3") in out and "it is left out" in out


@pytest.mark.parametrize(
  "values,message",
  [
    ({"id2label": names("x", "y")}, "id2label is .* expected names of 3 labels"),
    ({"id2label": ["x", "y", "z"]}, "expected names of 3 labels"),
    ({"id2label": {"0": "x", "1": "y", "3": "z"}}, "expected names of 3 labels"),
    ({"id2label": names("x", "y", 3)}, "expected names of 3 labels"),
    ({"id2label": names("x", "y", "y")}, "id2label has a name twice"),
    ({"model_type": "deberta"}, "model_type is 'deberta', expected one of"),
    ({"hidden_size": 8}, "expected"),
  ],
)
def test_damaged_folders_are_errors_of_one_line(write, values, message):
  folder = write("classifier", **values)
  with pytest.raises(InputError, match=message) as caught:
    gj.load(folder)
  assert "\n" not in str(caught.value)


def test_a_run_is_no_such_folder(tmp_path):
  (tmp_path / "config.json").write_text(json.dumps({"method": "cnn", "architectures": [SEQUENCE]}))
  assert not finetuning.has_head(tmp_path) and not finetuning.has_head(tmp_path / "none")

"""Parts of labelled data: folds, held-out texts, leaks, and the record of the files of a run."""

import json

import finetuning_data
import pytest

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.errors import InputError
from glove_jax.finetuning import datasets, settings


def classify_settings(files, **values):
  return settings.ClassifySettings(train=str(files / "train.txt"), **values)


def test_folds_and_held_out_parts_share_no_text(files):
  tested = []
  for number in (1, 2, 3):
    data = datasets.read(classify_settings(files, fold=f"{number}/3"))
    assert list(data) == ["train", "dev", "test"]
    assert len(data["dev"].texts) == 8
    assert sum(len(part.texts) for part in data.values()) == 120
    tested += data["test"].texts
  lines = (files / "train.txt").read_text().splitlines()
  assert sorted(tested) == sorted(line.split(" ", 1)[1] for line in lines)


def test_few_training_texts_have_classes_in_proportion(files):
  everything = datasets.read(classify_settings(files))["train"]
  some = datasets.read(classify_settings(files, max_train_texts=30))["train"]
  assert len(some.texts) == 30
  assert set(some.texts) <= set(everything.texts)
  share = everything.labels.count(("bad",)) / len(everything.texts)
  assert some.labels.count(("bad",)) / 30 == pytest.approx(share, abs=0.05)


def test_folds_do_not_depend_on_the_seed(files):
  tested = [
    datasets.read(classify_settings(files, fold="1/3", seed=seed))["test"].texts for seed in (1, 2)
  ]
  assert tested[0] == tested[1]


@pytest.mark.parametrize(
  "values,message",
  [
    ({"fold": "4/3"}, "fold='4/3' with test=''"),
    ({"fold": "1/3", "test": "x"}, "fold='1/3' with test='x'"),
    ({"dev_fraction": 0.999}, "dev_fraction=0.999 leaves no texts"),
  ],
)
def test_bad_divisions_are_refused(files, values, message):
  if values.get("test"):
    values = {**values, "test": str(files / "test.txt")}
    message = "fold='1/3' with test="
  with pytest.raises(InputError, match=message):
    datasets.read(classify_settings(files, **values))


def test_names_stand_for_numbers(tmp_path):
  (tmp_path / "train").write_text("0 a b\n1 a c\n2 d\n" * 2)
  (tmp_path / "names").write_text("sport\nfilm\nart\n")
  values = {"train": str(tmp_path / "train"), "dev_fraction": 0.0}
  plain = datasets.read(settings.ClassifySettings(**values))["train"]
  named = datasets.read(settings.ClassifySettings(**values, label_names=str(tmp_path / "names")))[
    "train"
  ]
  assert plain.labels[:3] == [("0",), ("1",), ("2",)]
  assert named.labels[:3] == [("sport",), ("film",), ("art",)]


def test_repeated_texts_of_later_parts_are_reported(capsys):
  datasets.log_leaks({"train": ["a b", "c"], "dev": ["A  b", "d"], "test": ["d", "e", "c"]})
  reports = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
  assert reports == [
    "1 of 2 texts of dev are in train too",
    "1 of 3 texts of test are in train too",
    "1 of 3 texts of test are in dev too",
  ]


def test_the_files_of_a_run_may_not_change(tmp_path):
  train = tmp_path / "train"
  train.write_text("a x\nb y\n")
  run = tmp_path / "run"
  run.mkdir()
  parsed = settings.ClassifySettings(train=str(train))
  datasets.record_files(parsed, run)
  assert json.loads((run / "texts.json").read_text())["files"] == [str(train)]
  datasets.record_files(parsed, run)
  train.write_text("a x\nb z\n")
  with pytest.raises(InputError, match="the texts have changed"):
    datasets.record_files(parsed, run)


def test_all_files_of_a_folder_count(tmp_path):
  for name in ("neg/1.txt", "pos/2.txt"):
    (tmp_path / "train" / name).parent.mkdir(parents=True)
    (tmp_path / "train" / name).write_text("a\n")
  datasets.record_files(settings.ClassifySettings(train=str(tmp_path / "train")), tmp_path)
  files = json.loads((tmp_path / "texts.json").read_text())["files"]
  assert files == [str(tmp_path / "train" / name) for name in ("neg/1.txt", "pos/2.txt")]


def test_targets_are_indices_of_the_training_classes():
  parsed = settings.ClassifySettings(train="TRAIN", test="TEST")
  train = Labelled(["t", "u"], [("b",), ("a",)], ("a", "b"))
  test = Labelled(["t", "u"], [("c",), ("b",)], ("b", "c"))
  targets = datasets.class_targets(parsed, {"train": train, "test": test})
  # a class that was not learnt counts as the first
  assert targets == {"train": [1, 0], "test": [0, 1]}
  several = test._replace(labels=[("a", "b"), ("b",)])
  with pytest.raises(InputError, match="TEST: a text has the labels a, b, expected one"):
    datasets.class_targets(parsed, {"train": train, "test": several})


def test_tags_are_learnt_in_one_scheme(files):
  data = datasets.read(settings.TagSettings(**finetuning_data.settings(files, ".conll")))
  names = datasets.tag_names(data)
  assert names[0] == "O" and {"S-LOC", "B-PER", "E-PER"} <= set(names)
  targets = datasets.tag_targets(names, data["dev"])
  decoded = [tagging.spans([names[tag] for tag in tags]) for tags in targets]
  assert decoded == data["dev"].spans


def test_the_same_texts_elsewhere_are_the_same(files, tmp_path):
  datasets.record_files(classify_settings(files), tmp_path)
  moved = tmp_path / "moved.txt"
  moved.write_bytes((files / "train.txt").read_bytes())
  datasets.record_files(settings.ClassifySettings(train=str(moved)), tmp_path)
  with pytest.raises(InputError, match="dev=.*the texts have changed since the run in"):
    datasets.record_files(classify_settings(files, dev=str(moved)), tmp_path)


def test_a_renamed_label_folder_is_another_text(tmp_path):
  for label in ("neg", "pos"):
    (tmp_path / "train" / label).mkdir(parents=True)
    (tmp_path / "train" / label / "1.txt").write_text(f"{label} text")
  values = settings.ClassifySettings(train=str(tmp_path / "train"))
  datasets.record_files(values, tmp_path)
  (tmp_path / "train" / "neg").rename(tmp_path / "train" / "bad")
  with pytest.raises(InputError, match="the texts have changed"):
    datasets.record_files(values, tmp_path)


def test_a_digit_changed_in_the_record_is_told(files, tmp_path):
  datasets.record_files(classify_settings(files), tmp_path)
  path = tmp_path / "texts.json"
  path.write_text(path.read_text().replace('"train": "', '"train": "0'))
  with pytest.raises(InputError, match=r"texts.json: damaged \(checksum \d+, expected \d+\)"):
    datasets.record_files(classify_settings(files), tmp_path)

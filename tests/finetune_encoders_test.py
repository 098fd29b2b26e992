"""`finetune.py` on word vectors: every encoder and strategy, early stopping, resuming, labelling new texts."""

import importlib
import json
import random
import subprocess

import numpy as np
import pytest
from running import ENV, ROOT, experiment_command, kill_after_checkpoint, run

from glove_jax import checkpoint, tree_paths, vector_files
from glove_jax.data.labelled import tagging
from glove_jax.word_vectors import WordVectors

NAMES = [f"name{i}" for i in range(12)]
SMALL = ("epochs=6", "batch_size=8", "learning_rate=0.02", "log_every=5", "buckets=2", "input_dropout=0.1",
         "word_dropout=0.0", "average=0.0")
CLASSIFY = (*SMALL, "filters=8", "size=8", "widths=1,2", "dim=8", "dropout=0.2")
TAG = (*SMALL, "size=8", "char_filters=4", "char_dim=4", "dropout=0.1", "patience=3", "dim=8")


def write_tagged(path, size, seed):
  """Sentences where `in` stands before a place, names are people, and numbers are neither."""
  rng, lines = random.Random(seed), []
  for _ in range(size):
    words = [(f"w{rng.randrange(20)}", "O") for _ in range(rng.randrange(1, 5))]
    words += [(rng.choice(NAMES).title(), "B-PER"), ("Smith", "I-PER")] * rng.randrange(2)
    words += [("in", "O"), (f"Town{rng.randrange(30)}", "B-LOC")] * rng.randrange(2)
    lines += [f"{word}\t{tag}" for word, tag in words] + [""]
  path.write_text("\n".join(lines))
  return path


def write_labelled(path, size, seed):
  rng = random.Random(seed)
  lines = []
  for _ in range(size):
    label = rng.choice(["bad", "good"])
    words = [f"w{rng.randrange(20)}" for _ in range(rng.randrange(1, 9))] + [f"{label}{rng.randrange(6)}"]
    lines.append(f"{label} {' '.join(rng.sample(words, len(words)))}\n")
  path.write_text("".join(lines))
  return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
  """Texts of both kinds, and vectors that know their words."""
  folder = tmp_path_factory.mktemp("texts")
  for seed, (part, size) in enumerate([("train", 120), ("dev", 40), ("test", 40)]):
    write_tagged(folder / f"{part}.conll", size, seed)
    write_labelled(folder / f"{part}.txt", size, seed)
  rng = np.random.default_rng(0)
  words = [f"w{i}" for i in range(15)] + NAMES + ["in", "smith", "other"]
  words += [f"{label}{i}" for label in ("bad", "good") for i in (0, 1, 2, 3, 9)]
  vectors = rng.normal(scale=0.5, size=(len(words), 6)).astype(np.float32)  # far less than what tells the classes apart
  for place, word in enumerate(words):
    vectors[place, 0] += 4 * (word.startswith("good") - word.startswith("bad"))
  vector_files.save(WordVectors(words, vectors), folder / "vectors.txt")
  return folder


def parts(files, end):
  return tuple(f"{part}={files / f'{part}.{end}'}" for part in ("train", "dev", "test"))


def finetune(config, workdir, *settings):
  done = run(experiment_command("finetune", config, workdir, *settings))
  assert done.returncode == 0, done.stderr
  return done


def scores(workdir):
  return json.loads((workdir / "metrics.json").read_text())


@pytest.mark.slow
def test_a_tagger_learns_keeps_its_best_epoch_and_tags_new_texts(tmp_path, files):
  small = ("encoder=cnn", "widths=3", "filters=20", "buckets=1")
  done = finetune("tag", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "conll"), *TAG, *small)
  assert "120 (" in done.stdout and "coverage" in done.stdout
  found = scores(tmp_path)
  assert found["test"]["f1"] > 0.8 and set(found["test"]) == {"f1", "precision", "recall", "types"}
  assert set(found["test"]["types"]) == {"LOC", "PER"} and "recall" in found["test"]["types"]["PER"]
  records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
  assert found["dev"]["f1"] == max(record["dev_f1"] for record in records if "dev_f1" in record)
  plain = tmp_path / "new.txt"
  plain.write_text("w1 Name3 Smith in Town99\n\nw2\n")
  finetune("tag", tmp_path, f"predict={plain}")
  labelled = tagging.read(tmp_path / "predicted.txt")
  assert labelled.sentences == [["w1", "Name3", "Smith", "in", "Town99"], ["w2"]]
  assert labelled.spans[0] == [tagging.Span(1, 3, "PER"), tagging.Span(4, 5, "LOC")]


def test_tokens_are_cleaned_each_by_itself_and_none_is_lost(monkeypatch, files):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  encoders, config = importlib.import_module("encoders"), importlib.import_module("configs.tag").get_config()
  config.clean = "nfkc,html,urls,users,numbers"
  text = ["@Ann", "1,000", "www.a.b/c", "<br>", "Ｘ１", "b"]
  assert encoders.cleaned(config, [text]) == [["<user>", "<number>", "<url>", "<br>", "X<number>", "b"]]
  config.train = str(files / "train.conll")
  data = importlib.import_module("encoder_recipes").read_tagged(config)
  learnt = {token for own in data.values() for sentence in own.sentences for token in sentence}
  assert {"w<number>", "Town<number>", "Smith"} <= learnt and not any("0" in token for token in learnt)
  config.clean = ""
  assert encoders.cleaned(config, [text]) == [text]


def test_texts_of_a_part_that_one_before_it_has_are_told(monkeypatch, capsys):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  recipes = importlib.import_module("finetune_recipes")
  recipes.say_leaks({"train": ["a b", "c"], "dev": ["A  b", "d"], "test": ["d", "e", "c"]})
  told = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
  assert told == ["1 of 2 texts of dev are in train too", "1 of 3 texts of test are in train too",
                  "1 of 3 texts of test are in dev too"]


STRATEGIES = {
  "plain": ("method=bag", "pooling=mean", "patience=0"),
  "cnn": ("method=cnn", "rates=words=0", "smoothing=0.1", "class_weights=balanced", "schedule=linear", "warmup=1"),
  "bilstm": ("method=bilstm", "thaw=words=2", "mixup=0.2", "schedule=cosine", "pooling=mean_max", "average=0.9",
             "recurrent_dropout=0.1", "layers=2", "layer_dropout=0.1", "clip_norm=5"),
  "eda": ("method=cnn", "eda=0.1", "rates=words=0.1,head=2", "weight_decay=0.01", "schedule=step", "word_dropout=0.1",
          "input_dropout=0.1", "variational=True", "optimizer=momentum", "learning_rate=0.1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_learns_and_labels_words_that_only_the_vectors_know(tmp_path, files, name):
  settings = (*CLASSIFY, *STRATEGIES[name])
  finetune("classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), *settings)
  assert scores(tmp_path)["test"]["accuracy"] > 0.7
  new = tmp_path / "new.txt"
  new.write_text("w1 good9 w2\nw1 bad9 w2\n")
  finetune("classify", tmp_path, f"predict={new}")
  assert (tmp_path / "predicted.txt").read_text() == "good\tw1 good9 w2\nbad\tw1 bad9 w2\n"


@pytest.mark.slow
def test_frozen_vectors_do_not_move(tmp_path, files):
  settings = (*CLASSIFY, "epochs=1", "rates=words=0")
  finetune("classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), *settings)
  given, words = vector_files.load(files / "vectors.txt"), json.loads((tmp_path / "lexicon.json").read_text())["words"]
  table = np.frombuffer(params(tmp_path)["encoder/inputs/words"], np.float32).reshape(-1, 6)
  assert len(table) == len(words) + 2
  for word, row in zip(words, table[2:], strict=True):
    if word in given:
      np.testing.assert_array_equal(row, given[word])


def test_unknown_words_take_vectors_of_their_pieces_where_there_are_any(monkeypatch, tmp_path):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  import encoders
  from ml_collections import ConfigDict

  from glove_jax.interop import fasttext
  table = np.random.default_rng(0).normal(size=(2 + 50, 4)).astype(np.float32)
  args = fasttext.Args(dim=4, min_count=1, minn=3, maxn=4, bucket=50, model="skipgram")
  model = fasttext.Model(
    args, ["sun", "moon"], np.array([2, 1]), [], np.zeros(0), 3, None, table, np.zeros((2, 4)))
  fasttext.save(model, tmp_path / "model.bin")
  known = fasttext.word_vectors(model)
  vector_files.save(known, tmp_path / "vectors.txt")
  for init in (tmp_path, tmp_path / "model.bin"):
    vectors = encoders.read_vectors(ConfigDict({"init": str(init)}))
    np.testing.assert_allclose(vectors.find("Moon"), known["moon"], atol=1e-6)
    np.testing.assert_allclose(vectors.find("sunny"), fasttext.vector(model, "sunny"), atol=1e-6)
  (tmp_path / "model.bin").unlink()
  assert encoders.read_vectors(ConfigDict({"init": str(tmp_path)})).find("sunny") is None
  assert encoders.read_vectors(ConfigDict({"init": ""})) is None


def test_words_without_a_vector_take_the_mean_of_their_parts_if_asked_to(monkeypatch, tmp_path):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  import encoders
  from ml_collections import ConfigDict
  (tmp_path / "vectors.txt").write_text("now 1 0\nplaying 0 3\niphone 5 5\n")
  config = ConfigDict({"init": str(tmp_path), "lowercase": True, "parts": True})
  words = encoders.plain(config, [["NowPlaying", "iPhone", "nowhere", "now-playing"]])
  vectors = encoders.read_vectors(config)
  for word, expected in zip(words[0], ([0.5, 1.5], [5, 5], None, [0.5, 1.5]), strict=True):
    np.testing.assert_array_equal(vectors.find(word), expected)
  del config.parts  # as in the config of a run from before there were parts
  assert encoders.read_vectors(config).find("now-playing") is None
  assert encoders.plain(config, [["NowPlaying"]]) == [["nowplaying"]]


def test_words_are_not_marked_without_vectors(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  import encoders
  from ml_collections import ConfigDict
  config = ConfigDict({"init": "", "lowercase": True, "parts": True})
  assert encoders.plain(config, [["iPhone", "iphone"]]) == [["iphone", "iphone"]]


def test_folds_and_held_out_parts_share_no_text(monkeypatch, files):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  import finetune_recipes
  from configs import classify
  config = classify.get_config()
  config.train, parts = str(files / "train.txt"), []
  for number in (1, 2, 3):
    config.fold = f"{number}/3"
    data = finetune_recipes.read_labelled(config)
    assert list(data) == ["train", "dev", "test"] and len(data["dev"].texts) == 8
    assert sum(len(own.texts) for own in data.values()) == 120
    parts += data["test"].texts
  config.limit = 30
  some = finetune_recipes.read_labelled(config)["train"]
  assert len(some.texts) == 30 and set(some.texts) <= set(data["train"].texts)
  assert abs(some.labels.count(("bad",)) / 30 - data["train"].labels.count(("bad",)) / len(data["train"].texts)) < 0.05
  assert sorted(parts) == sorted(line.split(" ", 1)[1] for line in (files / "train.txt").read_text().splitlines())


@pytest.mark.slow
def test_eight_devices_learn_what_one_does(tmp_path, files):
  settings = (f"init={files / 'vectors.txt'}", *parts(files, "conll"), *TAG, "encoder=cnn", "dropout=0.0",
              "input_dropout=0.0", "epochs=2", "optimizer=momentum")
  for devices in ("1", "8"):
    command = experiment_command("finetune", "tag", tmp_path / devices, *settings)
    subprocess.run(command, env={**ENV, "JAX_NUM_CPU_DEVICES": devices}, check=True, capture_output=True)
  one, eight = (params(tmp_path / devices) for devices in ("1", "8"))
  for name, numbers in one.items():
    np.testing.assert_allclose(np.frombuffer(eight[name], np.float32), np.frombuffer(numbers, np.float32), atol=1e-4)


@pytest.mark.slow
def test_averages_and_logistic_regression(tmp_path, files):
  finetune("classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), "method=averaged")
  assert scores(tmp_path)["test"]["accuracy"] > 0.6
  new = tmp_path / "new.txt"
  new.write_text("good9\nbad9\n")
  finetune("classify", tmp_path, f"predict={new}")
  assert (tmp_path / "predicted.txt").read_text() == "good\tgood9\nbad\tbad9\n"


@pytest.mark.slow
@pytest.mark.parametrize("config, end, settings", [
  ("classify", "txt", (*CLASSIFY, *STRATEGIES["bilstm"], "patience=3", "eda=0.1")), ("tag", "conll", TAG)])
def test_killed_and_started_again_gives_the_same_bytes(tmp_path, files, config, end, settings):
  settings = (f"init={files / 'vectors.txt'}", *parts(files, end), *settings, "save_every=30")
  finetune(config, tmp_path / "whole", *settings)
  killed = tmp_path / "killed"
  kill_after_checkpoint(experiment_command("finetune", config, killed, *settings), killed, number=2)
  assert "resumed" in finetune(config, tmp_path / "killed", *settings).stdout
  for name in ("metrics.json", "lexicon.json"):
    assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
  model = [json.loads((tmp_path / run / "model" / "0" / "manifest.json").read_text()) for run in ("killed", "whole")]
  assert model[0]["leaves"] == model[1]["leaves"] and params(tmp_path / "killed") == params(tmp_path / "whole")


def params(workdir):
  """All numbers of a model, as bytes by name."""
  manifest = json.loads((workdir / "model" / "0" / "manifest.json").read_text())["leaves"]
  template = {}
  for name, (shape, kind) in manifest.items():
    if name != "step":
      *path, last = name.split("/")[1:]
      node = template
      for key in path:
        node = node.setdefault(key, {})
      node[last] = np.zeros(shape, kind)
  from glove_jax import train
  restored = checkpoint.restore(workdir / "model", train.TrainState(np.int32(0), template, ()))
  return {name: leaf.tobytes() for name, leaf in tree_paths.named_leaves(restored.params)}


@pytest.mark.slow
@pytest.mark.parametrize("settings, said", [
  (("rates=words",), "rates='words', expected names and numbers"), (("clean=htm",), "there is no 'htm'"),
  (("eda=0.1",), "eda=0.1 takes near words"), (("method=averaged",), "needs vectors"),
  (("predict=new.txt",), "no finished run"), (("fold=1/3",), "fold='1/3' with test="),
  (("test=", "fold=4/3"), "fold='4/3' with test=''"), (("widths=3,x",), "widths='3,x'"),
  (("init={}/bad.txt",), "knows none of")])
def test_bad_input_is_told_in_a_line_and_leaves_nothing(tmp_path, files, settings, said):
  (tmp_path / "bad.txt").write_text("unheard 1 2\nof 3 4\n")
  settings = tuple(setting.format(tmp_path) for setting in settings)
  done = run(experiment_command("finetune", "classify", tmp_path / "run", *parts(files, "txt"), *CLASSIFY, *settings))
  assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
  assert not (tmp_path / "run").exists()

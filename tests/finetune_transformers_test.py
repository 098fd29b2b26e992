"""`finetune.py` on a pretrained transformer: texts, pairs, words, adapters; what it leaves labels texts again."""

import importlib
import json
import random
import subprocess

import jax
import numpy as np
import pytest
from running import ENV, ROOT, experiment_command, kill_after_checkpoint, run

from glove_jax import train
from glove_jax.data.labelled import tagging
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import bert, gpt2, transformer

WORDS = [f"w{i}" for i in range(9)] + ["good", "bad", "in", "Ann", "Smith", "Rome"]


def write_labelled(path, size, seed, *, pairs=False):
  """One word tells the class; of pairs, that of the second text."""
  rng, lines = random.Random(seed), []
  for _ in range(size):
    first, second = (rng.choice(["good", "bad"]) for _ in range(2))
    filler = " ".join(f"w{rng.randrange(9)}" for _ in range(rng.randrange(5)))
    lines.append(f"{second}\t{first} {filler}\t{filler} {second}\n" if pairs else
                 f"{first}\t{filler} {first}\n")
  path.write_text("".join(lines))


def write_tagged(path, size, seed):
  """People have one name or two, and places follow `in`."""
  rng, lines = random.Random(seed), []
  for _ in range(size):
    words = [(f"w{rng.randrange(9)}", "O") for _ in range(rng.randrange(1, 4))]
    words += [("Ann", "B-PER"), ("Smith", "I-PER")][: rng.randrange(3)]
    words += [("in", "O"), ("Rome", "B-LOC")] * rng.randrange(2)
    lines += [f"{word}\t{tag}" for word, tag in words] + [""]
  path.write_text("\n".join(lines))


@pytest.fixture(scope="session")
def files(tmp_path_factory):
  """Texts of all kinds, a BERT and a GPT, small and random."""
  folder = tmp_path_factory.mktemp("transformers")
  for seed, (part, size) in enumerate([("train", 160), ("dev", 40), ("test", 40)]):
    write_labelled(folder / f"{part}.txt", size, seed)
    write_labelled(folder / f"{part}.pairs", size, seed, pairs=True)
    write_tagged(folder / f"{part}.conll", size, seed)
  rng = jax.random.key(0)
  for kind, model in (("bert", bert), ("gpt", gpt2)):
    tokenizer = subword_tokenizers.train("wordpiece" if kind == "bert" else "bpe", lambda: [" ".join(WORDS)] * 3,
                                 vocab_size=120 if kind == "bert" else 280)
    config = model.CONFIG._replace(
      vocab_size=tokenizer.get_vocab_size(), dim=16, layers=2, heads=2, feedforward_dim=16, positions=24)
    params = (bert if kind == "bert" else transformer).init(rng, config)
    params = jax.tree.map(lambda leaf: np.asarray(leaf * (5 if leaf.ndim == 2 else 1)), params)  # so small a model
    huggingface.save(folder / kind, params, config)
    subword_tokenizers.save(tokenizer, folder / kind / "tokenizer.json")
  return folder


def parts(files, end):
  return tuple(f"{part}={files / f'{part}.{end}'}" for part in ("train", "dev", "test"))


SMALL = ("batch_size=16", "buckets=1", "layer_dropout=0", "dropout=0", "learning_rate=0.01", "log_every=5")


@pytest.fixture
def recipes(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  return importlib.import_module("transformer_recipes")


def configured(name, *settings):
  config = importlib.import_module(f"configs.{name}").get_config()
  for setting in settings:
    key, value = setting.split("=", 1)
    with config.unlocked():
      config[key] = type(config[key])(json.loads(value)) if isinstance(config[key], (int, float)) else value
  return config


@pytest.fixture(autouse=True)
def quick_compilation():
  jax.config.update("jax_disable_most_optimizations", True)
  yield
  jax.config.update("jax_disable_most_optimizations", False)


def made(recipes, files, name, end, *settings):
  """(config, data, method) of a recipe."""
  config = configured(name, *SMALL, *parts(files, end), f"init={files / 'bert'}", *settings)
  finetune = importlib.import_module("finetune")
  finetune.check(config)
  recipe = finetune.METHODS[config.method]
  data = recipe.read(config)
  return config, data, recipe.make(config, data)


def learnt(method, steps):
  state = train.init_state(method.params, method.opt_state)
  return train.fit(state, method.update, batches=method.batch, num_steps=steps)


def moved(before, after):
  """The names of arrays that are not what they were."""
  found = jax.tree_util.tree_map(lambda one, other: bool((np.asarray(one) != np.asarray(other)).any()), before, after)
  return {jax.tree_util.keystr(path, simple=True, separator="/")
          for path, differs in jax.tree_util.tree_leaves_with_path(found) if differs}


def test_adapters_alone_learn_pairs_and_what_is_saved_has_them_merged(recipes, files, tmp_path):
  config, data, method = made(recipes, files, "bert_classify", "pairs", "lora_rank=2", "layer_decay=0.5", "warmup=0",
                              "weight_decay=0.1", "rates=layers=0.5")
  given = huggingface.load(files / "bert")
  assert set(method.params["encoder"]) == {"embed", "layers"}  # no heads of pretraining
  for name, part in method.params["encoder"].items():
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(part), given.params[name])
  assert set(np.unique(method.batch(0).types)) == {0, 1}
  state = learnt(method, 3)
  names = moved(method.params, jax.device_get(state.params))
  assert {name.split("/")[0] for name in names} == {"lora", "head"} and len(names) == 2 + 2 * 4
  method.save(state.params, tmp_path)
  lines = recipes.label_texts(config, tmp_path, data["test"].texts)
  found = np.mean([line.split("\t")[0] == label for line, (label,) in zip(lines, data["test"].labels, strict=True)])
  assert found == pytest.approx(method.scores(state.params, "test")["accuracy"])
  saved = huggingface.load(tmp_path / "encoder")
  changed = moved({name: given.params[name] for name in saved.params}, saved.params)
  assert changed == {f"layers/{i}/attention/{part}/w" for i in (0, 1) for part in ("qkv", "out")}


@pytest.mark.slow
def test_a_tagger_reads_words_and_characters_and_tags_as_it_was_scored(recipes, files, tmp_path, capsys):
  config, data, method = made(recipes, files, "bert_tag", "conll", "char_filters=4", "char_dim=4", "max_length=8",
                              "chain=false", "epochs=2")
  beyond = sum(max(0, len(text) - 6) for text in data["test"].sentences)  # each word is one piece, and two are special
  assert beyond and f"of test, 8 at most; {beyond} words cut off at 8 pieces" in capsys.readouterr().out
  state = learnt(method, 5)
  method.save(state.params, tmp_path)
  texts = data["test"].sentences
  (tmp_path / "tagged").write_text("".join(recipes.tag_texts(config, tmp_path, list(map(" ".join, texts)))))
  again = tagging.read(tmp_path / "tagged")
  assert again.sentences == texts
  scores = importlib.import_module("encoder_recipes").metrics.entity_scores(again.spans, data["test"].spans)
  assert scores["all"]["f1"] == pytest.approx(method.scores(state.params, "test")["f1"])


def test_each_layer_learns_slower_than_the_one_above(recipes):
  from glove_jax import optimizers
  config = configured("bert_classify", "layer_decay=0.5", "rates=head=3")
  def rates(names):
    return [optimizers.lr_multiplier(name, recipes.rates(config, 3)) for name in names]
  names = ["embed/token", *(f"layers/{i}/mlp/in/w" for i in range(3))]
  decayed = [0.0625, 0.125, 0.25, 0.5]
  assert rates([f"encoder/{name}" for name in names]) == rates([f"encoder/words/{name}" for name in names]) == decayed
  assert rates(["head/w", "crf/start", "encoder/chars/table"]) == [3, 1, 1]
  config.lora_rank = 2
  assert rates([f"encoder/{name}" for name in names]) == [0] * 4
  assert rates([f"lora/encoder/{name}/a" for name in names]) == decayed
  assert rates(["head/w", "crf/start", "encoder/chars/table"]) == [3, 1, 1]
  config.layer_decay, config.lora_rank = 1.0, 0
  assert recipes.rates(config, 3) == {"head": 3}


def test_from_scratch_has_the_sizes_and_not_the_numbers(recipes, files):
  _, _, method = made(recipes, files, "bert_classify", "txt", "from_scratch=true")
  given = huggingface.load(files / "bert").params["layers"]
  assert jax.tree.map(np.shape, method.params["encoder"]["layers"]) == jax.tree.map(np.shape, given)
  differ = moved(given, jax.device_get(method.params["encoder"]["layers"]))
  assert {f"{i}/mlp/{name}/w" for i in (0, 1) for name in ("in", "out")} <= differ


def test_less_memory_and_the_same_gradients(recipes, files):
  states = [jax.device_get(learnt(made(recipes, files, "bert_classify", "txt", f"remat={remat}")[2], 1).params)
            for remat in ("false", "true")]
  jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4), *states)


def test_word_dropout_masks_pieces_of_words(recipes, files):
  config, _, method = made(recipes, files, "bert_classify", "txt", "word_dropout=0.5")
  batch, params = method.batch(0), method.params["encoder"]
  def states(rng):
    return np.asarray(recipes.encoder(config, recipes.begin(config)).encode(params, batch, rng))
  assert np.abs(states(jax.random.key(0)) - states(None)).max() > 0.1
  del config.word_dropout  # as in a run that was made before there was the key
  np.testing.assert_array_equal(states(jax.random.key(0)), states(None))


@pytest.mark.slow
def test_layers_thaw_from_the_top(recipes, files):
  _, _, method = made(recipes, files, "bert_classify", "txt", "thaw=embed=2,layers/0/=1")
  steps, start = method.steps_per_epoch, jax.device_get(method.params)
  def names(epochs):
    end = jax.device_get(learnt(method, epochs * steps).params)
    return {"/".join(name.split("/")[1:3]) for name in moved(start, end) if name.startswith("encoder")}
  first, second, third = map(names, (1, 2, 3))
  assert first == {"layers/1"} and second == {"layers/0", "layers/1"}
  assert third == {"layers/0", "layers/1", "embed/token", "embed/position", "embed/type", "embed/norm"}


@pytest.mark.parametrize("name, end, settings, said", [
  ("bert_classify", "txt", ("rates=words=0",), "rates='words=0': no params are called 'words'; expected of enc"),
  ("bert_classify", "txt", ("thaw=layers=1,words=2",), "no params are called 'words'"),
  ("bert_classify", "txt", ("init=",), "init is empty"), ("bert_classify", "txt", ("init=/nowhere",), "no such folder"),
  ("bert_classify", "txt", ("init={}",), "found neither model.safetensors"),
  ("bert_classify", "txt", ("max_length=25",), "max_length=25, expected 8 to 24"),
  ("bert_classify", "txt", ("max_length=3",), "max_length=3"),
  ("bert_classify", "txt", ("lora_rank=-1",), "lora_rank=-1"),
  ("bert_classify", "txt", ("layer_decay=0.0",), "layer_decay=0.0, expected more than 0"),
  ("bert_classify", "pairs", ("init={}/gpt",), "expected a BERT for pairs"),
  ("bert_classify", "txt", ("init={}/gpt", "word_dropout=0.1"), "knows no [MASK]"),
  ("bert_tag", "conll", ("word_dropout=1",), "word_dropout=1"),
  ("bert_classify", "txt", ("lora_rank=1", "lora_adapt=query"), "adapt='query' finds none"),
  ("bert_classify", "txt", ("dtype=float8",), "dtype='float8'"),
  ("bert_classify", "txt", ("method=transformer_tagger",), "bert_tag.py"),
  ("bert_tag", "conll", ("method=tagger",), "/tag.py"),
  ("classify", "txt", ("method=transformer",), "bert_classify.py")])
def test_bad_input_is_told_in_a_line(recipes, files, name, end, settings, said):
  with pytest.raises(InputError) as error:
    made(recipes, files, name, end, *(setting.format(files) for setting in settings))
  assert said in str(error.value) and "\n" not in str(error.value)


def finetune(config, workdir, *settings):
  done = run(experiment_command("finetune", config, workdir, *settings))
  assert done.returncode == 0, done.stderr
  return json.loads((workdir / "metrics.json").read_text())


STRATEGIES = {
  "pairs": ("bert", "pairs", ("epochs=12", "layer_decay=0.8", "thaw=embed=1", "average=0.9", "pooling=mean_max",
                            "word_dropout=0.05")),
  "adapters": ("bert", "txt", ("lora_rank=4", "schedule=cosine", "class_weights=balanced", "mixup=0.2",
                               "smoothing=0.1")),
  "gpt": ("gpt", "txt", ("pooling=last", "max_length=16"))}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_learns_and_labels_new_texts(tmp_path, files, strategy):
  kind, end, settings = STRATEGIES[strategy]
  found = finetune("bert_classify", tmp_path, f"init={files / kind}", *parts(files, end), *SMALL, *settings)
  assert found["test"]["accuracy"] > 0.8
  new, answers = tmp_path / "new.txt", {"w1 good": "good", "bad w2": "bad"}
  if end == "pairs":
    answers = {"good w1\tw1 bad": "bad", "bad w2\tw2 good": "good"}
  new.write_text("".join(line + "\n" for line in answers))
  finetune("bert_classify", tmp_path, f"predict={new}")
  if found["test"]["accuracy"] == 1:
    assert (tmp_path / "predicted.txt").read_text() == "".join(f"{label}\t{line}\n" for line, label in answers.items())


@pytest.mark.slow
def test_a_tagger_learns_from_its_own_pretraining_and_from_a_finetuned_run(tmp_path, files):
  (tmp_path / "corpus.txt").write_text("\n".join(" ".join(random.Random(i).sample(WORDS, 6)) for i in range(200)))
  command = experiment_command("pretrain", "bert", tmp_path / "bert", f"corpus={tmp_path / 'corpus.txt'}", "layers=1",
                               "dim=16", "heads=2", "window=16", "max_vocab=60", "batch_size=8", "steps=10")
  assert run(command).returncode == 0
  settings = (*parts(files, "conll"), *SMALL, "epochs=10")
  found = finetune("bert_tag", tmp_path / "one", f"init={tmp_path / 'bert'}", *settings)
  assert found["test"]["f1"] > 0.8
  found = finetune("bert_tag", tmp_path / "two", f"init={tmp_path / 'one'}", *settings, "chain=False")
  assert found["test"]["f1"] > 0.8


@pytest.mark.slow
def test_killed_and_started_again_gives_the_same_bytes(tmp_path, files):
  settings = (f"init={files / 'bert'}", *parts(files, "conll"), *SMALL, "layer_dropout=0.1", "dropout=0.1",
              "char_filters=4", "char_dim=4", "layer_decay=0.9", "average=0.9", "save_every=20", "epochs=8")
  finetune("bert_tag", tmp_path / "whole", *settings)
  killed = tmp_path / "killed"
  kill_after_checkpoint(experiment_command("finetune", "bert_tag", killed, *settings), killed, number=2)
  assert not (killed / "metrics.json").exists()
  finetune("bert_tag", killed, *settings)
  for name in ("metrics.json", "encoder/model.safetensors", "lexicon.json"):
    assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.slow
def test_eight_devices_learn_what_one_does(tmp_path, files):
  settings = (f"init={files / 'bert'}", *parts(files, "pairs"), *SMALL, "epochs=2", "optimizer=momentum",
              "layer_decay=0.9")
  for devices in ("1", "8"):
    command = experiment_command("finetune", "bert_classify", tmp_path / devices, *settings)
    subprocess.run(command, env={**ENV, "JAX_NUM_CPU_DEVICES": devices}, check=True, capture_output=True)
  one, eight = (huggingface.load(tmp_path / devices / "encoder").params for devices in ("1", "8"))
  jax.tree.map(lambda left, right: np.testing.assert_allclose(left, right, atol=1e-4), one, eight)

"""BERT and GPT as a user pretrains them: a falling loss, killed and resumed, gone on with, given bad input."""

import importlib
import json
import random
import sys

import jax
import numpy as np
import pytest
from running import ROOT, kill_after_checkpoint, pretrain_command, run

from glove_jax import train, vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import bert

SMALL = ("dim=16", "layers=1", "heads=2", "window=24", "max_vocab=270", "steps=30", "batch_size=8", "warmup_steps=2",
         "learning_rate=0.02", "log_every=5", "save_every=10")


def command(config, workdir, corpus, *overrides):
  return pretrain_command(config, workdir, corpus, *SMALL, f"dev={corpus}", *overrides)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  rng, path = random.Random(0), tmp_path_factory.mktemp("corpus") / "text.txt"
  words = ["the", "cat", "sat", "on", "a", "mat"]
  path.write_text("".join(" ".join(rng.choices(words, k=9)) + "\n" for _ in range(99)))
  return path


@pytest.fixture(scope="module", params=["bert", "gpt"])
def finished(request, tmp_path_factory, text):
  workdir = tmp_path_factory.mktemp("run") / request.param
  done = run(command(request.param, workdir, text))
  assert done.returncode == 0, done.stderr
  return request.param, workdir


@pytest.mark.slow
def test_a_run_leaves_a_falling_loss_and_a_model(finished):
  _, workdir = finished
  records = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
  losses = [record["loss"] for record in records if "loss" in record]
  assert losses[-1] < 0.7 * losses[0]
  assert records[-1]["held_out_perplexity"] == pytest.approx(np.exp(records[-1]["held_out_loss"]))
  model = huggingface.load(workdir / "model")
  assert model.config.vocab_size == subword_tokenizers.load(workdir / "model").get_vocab_size()


@pytest.mark.slow
def test_killed_and_started_again_gives_the_same_bytes(finished, tmp_path, text):
  config, workdir = finished
  kill_after_checkpoint(command(config, tmp_path / "run", text), tmp_path / "run")
  done = run(command(config, tmp_path / "run", text))
  assert done.returncode == 0 and "resumed" in done.stdout, done.stderr
  for name in ("model/model.safetensors", "tokenizer.json"):
    assert (tmp_path / "run" / name).read_bytes() == (workdir / name).read_bytes()


@pytest.mark.slow
def test_frequent_pieces_are_guessed_more_rarely_in_training_alone(tmp_path, monkeypatch):
  path = tmp_path / "text.txt"
  path.write_text("".join("the the the the the the " + " ".join(f"{a}{b}" for b in "abcdef") + "\n" for a in "uvwxyz"))
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  language, config = importlib.import_module("language"), importlib.import_module("configs.bert").get_config()
  config.update(corpus=str(path), dev=str(path), dim=16, layers=1, heads=2, window=24, max_vocab=120, batch_size=8,
                min_count=1, mask_rate=0.3)
  def share(**more):
    """Of `the` among what is to be guessed, while learning."""
    config.update(more)
    method = language.bert_method(config, [path], tmp_path / "run")
    the = subword_tokenizers.load(tmp_path / "run" / "tokenizer.json").token_to_id("the")
    batches = [method.batch(step) for step in range(20)]
    state = train.init_state(method.params, ())
    return (sum(((batch.targets == the) * batch.weight).sum() for batch in batches)
            / sum(batch.weight.sum() for batch in batches), method.evaluate(state)["held_out_loss"])
  (often, loss), (rarely, same) = share(sample=0.0), share(sample=1e-3)
  assert rarely < often / 3 and loss == same


@pytest.mark.slow
def test_a_run_goes_on_from_another(finished, tmp_path, text):
  config, workdir = finished
  settings = (f"init={workdir}", "learning_rate=1e-9", "steps=1")
  done = run(command(config, tmp_path / "run", text, *settings))
  assert done.returncode == 0, done.stderr
  assert (tmp_path / "run" / "tokenizer.json").read_bytes() == (workdir / "tokenizer.json").read_bytes()
  before, after = ([json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()][-1]
                   for folder in (workdir, tmp_path / "run"))
  assert after["held_out_loss"] == pytest.approx(before["held_out_loss"], rel=1e-4)


def test_a_model_is_gone_on_with_as_it_is_and_with_its_own_pieces(tmp_path, text, monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  language, config = importlib.import_module("language"), importlib.import_module("configs.bert").get_config()
  own = subword_tokenizers.train("wordpiece", lambda: text.read_text().splitlines(), vocab_size=40)
  other = subword_tokenizers.train("wordpiece", lambda: ["quite other words"], vocab_size=40)
  model = bert.CONFIG._replace(vocab_size=own.get_vocab_size(), dim=16, layers=1, heads=2, feedforward_dim=64, positions=24,
                               activation="relu", epsilon=1e-5)
  huggingface.save(tmp_path / "bert", jax.device_get(bert.init(jax.random.key(0), model)), model)
  subword_tokenizers.save_beside_model(own, tmp_path / "bert")
  config.update(init=str(tmp_path / "bert"), corpus=str(text), dim=16, layers=1, heads=2, window=24, batch_size=8)
  method = language.bert_method(config, [text], tmp_path / "run")
  method.finish(method.params)
  saved = huggingface.load(tmp_path / "run" / "model")
  assert saved.config == model._replace(dropout=0.0)
  assert subword_tokenizers.load(tmp_path / "run" / "model").get_vocab() == own.get_vocab()
  subword_tokenizers.save(other, tmp_path / "other.json")
  config.tokenizer = str(tmp_path / "other.json")
  with pytest.raises(InputError, match="has other pieces than init="):
    language.bert_method(config, [text], tmp_path / "third")
  gpt = importlib.import_module("configs.gpt").get_config()
  gpt.update(init=str(tmp_path / "bert"), dim=16, layers=1, heads=2, window=24)
  with pytest.raises(InputError, match="a BERT, expected a GPT"):
    language.gpt_method(gpt, [text], tmp_path / "fourth")


@pytest.mark.slow
def test_a_run_writes_text_or_gives_vectors(finished):
  config, workdir = finished
  write = [sys.executable, str(ROOT / "experiments" / "generate.py"), f"--model={workdir}", "--write=5",
           "--prompt=the cat", "--prompt=a", "--temperature=0"]
  done = run(write)
  if config == "bert":
    assert done.returncode == 2 and "expected a GPT to write text" in done.stderr
  else:
    first, second = done.stdout.rstrip("\n").split("\n\n")
    assert first.startswith("the cat") and second.startswith("a") and len(first) > len("the cat")
    assert run([*write, "--top_p=2"]).returncode == 2
    with pytest.raises(InputError, match="expected a BERT for vectors"):
      vector_files.load(workdir)
    return
  vectors = vector_files.load(workdir)
  assert vectors.dim == 16 and {"cat", "mat"} <= set(vectors.words)
  (workdir / "pairs.txt").write_text("cat mat 3\ncat sat 2\nmat cat-like 1\n")
  done = run([sys.executable, str(ROOT / "experiments" / "evaluate.py"), f"--vectors={workdir}", "--analogies=",
              f"--similarity={workdir / 'pairs.txt'}", "--compose"])
  assert done.returncode == 0 and "pairs" in done.stdout, done.stderr
  compose = vector_files.composer(workdir)
  np.testing.assert_allclose(compose("cat"), vectors["cat"], atol=1e-5)
  assert np.abs(compose("the cat sat") - vectors["cat"]).max() > 1e-3


@pytest.mark.parametrize("config,setting,said", [
  ("gpt", "documents=pages", "expected one of lines, blocks"),
  ("bert", ("init=a", "vectors=b"), "init=a and vectors=b"),
  ("bert", "mask_rate=1.5", "mask_rate=1.5, expected a fraction"),
  ("bert", "sample=-1.0", "sample=-1.0, expected a frequency"),
  pytest.param("bert", "tokenizer=bpe", "no [MASK]", marks=pytest.mark.slow),
  pytest.param("gpt", "tokenizer=wordpiece", "only a byte-level BPE", marks=pytest.mark.slow),
  pytest.param("gpt", "heads=3", "multiple of heads=3", marks=pytest.mark.slow),
  pytest.param("gpt", "top_p=1.5", "top_p=1.5, expected", marks=pytest.mark.slow),
  pytest.param("gpt", "max_vocab=10", "expected 257 at least", marks=pytest.mark.slow),
  pytest.param("bert", "tokenizer=/nowhere.json", "No such file", marks=pytest.mark.slow),
  pytest.param("bert", "init=/nowhere", "no such folder", marks=pytest.mark.slow)])
def test_bad_settings_are_one_line(tmp_path, text, config, setting, said):
  done = run(command(config, tmp_path / "run", text, *([setting] if isinstance(setting, str) else setting)))
  assert done.returncode == 2, done.stderr
  assert said in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr

"""BERT and GPT from a corpus: what they start from, masks, evaluation, and what they leave."""

import json

import jax
import numpy as np
import pytest

from glove_jax import pretraining, runs
from glove_jax import train as train_lib
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import gpt2, transformer
from glove_jax.pretraining import language_models

SIZES = {"dim": 16, "layers": 1, "heads": 2, "context_length": 24, "max_vocab": 270,
         "batch_size": 8, "warmup_steps": 1}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  path = tmp_path_factory.mktemp("corpus") / "text.txt"
  path.write_text("the cat sat on the mat\nthe mat is on the cat\n" * 20)
  return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bert", "gpt"])
def test_a_finished_run_leaves_a_model_and_its_tokenizer(text, tmp_path, method, capfd):
  prompt = {"prompt": "the cat", "max_new_tokens": 3} if method == "gpt" else {}
  values = {"method": method, "corpus": text, "steps": 2, **SIZES, **prompt}
  settings = pretraining.parse(values)

  with runs.open(tmp_path, settings) as run:
    corpus = pretraining.open_corpus(settings, run.folder)
    plan, export = pretraining.METHODS[method](settings, corpus)
    params = run.fit(plan)
    assert export(params, run.folder) is None
  model = huggingface.load(tmp_path / "model")
  tokenizer = subword_tokenizers.load(tmp_path / "model")
  assert model.config.vocab_size == tokenizer.get_vocab_size()
  out = capfd.readouterr().out
  assert ("sample     the cat" in out) == (method == "gpt")
  assert "saved" in out


@pytest.mark.slow
def test_frequent_tokens_are_more_rarely_masked_in_training_alone(tmp_path):
  path = tmp_path / "text.txt"
  lines = []
  for first in "uvwxyz":
    words = " ".join(f"{first}{second}" for second in "abcdef")
    lines.append(f"the the the the the the {words}\n")
  path.write_text("".join(lines))
  values = {"method": "bert", "corpus": str(path), "dev": str(path), **SIZES,
            "max_vocab": 120, "mask_rate": 0.3, "min_pair_count": 1}

  def masked_share(mask_subsample):
    """Returns the share of `the` among the masked tokens of training, and the held-out loss."""
    settings, corpus = language_corpus(tmp_path / "run", **values, mask_subsample=mask_subsample)
    plan, _ = pretraining.METHODS["bert"](settings, corpus)
    the = corpus.tokenizer.token_to_id("the")
    batches = [plan.batches(step) for step in range(20)]
    masked = sum(((batch.targets == the) * batch.weight).sum() for batch in batches)
    total = sum(batch.weight.sum() for batch in batches)
    state = train_lib.init_state(plan.params, ())
    return masked / total, plan.evaluate(state)["held_out_loss"]

  often, loss = masked_share(0.0)
  rarely, same_loss = masked_share(1e-3)
  assert rarely < often / 3
  assert loss == same_loss


def language_corpus(folder, **values):
  folder.mkdir(parents=True, exist_ok=True)
  settings = pretraining.parse(values)
  return settings, pretraining.open_corpus(settings, folder)


def test_settings_of_the_text_at_the_end_are_checked_at_the_start(text, tmp_path):
  settings, corpus = language_corpus(tmp_path, method="gpt", corpus=text, top_p=1.5, **SIZES)
  with pytest.raises(InputError, match="top_p=1.5"):
    pretraining.METHODS["gpt"](settings, corpus)


@pytest.mark.parametrize(("steps", "num_steps"), [(0, 3), (7, 7)])
def test_updates_are_those_of_the_epochs_or_as_many_as_set(text, tmp_path, steps, num_steps):
  values = {"method": "gpt", "corpus": text, "epochs": 3, "steps": steps, **SIZES, "batch_size": 99}
  settings, corpus = language_corpus(tmp_path, **values)
  plan, _ = pretraining.METHODS["gpt"](settings, corpus)
  assert plan.steps_per_epoch == 1
  assert plan.num_steps == num_steps


def test_a_pretrained_model_is_where_the_params_start(text, tmp_path):
  values = {"method": "gpt", "corpus": text, **SIZES}
  settings, corpus = language_corpus(tmp_path / "old", **values)
  plan, _ = pretraining.METHODS["gpt"](settings, corpus)
  huggingface.save(tmp_path / "old" / "model", jax.device_get(plan.params), corpus.model)
  subword_tokenizers.save_beside_model(corpus.tokenizer, tmp_path / "old" / "model")
  init = {"init": str(tmp_path / "old"), "seed": 5}
  settings, corpus = language_corpus(tmp_path / "new", **values, **init)
  continued, _ = pretraining.METHODS["gpt"](settings, corpus)
  jax.tree.map(np.testing.assert_array_equal, continued.params, jax.device_get(plan.params))


@pytest.mark.parametrize(("records", "line"), [
  (
    [{"step": 20, "time_s": 1.0, "loss": 3.0}, {"step": 20, "time_s": 1.1, "held_out_loss": 2.5,
     "held_out_perplexity": 12.182}, {"step": 25, "time_s": 2.0, "loss": 2.9}],
    "held out   loss 2.5  perplexity 12.182  (step 20)\n",
  ),
  ([{"step": 25, "time_s": 2.0, "loss": 2.9}], "train      loss 2.9  (step 25)\n"),
  ([], ""),
])
def test_the_last_lines_are_the_held_out_figures(tmp_path, capsys, records, line):
  (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
  language_models.report_held_out(tmp_path)
  assert capsys.readouterr().out == line


def test_a_gpt_of_berts_pieces_is_continued_with_its_own_tokenizer(text, tmp_path, capfd):
  pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
  pieces += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
  model = gpt2.CONFIG._replace(
    vocab_size=len(pieces) + 2, dim=8, layers=1, heads=2, feedforward_dim=32, positions=16
  )
  folder = tmp_path / "pretrained"
  huggingface.save(folder, jax.device_get(transformer.init(jax.random.key(0), model)), model)
  (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
  values = {"method": "gpt", "corpus": str(text), "dev": str(text), "init": str(folder)}
  values |= {"steps": 2, "batch_size": 4, "max_new_tokens": 4}
  run = tmp_path / "run"
  pretraining.run(pretraining.parse(values), run)
  records = list(map(json.loads, (run / "metrics.jsonl").read_text().splitlines()))
  held_out = records[-1]
  assert "held_out_loss" in held_out and "held_out_perplexity" in held_out
  assert not any("bits" in name or "word" in name for record in records for name in record)
  assert "pieces of words, not bytes: losses are per token alone" in capfd.readouterr().out
  tokenizer = subword_tokenizers.load(run / "model")
  assert tokenizer.get_vocab() == subword_tokenizers.load(folder).get_vocab()

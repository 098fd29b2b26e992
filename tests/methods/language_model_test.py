"""Losses against sums by hand: masked positions only, texts apart, per word and per character."""

import functools
import math
import pathlib

import jax
import numpy as np
import pytest
from running import on_devices
from safetensors.numpy import load_file

from glove_jax import loop, optimizers, parallel, train
from glove_jax.data.subwords import lm_batches, masking, subword_tokenizers, units
from glove_jax.data.subwords.lm_batches import TokenRows
from glove_jax.data.subwords.masking import MaskedRows
from glove_jax.data.subwords.units import UnitCounts
from glove_jax.data.text import corpus
from glove_jax.interop import huggingface
from glove_jax.methods import language_model
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config

GPT = Config(
  20,
  dim=8,
  layers=1,
  heads=2,
  feedforward_dim=12,
  positions=10,
  causal=True,
  pre_norm=True,
  dropout=0.0,
)
BERT = GPT._replace(causal=False, pre_norm=False, types=2)


def random(starts, seed=0):
  rng = np.random.default_rng(seed)
  return jax.tree.map(
    lambda start: np.float32(start.mean + 0.4 * rng.normal(size=start.shape)),
    starts,
    is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec),
  )


MEASURES = UnitCounts(
  np.arange(20), np.arange(20) % 3, np.arange(20) % 2 > 0, np.arange(20) % 4 > 0
)


@functools.cache
def compiled():
  task = language_model.causal_lm(GPT, MEASURES)
  return jax.jit(lambda params, batch: task.loss(params, batch, None))


def cost(batch, params=None):
  """Returns the sums of a batch, for random params by default."""
  sums = compiled()(random(transformer.param_specs(GPT)) if params is None else params, batch)
  return {name: (float(total), float(weight)) for name, (total, weight) in sums.items()}


def rows(texts, length=10, batch_size=2):
  ids = np.concatenate([[*text, corpus.BREAK] for text in texts]).astype(np.int32)
  return lm_batches.row_batches(
    ids, length=length, batch_size=batch_size, start=0, end=0
  ).in_order()


def test_texts_in_a_row_cost_what_each_costs_alone():
  texts = [[5, 6, 7], [8, 9], [11, 12], [3, 4, 5, 6, 7, 8, 9]]
  together, alone = (
    cost(next(rows(texts)))["loss"],
    [cost(next(rows([text])))["loss"] for text in texts],
  )
  assert together[0] == pytest.approx(sum(one[0] for one in alone), rel=1e-5)
  assert together[1] == sum(len(text) + 1 for text in texts)


def test_padding_costs_nothing_and_a_new_model_is_near_uniform():
  batch = next(rows([[5, 6, 7]]))
  ids, targets = (
    np.where(batch.documents > 0, array, junk)
    for array, junk in ((batch.ids, 9), (batch.targets, 3))
  )
  assert cost(TokenRows(ids, batch.documents, targets))["loss"] == pytest.approx(
    cost(batch)["loss"], rel=1e-6
  )
  total, weight = cost(batch, language_model.causal_lm(GPT).init(jax.random.key(0)))["loss"]
  assert total / weight == pytest.approx(math.log(20), abs=0.1)


def test_only_masked_places_are_in_the_loss():
  params, task = random(bert.param_specs(BERT)), language_model.masked_lm(BERT)
  rng = np.random.default_rng(0)
  ids = rng.integers(0, 20, (2, 10)).astype(np.int32)
  batch = MaskedRows(
    ids,
    np.ones_like(ids),
    np.array([[3, 7], [0, 0]], np.int32),
    np.array([[4, 5], [6, 0]], np.int32),
    np.array([[1, 1], [1, 0]], np.float32),
  )

  @jax.jit
  def both(batch):
    h = transformer.encode(params, transformer.Tokens(batch.ids, batch.documents), config=BERT)
    return task.loss(params, batch, None), jax.nn.log_softmax(
      bert.masked_logits(params, h, config=BERT)
    )

  sums, log_p = both(batch)
  log_p = np.asarray(log_p)
  expected = -(log_p[0, 3, 4] + log_p[0, 7, 5] + log_p[1, 0, 6])
  assert float(sums["loss"][0]) == pytest.approx(expected, rel=1e-5) and float(sums["loss"][1]) == 3
  best = log_p.argmax(-1)
  assert float(sums["accuracy"][0]) == (best[0, 3] == 4) + (best[0, 7] == 5) + (best[1, 0] == 6)
  other, _ = both(batch._replace(targets=np.array([[4, 5], [6, 9]], np.int32)))
  assert float(other["loss"][0]) == float(sums["loss"][0])


def test_losses_per_word_and_per_character():
  tokenizer = subword_tokenizers.train(
    "bpe", lambda: ["the cat sat on the mat"] * 5, vocab_size=280
  )
  texts = ["the cat sat", " on  the\nmat", "é 中国"]
  ids = np.concatenate(list(lm_batches.encode(texts, tokenizer)))
  data = lm_batches.row_batches(ids, length=7, batch_size=3, start=0, end=0)
  measures = units.unit_counts(tokenizer)
  sizes = [language_model.target_sizes(batch, measures) for batch in data.in_order()]
  words, characters = (sum(float(size[i].sum()) for size in sizes) for i in range(2))
  assert words == 3 + 3 + 1 + 2  # 中 and 国 are a word each
  assert characters == sum(len(text) + 1 for text in texts)


def test_sums_per_word_and_per_character_and_perplexity():
  batch = next(rows([[5, 6, 7], [8, 9]]))
  sums = cost(batch)
  words, characters = (float(one.sum()) for one in language_model.target_sizes(batch, MEASURES))
  total, tokens = sums["loss"]
  assert sums["word_loss"] == pytest.approx((total, words))
  assert sums["bits"] == pytest.approx((total / math.log(2), characters))
  means = language_model.with_perplexity({"loss": total / tokens, "word_loss": 2.0})
  assert means["perplexity"] == pytest.approx(math.exp(total / tokens))
  assert means["word_perplexity"] == pytest.approx(math.exp(2))


FOUR_STEPS = """
import importlib.util, sys
import jax, numpy as np, optax
jax.config.update("jax_num_cpu_devices", int(sys.argv[2]))
from glove_jax import optimizers, loop, parallel, train
spec = importlib.util.spec_from_file_location("language_model_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert parallel.device_count() == int(sys.argv[2])
np.savez(sys.argv[3], **test.trained())
"""


def trained():
  """Params after four steps of each task, by name."""
  import optax

  texts = [list(np.random.default_rng(i).integers(4, 20, 3 + i % 9)) for i in range(40)]
  ids = np.concatenate([[*text, corpus.BREAK] for text in texts]).astype(np.int32)
  data = lm_batches.row_batches(ids, length=10, batch_size=5, start=1, end=2)
  vocabulary = masking.MaskingVocabulary(
    3, np.arange(4, 20, dtype=np.int32), np.zeros(20, bool), np.ones(20)
  )
  params_by_name = {}
  for name, task, starts, batch in (
    ("gpt", language_model.causal_lm(GPT), transformer.param_specs(GPT), data.batch),
    (
      "bert",
      language_model.masked_lm(BERT),
      bert.param_specs(BERT),
      lambda step: masking.mask(data.batch(step), vocabulary, seed=0, step=step),
    ),
  ):
    tx, params = optax.sgd(0.1), random(starts)
    state = train.init_state(params, tx.init(params))
    state = loop.fit(state, train.make_update(task, tx), batches=batch, num_steps=4)
    parallel.assert_replicated(state.params)
    params_by_name |= {
      f"{name}/{jax.tree_util.keystr(path)}": np.asarray(leaf)
      for path, leaf in jax.tree_util.tree_leaves_with_path(state.params)
    }
  return params_by_name


@pytest.mark.slow
def test_eight_devices_and_one_give_the_same_state(tmp_path):
  states = []
  for devices in ("1", "8"):
    on_devices(devices, FOUR_STEPS, __file__, devices, tmp_path / f"{devices}.npz")
    states.append(np.load(tmp_path / f"{devices}.npz"))
  for name in states[0]:
    np.testing.assert_allclose(states[0][name], states[1][name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_two_hundred_steps_lose_what_they_lose_in_torch():
  """From the same weights on the same rows, with AdamW, clipping and warm-up, texts apart."""
  folder = pathlib.Path(__file__).resolve().parent.parent / "golden" / "gpt2_curve"
  pretrained, golden = huggingface.load(folder), load_file(folder / "expected.safetensors")
  batches = TokenRows(*(golden[name].astype(np.int32) for name in TokenRows._fields))
  assert (
    batches.documents.max() > 2 and not batches.documents[-1, -1, -1]
  )  # texts that share rows, and padding
  rate = optimizers.schedule("constant", 1e-3, num_steps=200, warmup_steps=20)
  tx = optimizers.make("adam", rate, weight_decay=0.01, clip_norm=1.0)
  update = train.make_update(language_model.causal_lm(pretrained.config._replace(dropout=0.0)), tx)
  losses = []
  loop.fit(
    train.init_state(pretrained.params, tx.init(pretrained.params)),
    update,
    num_steps=200,
    logger=loop.Logger(lambda record: losses.append(record["loss"]), every=1),
    batches=lambda step: TokenRows(*(array[step % len(array)] for array in batches)),
  )
  assert len(losses) == 200 and losses[-1] < losses[0] - 1.5
  np.testing.assert_allclose(losses, golden["losses"], rtol=0, atol=2e-4)


@pytest.mark.slow
def test_training_goes_as_in_torch():
  """From the same weights on the same batches by AdamW: the same losses, step by step."""
  torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
  folder = pathlib.Path(__file__).resolve().parent.parent / "golden" / "gpt2"
  pretrained = huggingface.load(folder)
  config = pretrained.config._replace(dropout=0.0)
  texts = [list(np.random.default_rng(i).zipf(1.3, 50) % 39 + 1) for i in range(9)]
  ids = np.concatenate([[*text, corpus.BREAK] for text in texts]).astype(np.int32)
  data = lm_batches.row_batches(ids, length=12, batch_size=6, start=0, end=0)

  def whole(step):  # torch's model sees over the ends of texts
    rows = data.batch(step)
    return rows._replace(documents=np.minimum(rows.documents, 1))

  tx = optimizers.make("adam", 0.01, weight_decay=0.1)
  state = train.init_state(pretrained.params, tx.init(pretrained.params))
  update, ours = train.make_update(language_model.causal_lm(config), tx), []
  model = transformers.GPT2LMHeadModel.from_pretrained(
    folder, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0
  )
  optimizer, theirs = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1), []
  for step in range(30):
    rows = whole(step)
    state, sums = update(state, parallel.shard(rows))
    ours.append(float(sums["loss"][0] / sums["loss"][1]))
    logits = model(input_ids=torch.tensor(rows.ids).long()).logits
    loss = torch.nn.functional.cross_entropy(
      logits.flatten(0, 1),
      torch.tensor(np.where(rows.documents > 0, rows.targets, -100)).long().flatten(),
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    theirs.append(loss.item())
  assert ours[-1] < ours[0] - 0.5
  np.testing.assert_allclose(ours, theirs, atol=1e-3)

"""Convergence for any batch size, one device and eight, files of the fastText program."""

import jax
import numpy as np
import pytest
from running import on_devices

from glove_jax import loop, parallel, train
from glove_jax.data.labelled import bag_batches, fasttext_bags, feature_rows
from glove_jax.interop import fasttext as fasttext_files
from glove_jax.tasks import fasttext_classifier as supervised
from glove_jax.tasks import fasttext_losses

C, D = 4, 5
# most of them empty
PIECES = fasttext_bags.NgramOptions(word_ngrams=2, minn=2, maxn=3, bucket=5000)


def texts(size=120, seed=0, words=40):
  """Texts whose words tell their labels, mostly; some have two labels."""
  rng = np.random.default_rng(seed)
  labels = [
    tuple(
      f"c{label}" for label in {int(min(rng.geometric(0.5) - 1, C - 1)), *([0] * (number % 9 == 0))}
    )
    for number in range(size)
  ]
  return [
    fasttext_bags.split_words(
      [f"w{int(w)}" for w in np.minimum(rng.zipf(1.5, rng.integers(1, 12)), words)]
      + [text_labels[0] + "x"] * int(rng.random() < 0.6)
    )
    for text_labels in labels
  ], labels


def prepare(loss, batch_size=8, updates_per_step=3, seed=0, **kwargs):
  made, labels = texts(**kwargs)
  tokens = fasttext_bags.number_words(made)
  dictionary = fasttext_bags.build_dictionary(tokens, labels)
  encoded = fasttext_bags.encode(tokens, dictionary.words, PIECES)
  rows, row_bags = feature_rows.share(encoded, len(dictionary.words) + PIECES.bucket)
  batches = bag_batches.bag_batches(
    row_bags,
    supervised.label_ids(labels, dictionary),
    batch_size=batch_size,
    updates_per_step=updates_per_step,
    seed=seed,
    weights=rows.weights,
  )
  params = supervised.init_params(len(rows.weights), len(dictionary.labels), D, seed=seed)
  paths = fasttext_losses.huffman_paths(dictionary.label_counts) if loss == "hs" else ()
  return train.init_state(params, paths), batches, dictionary, encoded, rows


@pytest.mark.parametrize(
  "loss,batch_size,rate",
  [
    ("softmax", 120, 1000.0),
    *(
      pytest.param(*case, marks=pytest.mark.slow)
      for case in [("softmax", 1, 1.0), ("ova", 8, 2.0), ("ova", 120, 1000.0), ("hs", 120, 1000.0)]
    ),
  ],
)
def test_no_batch_size_diverges(loss, batch_size, rate):
  state, batches, *_ = prepare(loss, batch_size, 20)
  update = supervised.supervised_update(loss, learning_rate=rate)
  losses = []
  for i in range(10 * batches.steps_per_epoch):
    state, sums = update(state, parallel.shard(batches.batch(i)))
    losses.append(float(sums["loss"][0] / sums["loss"][1]))
  assert np.isfinite(losses).all() and np.mean(losses[-5:]) < losses[0] and max(losses) < 9
  if batch_size == 120:  # no update raises its own loss, and all are the same texts
    assert np.all(np.diff(losses) <= 1e-4)
  assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(jax.device_get(state.params)))


def six_steps(loss):
  """{name: table} after six steps on all devices there are."""
  state, batches, *_ = prepare(loss, 12)
  state = loop.fit(
    state,
    supervised.supervised_update(loss, learning_rate=lambda number: 2 / (1 + number)),
    batches=batches.batch,
    num_steps=6,
  )
  parallel.assert_replicated(state.params)
  return jax.device_get(state.params)


SIX_STEPS = """
import importlib.util, sys
import jax, numpy as np
spec = importlib.util.spec_from_file_location("fasttext_supervised_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert jax.device_count() == 1
np.savez(sys.argv[3], **test.six_steps(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["hs", "softmax"])
def test_eight_devices_and_one_give_the_same_state(tmp_path, loss):
  assert jax.device_count() == 8
  on_devices(1, SIX_STEPS, __file__, loss, tmp_path / "one.npz")
  one, eight = np.load(tmp_path / "one.npz"), six_steps(loss)
  for name in eight:
    assert np.abs(eight[name]).max() > 0.1, name
    np.testing.assert_allclose(one[name], eight[name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("loss", supervised.LOSSES)
def test_the_programs_file_predicts_the_same(tmp_path, loss):
  _, _, dictionary, _, rows = prepare(loss)
  rng = np.random.default_rng(2)
  params = {"input": rng.normal(size=(len(rows.weights), D)), "output": rng.normal(size=(C, D))}
  fasttext_files.save(
    supervised.to_fasttext(params, rows, dictionary, PIECES, loss, epoch=5, min_count=1),
    tmp_path / "model.bin",
  )
  model = fasttext_files.load(tmp_path / "model.bin")
  assert model.args.epoch == 5 and model.tokens == dictionary.tokens
  new, _ = texts(40, seed=5, words=60)  # some of their words are unknown
  paths = fasttext_losses.huffman_paths(dictionary.label_counts) if loss == "hs" else None
  tokens = fasttext_bags.number_words(new)
  ours = supervised.predict(
    params, fasttext_bags.encode(tokens, dictionary.words, PIECES), rows, loss, paths
  )
  best = [dictionary.labels[label] for label in ours.argmax(1)]
  assert len(set(best)) > 1
  theirs = {"ours": lambda text: fasttext_files.predict(model, text)[0][0]}
  try:
    import fasttext

    library = fasttext.load_model(str(tmp_path / "model.bin"))
    theirs["library"] = lambda text: library.f.predict(f"{text}\n", 1, 0.0, "strict")[0][1]
  except ImportError:
    pass
  for name, function in theirs.items():
    predictions = [function(" ".join(text[:-1])).removeprefix("__label__") for text in new]
    ties = 3 if loss == "ova" else 0  # the program's sigmoids are of 512 steps
    assert sum(one != two for one, two in zip(predictions, best, strict=True)) <= ties, name

"""Losses against brute force, steps against Facebook's, turns of any size, eight devices against one, files."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from running import on_devices

from glove_jax import parallel, train
from glove_jax.data.labelled import bag_batches, fasttext_bags
from glove_jax.data.windows import huffman
from glove_jax.interop import fasttext as facebook
from glove_jax.tasks import fasttext_classifier as supervised

C, D = 4, 5
COUNTS = np.array([9, 5, 2, 1])
HEADS = {"softmax": supervised.softmax, "ova": supervised.one_against_all, "hs": supervised.hierarchical}
PIECES = fasttext_bags.NgramOptions(word_ngrams=2, minn=2, maxn=3, bucket=5000)  # most of them empty
WAYS = {"softmax": (), "ova": (), "hs": supervised.ways(COUNTS)}


def plain(loss, logits, labels):
  """The loss of one text in float64, label by label."""
  def logistic(x, target):
    return -np.log(1 / (1 + np.exp(-x if target else x)))
  if loss == "softmax":
    return np.mean([-np.log(np.exp(logits[label]) / np.exp(logits).sum()) for label in labels])
  if loss == "ova":
    return sum(logistic(logits[label], label in labels) for label in range(C))
  children, total = huffman.huffman(COUNTS.tolist()), 0.0
  for label in labels:
    node = label
    while node < 2 * C - 2:
      parent = next(number for number, pair in enumerate(children) if node in pair)
      total += logistic(logits[parent], children[parent][1] == node)
      node = parent + C
  return total / len(labels)


@pytest.mark.parametrize("loss", supervised.LOSSES)
def test_losses_and_gradients_are_those_of_brute_force(loss):
  rng = np.random.default_rng(0)
  logits, labels = rng.normal(size=(4, C)), [(0,), (3,), (1, 2), ()]
  wanted = np.array([[float(label in own) for label in range(C)] for own in labels])
  found = HEADS[loss](jnp.asarray(logits, jnp.float32), jnp.asarray(wanted, jnp.float32), jnp.asarray(WAYS[loss]))
  for row, own in enumerate(labels[:3]):
    assert float(found.loss[row]) == pytest.approx(plain(loss, logits[row], own), rel=1e-5)
    for column in range(C):
      up, down = logits[row].copy(), logits[row].copy()
      up[column], down[column] = up[column] + 1e-4, down[column] - 1e-4
      values = [plain(loss, each, own) for each in (up, logits[row], down)]
      assert float(found.missed[row, column]) == pytest.approx((values[0] - values[2]) / 2e-4, abs=1e-5)
      assert float(found.curved[row, column]) == pytest.approx((values[0] - 2 * values[1] + values[2]) / 1e-8, abs=1e-4)
  for array in (found.loss[3], found.missed[3], found.curved[3]):  # padding pulls nothing
    np.testing.assert_array_equal(array, 0)


def texts(size=120, seed=0, words=40):
  """Texts whose words tell their labels, mostly; some have two labels."""
  rng = np.random.default_rng(seed)
  labels = [tuple(f"c{label}" for label in {int(min(rng.geometric(0.5) - 1, C - 1)), *([0] * (number % 9 == 0))})
            for number in range(size)]
  return [fasttext_bags.split_words([f"w{int(w)}" for w in np.minimum(rng.zipf(1.5, rng.integers(1, 12)), words)]
                     + [own[0] + "x"] * int(rng.random() < 0.6)) for own in labels], labels


def prepare(loss, batch_size=8, turns=3, seed=0, **kwargs):
  made, labels = texts(**kwargs)
  dictionary = fasttext_bags.build_dictionary(made, labels)
  rows, places = np.unique(fasttext_bags.encode(made, dictionary.words, PIECES).rows, return_inverse=True)
  encoded = fasttext_bags.encode(made, dictionary.words, PIECES)
  batches = bag_batches.bag_batches(encoded._replace(rows=places), supervised.numbered(labels, dictionary),
                             batch_size=batch_size, updates_per_step=turns, seed=seed)
  params = supervised.init_params(len(rows), len(dictionary.labels), D, seed=seed)
  ways = supervised.ways(dictionary.label_counts) if loss == "hs" else ()
  return train.init_state(params, ways), batches, dictionary, encoded, rows


def test_a_turn_of_one_text_is_the_programs_step():
  """Every row moves by -rate / n of the hidden layer's gradient, the output by -rate of its own."""
  rng, rate = np.random.default_rng(1), 1e-3
  table, output = rng.normal(size=(4, D)), rng.normal(size=(C, D))
  mean, wanted = np.array([[0.25, 0.5, 0.25, 0.0]]), np.eye(C)[[1]]
  hidden = mean @ table
  chance = np.exp(hidden @ output.T) / np.exp(hidden @ output.T).sum()
  expected = -rate * mean.T @ ((chance - wanted) @ output), -rate * (chance - wanted).T @ hidden
  def run(_, given):
    return supervised.step(*given, lambda logits: supervised.softmax(logits, jnp.asarray(wanted), ()), rate)[0]
  given = jax.tree.map(lambda array: jnp.asarray(array, jnp.float32)[None], (table, output, mean))
  found = jax.pmap(run, axis_name=parallel.AXIS, in_axes=(None, 0), devices=jax.devices()[:1])(0, given)
  for one, two in zip(found, expected, strict=True):
    np.testing.assert_allclose(one[0], two, rtol=1e-2, atol=1e-7)


@pytest.mark.parametrize("loss,batch_size,rate", [
  ("softmax", 120, 1000.0), *(pytest.param(*case, marks=pytest.mark.slow) for case in [
    ("softmax", 1, 1.0), ("ova", 8, 2.0), ("ova", 120, 1000.0), ("hs", 120, 1000.0)])])
def test_no_batch_size_diverges(loss, batch_size, rate):
  state, batches, *_ = prepare(loss, batch_size, 20)
  update = supervised.supervised_update(loss, learning_rate=rate)
  losses = []
  for i in range(10 * batches.steps_per_epoch):
    state, sums = update(state, parallel.shard(batches.batch(i)))
    losses.append(float(sums["loss"][0] / sums["loss"][1]))
  assert np.isfinite(losses).all() and np.mean(losses[-5:]) < losses[0] and max(losses) < 9
  if batch_size == 120:  # no turn raises its own loss, and all are the same texts
    assert np.all(np.diff(losses) <= 1e-4)
  assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(jax.device_get(state.params)))


def six_steps(loss):
  """{name: table} after six steps on all devices there are."""
  state, batches, *_ = prepare(loss, 12)
  state = train.fit(state, supervised.supervised_update(loss, learning_rate=lambda turn: 2 / (1 + turn)),
                    batches=batches.batch, num_steps=6)
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


@pytest.mark.parametrize("loss", ["hs", pytest.param("softmax", marks=pytest.mark.slow)])
def test_eight_devices_and_one_give_the_same_state(tmp_path, loss):
  assert jax.device_count() == 8
  on_devices(1, SIX_STEPS, __file__, loss, tmp_path / "one.npz")
  one, eight = np.load(tmp_path / "one.npz"), six_steps(loss)
  for name in eight:
    assert np.abs(eight[name]).max() > 0.1, name
    np.testing.assert_allclose(one[name], eight[name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("loss", supervised.LOSSES)
def test_facebooks_file_says_what_we_say(tmp_path, loss):
  _, _, dictionary, _, rows = prepare(loss)
  rng = np.random.default_rng(2)
  params = {"input": rng.normal(size=(len(rows), D)), "output": rng.normal(size=(C, D))}
  facebook.save(supervised.to_facebook(params, rows, dictionary, PIECES, loss, epoch=5), tmp_path / "model.bin")
  model = facebook.load(tmp_path / "model.bin")
  assert model.args.epoch == 5 and model.tokens == dictionary.tokens
  new, _ = texts(40, seed=5, words=60)  # some of their words are unknown
  ways = supervised.ways(dictionary.label_counts) if loss == "hs" else None
  ours = supervised.predict(params, fasttext_bags.encode(new, dictionary.words, PIECES), rows, loss, ways)
  best = [dictionary.labels[label] for label in ours.argmax(1)]
  assert len(set(best)) > 1
  theirs = {"facebook": lambda text: facebook.predict(model, text)[0][0]}
  try:
    import fasttext
    library = fasttext.load_model(str(tmp_path / "model.bin"))
    theirs["library"] = lambda text: library.f.predict(f"{text}\n", 1, 0.0, "strict")[0][1]
  except ImportError:
    pass
  for name, function in theirs.items():
    found = [function(" ".join(text[:-1])).removeprefix("__label__") for text in new]
    ties = 3 if loss == "ova" else 0  # the program's sigmoids are of 512 steps
    assert sum(one != two for one, two in zip(found, best, strict=True)) <= ties, name

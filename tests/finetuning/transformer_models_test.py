"""Models on a transformer: texts, pairs, words, adapters; a loaded model predicts the same."""

import dataclasses

import finetuning_data
import jax
import numpy as np
import pytest
from finetuning_runs import check_loaded_classifier, check_loaded_tagger

from glove_jax import finetuning, loop, train
from glove_jax.errors import InputError
from glove_jax.interop import huggingface

pytestmark = pytest.mark.usefixtures("quick_compilation")

SMALL = {
  "batch_size": 16,
  "length_buckets": 1,
  "layer_dropout": 0.0,
  "dropout": 0.0,
  "learning_rate": 0.01,
}


@pytest.fixture
def make(transformer_files):
  """A function of a method, a suffix of files and settings: (data, plan, model)."""

  def make(method, suffix, **values):
    paths = finetuning_data.settings(transformer_files, suffix, method=method)
    init = values.pop("init", "bert")
    settings = finetuning.parse(SMALL | paths | {"init": str(transformer_files / init)} | values)
    data = finetuning.read(settings)
    return settings, data, *finetuning.METHODS[method](settings, data)

  return make


def trained(plan, steps):
  """The params after some steps."""
  state = train.init_state(plan.params, plan.opt_state)
  return loop.fit(state, plan.update, plan.batches, num_steps=steps).params


def moved(before, after):
  """The names of arrays that differ."""

  def differs(one, other):
    return bool((np.asarray(one) != np.asarray(other)).any())

  leaves = jax.tree_util.tree_leaves_with_path(jax.tree.map(differs, before, after))
  return {
    jax.tree_util.keystr(path, simple=True, separator="/") for path, differs in leaves if differs
  }


def write_settings(folder, settings):
  from glove_jax.files import write_json

  write_json(folder / "config.json", dataclasses.asdict(settings))


def test_adapters_alone_are_trained_on_pairs_and_merged_when_saved(
  make, transformer_files, tmp_path
):
  settings, data, plan, model = make(
    "transformer",
    ".pairs",
    lora_rank=2,
    layer_decay=0.5,
    warmup_epochs=0.0,
    weight_decay=0.1,
    lr_multipliers="layers=0.5",
  )
  pretrained = huggingface.load(transformer_files / "bert")
  for name, part in plan.params["encoder"].items():
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(part), pretrained.params[name])
  assert set(np.unique(plan.batches(0).types)) == {0, 1}
  params = trained(plan, 3)
  names = moved(plan.params, jax.device_get(params))
  assert {name.split("/")[0] for name in names} == {"lora", "head"} and len(names) == 2 + 2 * 4
  model.save(params, tmp_path)
  write_settings(tmp_path, settings)
  check_loaded_classifier(tmp_path, params, model, data["test"], ["good w1\tw1 bad", "good"])
  saved = huggingface.load(tmp_path / "encoder")
  changed = moved({name: pretrained.params[name] for name in saved.params}, saved.params)
  assert changed == {f"layers/{i}/attention/{part}/w" for i in (0, 1) for part in ("qkv", "out")}


def test_a_tagger_reads_words_and_characters(make, tmp_path, capsys):
  settings, data, plan, model = make(
    "transformer_tagger",
    ".conll",
    char_filters=4,
    char_dim=4,
    max_length=8,
    use_crf=False,
    epochs=2,
  )
  # Each word is one subword token, and two tokens are special.
  truncated = sum(max(0, len(sentence) - 6) for sentence in data["test"].sentences)
  assert truncated
  assert f"of test, 8 at most; {truncated} words truncated at 8 tokens" in capsys.readouterr().out
  params = trained(plan, 5)
  (tmp_path / "run").mkdir()
  model.save(params, tmp_path / "run")
  # The run has been moved, and the folder that it began with is gone.
  write_settings(tmp_path / "run", dataclasses.replace(settings, init="/gone"))
  (tmp_path / "run").rename(tmp_path / "moved")
  check_loaded_tagger(tmp_path / "moved", params, model, data["test"], "w1 Ann Smith in Nowhere")


def test_from_scratch_has_the_sizes_and_not_the_numbers(make, transformer_files):
  *_, plan, _ = make("transformer", ".txt", from_scratch=True)
  pretrained = huggingface.load(transformer_files / "bert").params["layers"]
  drawn = jax.device_get(plan.params["encoder"]["layers"])
  assert jax.tree.map(np.shape, drawn) == jax.tree.map(np.shape, pretrained)
  assert {f"{i}/mlp/{name}/w" for i in (0, 1) for name in ("in", "out")} <= moved(pretrained, drawn)


def test_less_memory_and_the_same_gradients(make):
  first, second = (
    trained(make("transformer", ".txt", remat=remat)[2], 1) for remat in (False, True)
  )
  jax.tree.map(
    lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4),
    jax.device_get(first),
    jax.device_get(second),
  )


@pytest.mark.slow
def test_layers_are_unfrozen_from_the_top(make):
  *_, plan, _ = make("transformer", ".txt", unfreeze_after="embed=2,layers/0/=1")
  start = jax.device_get(plan.params)

  def changed(epochs):
    names = moved(start, jax.device_get(trained(plan, epochs * plan.steps_per_epoch)))
    return {"/".join(name.split("/")[1:3]) for name in names if name.startswith("encoder")}

  first, second, third = map(changed, (1, 2, 3))
  assert first == {"layers/1"} and second == {"layers/0", "layers/1"}
  assert third == {
    "layers/0",
    "layers/1",
    "embed/token",
    "embed/position",
    "embed/type",
    "embed/norm",
  }


@pytest.mark.parametrize(
  "suffix,values,message",
  [
    (".txt", {"lr_multipliers": "words=0"}, "no params are called 'words', expected of enc"),
    (".txt", {"unfreeze_after": "layers=1,words=2"}, "no params are called 'words'"),
    (".pairs", {"init": "gpt"}, "expected a BERT for pairs"),
    (".txt", {"lora_rank": 1, "lora_adapt": "query"}, "adapt='query' matches no matrix"),
  ],
)
def test_bad_input_is_refused(make, suffix, values, message):
  with pytest.raises(InputError, match=message):
    make("transformer", suffix, **values)

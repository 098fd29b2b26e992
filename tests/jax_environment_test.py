"""Computations are the same whatever the user has set for JAX, and say which device is missing."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import running

import glove_jax as gj
from glove_jax import jax_environment
from glove_jax.errors import InputError
from glove_jax.methods import word2vec


@pytest.fixture
def unusual():
  """JAX as somebody's notebook may have it."""
  with (
    jax.enable_x64(True),
    jax.numpy_dtype_promotion("strict"),
    jax.numpy_rank_promotion("raise"),
    jax.default_prng_impl("rbg"),
    jax.threefry_partitionable(False),
  ):
    yield


def draw():
  params = word2vec.init_params(jax.random.key(1), 10, 4, "ns")
  return params["word"] * np.float32(2) + jnp.ones(4)


def test_settings_of_the_user_change_nothing_and_stay(unusual):
  with jax_environment.standard_numbers():
    inside = draw()
  assert jax.config.jax_enable_x64 and jax.config.jax_numpy_dtype_promotion == "strict"
  assert inside.dtype == np.float32
  with (
    jax.enable_x64(False),
    jax.numpy_dtype_promotion("standard"),
    jax.numpy_rank_promotion("allow"),
    jax.default_prng_impl("threefry2x32"),
    jax.threefry_partitionable(True),
  ):
    np.testing.assert_array_equal(inside, draw())


WORDS = [
  "the", "good", "film", "is", "a", "fine", "story", "but", "bad", "plot", "and", "dull", "cast"
]
LANGUAGE_MODEL = {"layers": 1, "heads": 2, "steps": 3, "context_length": 8, "batch_size": 8}
METHODS = {
  "glove": {"held_out": 0.2},
  "glove_als": {},
  "word2vec": {},
  "fasttext": {"ngram_buckets": 50},
  "ppmi_svd": {},
  "bert": {**LANGUAGE_MODEL, "max_vocab": 60},
  "gpt": {**LANGUAGE_MODEL, "max_vocab": 260},
}
CLASSIFIERS = {
  "cnn": {"method": "cnn"},
  "bilstm": {"method": "bilstm"},
  "bag": {"method": "bag"},
  "fasttext_supervised": {"method": "fasttext_supervised", "ngram_buckets": 50},
}


def write_texts(path):
  rng = np.random.default_rng(0)
  lines = [" ".join(rng.choice(WORDS, 8)) for _ in range(60)]
  path.write_text("\n".join(lines))
  return lines


def pretrain(path, method):
  minimum = {} if method in ("bert", "gpt") else {"min_count": 1}
  options = {"dim": 8, "verbose": False, **minimum, **METHODS[method]}
  model = gj.pretrain(path, method, **options)
  return model.params if method in ("bert", "gpt") else model.vectors


def assert_same(first, second):
  for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True):
    assert one.dtype == other.dtype
    np.testing.assert_array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_every_method_pretrains_the_same(tmp_path, request, method):
  write_texts(tmp_path / "text.txt")
  usual = pretrain(tmp_path / "text.txt", method)
  request.getfixturevalue("unusual")
  assert_same(usual, pretrain(tmp_path / "text.txt", method))


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_learns_and_predicts_the_same(tmp_path, request, name):
  texts = write_texts(tmp_path / "text.txt")
  labels = ["pos" if "good" in text else "neg" for text in texts]

  def train():
    options = {"dim": 8, "epochs": 2, "verbose": False, **CLASSIFIERS[name]}
    model = gj.finetune((texts, labels), **options)
    return model.params, model.predict_proba(texts[:5])

  usual = train()
  request.getfixturevalue("unusual")
  assert_same(usual, train())


def test_it_decorates_functions(unusual):
  assert jax_environment.standard()(draw)().dtype == np.float32
  assert jnp.ones(3).dtype == np.float64


@pytest.mark.parametrize(
  ("platforms", "error", "message"),
  [
    ("cuda", AssertionError(), "no plugin for it.*-m pip install 'jax.cuda12.', or set JAX_PLAT"),
    (
      "gpu",
      RuntimeError("Unable to initialize backend 'rocm': Backend 'rocm' is not in the list of known"
      " backends: ['cpu']. (set JAX_PLATFORMS='')"),
      "^JAX_PLATFORMS=gpu: JAX cannot start on it .no plugin for it.; installed are cpu",
    ),
    (
      "tpu",
      RuntimeError("Unable to initialize backend 'tpu': no libtpu.so (set JAX_PLATFORMS='')\nmore"),
      r"'tpu': no libtpu.so\); installed are cpu.*jax\[tpu\]",
    ),
    ("nonsense", RuntimeError("no nonsense"), "installed are cpu.*; set JAX_PLATFORMS=cpu.$"),
    (None, RuntimeError("no memory"), "^JAX cannot start: no memory.$"),
  ],
)
def test_a_platform_that_is_not_there_is_one_line(monkeypatch, platforms, error, message):
  def fail():
    raise error

  monkeypatch.setattr(jax, "local_devices", fail)
  monkeypatch.setattr(jax_environment, "_asked_platforms", lambda: platforms)
  with pytest.raises(InputError, match=message) as raised:
    jax_environment.check_platform()
  assert "\n" not in str(raised.value)


@pytest.mark.parametrize("number", [0, 100_000])
def test_a_number_of_devices_beyond_sense_is_one_line(monkeypatch, number):
  class Config:
    jax_num_cpu_devices = number

  monkeypatch.setattr(jax, "config", Config)
  with pytest.raises(InputError, match=f"JAX_NUM_CPU_DEVICES={number}, expected from 1 to 256"):
    jax_environment.check_platform()


def test_a_platform_that_is_there_is_no_error():
  jax_environment.check_platform()


# Imports JAX with one bad variable after another; JAX is imported anew each time.
IMPORTS = """
import os, sys
import glove_jax as gj
for line in sys.argv[1:]:
  name, value, expected = line.split("|")
  os.environ[name] = value
  try:
    gj.load
    print(line, "is no error")
  except gj.InputError as error:
    if str(error) != f"{name}={value!r}, expected {expected}.":
      print(error)
  del os.environ[name]
  for module in [module for module in sys.modules if module.partition(".")[0] == "jax"]:
    del sys.modules[module]
"""


def test_variables_that_jax_cannot_read_are_named():
  cases = [
    "JAX_ENABLE_X64|maybe|true or false",
    "JAX_DEBUG_NANS||true or false",
    "JAX_NUM_CPU_DEVICES|abc|a whole number",
    "JAX_COMPILER_DETAILED_LOGGING_MIN_OPS|1.5|a whole number",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS|1s|a number",
    "JAX_DEFAULT_MATMUL_PRECISION|foo|one of default, high, highest, bfloat16, tensorfloat32,"
    " float32, …",
    "JAX_NUMPY_DTYPE_PROMOTION|q|one of standard, strict",
    "JAX_NUMPY_RANK_PROMOTION|no|one of allow, warn, raise",
    "JAX_DEFAULT_DEVICE|foo|another value",
  ]
  done = subprocess.run(
    [sys.executable, "-c", IMPORTS, *cases], capture_output=True, text=True, env=running.ENV
  )
  assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_other_errors_are_no_variables():
  assert jax_environment.unreadable_variable(ValueError("no variable")) is None


@pytest.mark.parametrize(
  "flags, message",
  [
    ("nonsense", "XLA_FLAGS='nonsense', expected flags such as --xla_…, or a file."),
    (
      "--xla_a --xla_b=1",
      "XLA_FLAGS='--xla_a --xla_b=1': XLA cannot read them (Unknown flags in XLA_FLAGS: --xla_a"
      " --xla_b=1).",
    ),
    (
      "--xla_force_host_platform_device_count=abc",
      "XLA_FLAGS='--xla_force_host_platform_device_count=abc': XLA cannot read them (Couldn't"
      " interpret value abc for flag xla_force_host_platform_device_count).",
    ),
  ],
)
def test_flags_that_xla_cannot_read_are_named(monkeypatch, flags, message):
  monkeypatch.setenv("XLA_FLAGS", flags)
  with pytest.raises(InputError) as caught:
    jax_environment.check_variables()
  assert str(caught.value) == message


@pytest.mark.parametrize(
  "flags", ["", "--xla_force_host_platform_device_count=8", " --xla_cpu_enable_fast_math=true"]
)
def test_flags_that_xla_can_read(monkeypatch, flags):
  monkeypatch.setenv("XLA_FLAGS", flags)
  jax_environment.check_variables()


def test_flags_that_most_people_set_are_not_tried(monkeypatch):
  monkeypatch.setattr(subprocess, "run", None)
  monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
  jax_environment.check_variables()


def test_a_process_that_compiles_nothing_says_so_once(monkeypatch, capsys):
  jax_environment._note_disabled_jit.cache_clear()
  with jax.disable_jit():
    for _ in range(2):
      with jax_environment.standard():
        pass
  jax_environment._note_disabled_jit.cache_clear()
  with jax_environment.standard():
    pass
  captured = capsys.readouterr()
  assert captured.err.count("note: JAX_DISABLE_JIT is set: nothing is compiled") == 1
  assert captured.out == ""

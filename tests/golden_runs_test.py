"""Short runs of every recipe, compared with golden values that are committed in golden/runs/.

  python -m pytest -n 0 -m slow tests/golden_runs_test.py               # all runs
  python -m pytest -n 0 -m slow tests/golden_runs_test.py -k glove_als  # some of them
  python tests/golden_runs_test.py --write                              # writes all anew
  python tests/golden_runs_test.py --write -k glove_als                 # or some of them

Arrays whose bytes differ are compared by their projections on fixed random vectors, within a
tolerance. With GLOVE_JAX_GOLDEN_EXACT=1 in the environment, the bytes must be equal.

Each file names the kind of processor that its values were made on. Other kinds add floats in
another order, and training makes the differences grow: they have a larger tolerance. A truncated
SVD may turn its vectors there, and so runs that start from one are compared by words, texts and
shapes alone.
"""

import hashlib
import json
import math
import os
import random
import struct
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from running import ENV, ROOT

from glove_jax import compilation_cache

GOLDEN = ROOT / "tests" / "golden" / "runs"
CONFIGS = ROOT / "experiments" / "configs"
WRITE = "GLOVE_JAX_GOLDEN_WRITE" in os.environ
EXACT = "GLOVE_JAX_GOLDEN_EXACT" in os.environ
# Two processors with one name and the same instructions differed by 2e-6 in the losses of a tagger.
TOLERANCE = 5e-6
BFLOAT16_TOLERANCE = 1e-2
OTHER_PROCESSOR_TOLERANCE = 1e-3
PROCESSOR = "processor"  # the key of the kind of processor in a file

# Settings of all runs of a config. {name} is a file of `make_data`, or the folder of a run.
PRETRAIN = {
  "glove": "corpus={english} dim=8 window=5 epochs=3 batch_size=1024 log_every=5 evaluate=False",
  "glove_als": "corpus={english} dim=16 window=5 epochs=2 log_every=1 evaluate=False",
  "word2vec":
    "corpus={english} dim=16 window=3 epochs=2 batch_size=256 turns=2 block=16 shared=8 "
    "sample=1e-2 learning_rate=0.075 log_every=2 evaluate=False",
  "fasttext":
    "corpus={english} dim=16 window=3 epochs=2 batch_size=256 turns=2 block=16 shared=8 "
    "sample=1e-2 buckets=300 log_every=2 evaluate=False",
  "ppmi_svd": "corpus={english} dim=16 window=5 evaluate=False",
  "bert":
    "corpus={english} dev={english_dev} dim=16 layers=1 heads=2 window=32 max_vocab=150 "
    "batch_size=4 steps=6 warmup_steps=2 log_every=2",
  "gpt":
    "corpus={english} dev={english_dev} dim=16 layers=2 heads=2 window=32 max_vocab=300 "
    "batch_size=4 steps=6 warmup_steps=2 log_every=2 prompt=the write=8",
}
FINETUNE = {
  "classify":
    "train={train} dev={dev} test={test} predict={new} dim=8 filters=6 size=6 epochs=2 "
    "batch_size=16 learning_rate=0.02 buckets=1 log_every=5",
  "fasttext_supervised":
    "train={train} dev={dev} test={test} predict={new} dim=8 epochs=2 batch_size=4 turns=4 "
    "buckets=200 log_every=2",
  "tag":
    "train={tagged} dev={tagged_dev} test={tagged_test} predict={new_tagged} dim=8 size=6 "
    "filters=6 char_dim=4 char_filters=5 learning_rate=0.03 average=0.5 epochs=8 batch_size=8 "
    "buckets=1 log_every=20",
  "bert_classify":
    "init={bert} train={train} dev={dev} test={test} predict={new} epochs=2 batch_size=16 "
    "learning_rate=0.005 buckets=1 log_every=5",
  "bert_tag":
    "init={bert} train={tagged} dev={tagged_dev} test={tagged_test} predict={new_tagged} epochs=2 "
    "learning_rate=0.005 buckets=1 log_every=5",
}

# The runs: a config, and settings that override those above.
RUNS = {
  "glove": "glove",
  "glove_adam":
    "glove optimizer=adam learning_rate=0.02 schedule=cosine warmup_steps=3 weight_decay=0.01 "
    "held_out=0.1 output=concat",
  "glove_als": "glove_als",
  "glove_als_anchor": "glove_als corpus={english_more} init={glove_als}/vectors.txt anchor=1",
  "glove_als_init":
    "glove_als corpus={english_more} init={ppmi_svd} held_out=0.1 patience=1 epochs=4 "
    "output=aligned",
  "glove_als_asymmetric": "glove_als symmetric=False weighting=flat output=word max_vocab=40",
  "glove_als_phrases": "glove_als phrases=2 phrase_threshold=2 phrase_min_count=2",
  "glove_als_vocab":
    "glove_als tokenizer=unicode lowercase=False vocab={glove}/vocab.txt dense_words=20",
  "glove_als_chinese": "glove_als corpus={chinese} tokenizer=characters",
  "glove_init":
    "glove init={glove_als}/vectors.txt dim=16 bias_rule=v1.2 average=1 held_out=0.1 patience=1",
  "word2vec": "word2vec",
  "word2vec_cbow": "word2vec:cbow output=sum dynamic=False learning_rate=0.1",
  "word2vec_hs": "word2vec loss=hs schedule=cosine",
  "word2vec_cbow_hs": "word2vec:cbow loss=hs tokenizer=whitespace learning_rate=0.1",
  "word2vec_init": "word2vec corpus={english_more} init={word2vec} grow=True",
  "word2vec_hs_init": "word2vec corpus={english_more} init={word2vec_hs} loss=hs",
  "word2vec_vectors":
    "word2vec init={glove_als}/vectors.txt phrases=1 phrase_score=npmi phrase_threshold=0.3",
  "fasttext": "fasttext",
  "fasttext_cbow": "fasttext model=cbow min_n=2 max_n=4",
  "fasttext_init": "fasttext corpus={english_more} init={fasttext} grow=True",
  "ppmi_svd": "ppmi_svd",
  "ppmi_svd_chinese":
    "ppmi_svd corpus={chinese} tokenizer=jieba symmetric=False dim=8 shift=2.0 power=0.0 "
    "smoothing=1.0",
  "bert": "bert",
  "bert_init": "bert init={bert} corpus={english_more} steps=0 epochs=1 dropout=0.1",
  "bert_vectors":
    "bert vectors={glove_als} layers=2 sample=1e-2 whole_words=True mask_rate=0.4 "
    "documents=blocks remat=True",
  "bert_bfloat16": "bert dtype=bfloat16 dev= optimizer=lion schedule=cosine",
  "bert_chinese": "bert corpus={chinese} dev= lowercase=False min_count=1",
  "gpt": "gpt",
  "gpt_init": "gpt init={gpt} corpus={english_more} seed=2",
  "gpt_characters": "gpt corpus={chinese} dev= tokenizer=characters prompt=今天 dropout=0.1",
  "gpt_vectors": "gpt vectors={glove_als} documents=blocks",
  "classify_cnn": "classify",
  "classify_bilstm":
    "classify method=bilstm layers=2 layer_dropout=0.2 recurrent_dropout=0.2 variational=True "
    "pooling=mean_max dev= test= fold=1/4 limit=50 epochs=1",
  "classify_bag":
    "classify method=bag pooling=mean class_weights=balanced smoothing=0.1 weight_decay=0.01 "
    "clip_norm=1.0 schedule=cosine warmup=0.5 average=0.9 patience=0 optimizer=sgd",
  "classify_averaged": "classify method=averaged init={word2vec} tokenizer=whitespace",
  "classify_vectors":
    "classify init={glove_als} tokenizer=whitespace parts=True "
    "clean=html,nfkc,urls,users,numbers,repeats,spaces "
    "rates=words=0.1 thaw=words=1 patience=1 epochs=3",
  "classify_compose":
    "classify method=bag init={fasttext} tokenizer=whitespace rates=words=0 patience=0",
  "classify_eda":
    "classify method=bag init={glove_als} tokenizer=whitespace eda=0.3 patience=0 pooling=mean",
  "classify_mixup":
    "classify mixup=0.4 min_count=2 max_length=6 tokenizer=words lowercase=False buckets=2",
  "classify_chinese":
    "classify train={chinese_train} dev= test= predict={chinese_new} tokenizer=characters",
  "fasttext_supervised": "fasttext_supervised",
  "fasttext_supervised_hs": "fasttext_supervised loss=hs min_n=2 max_n=3 word_ngrams=3",
  "fasttext_supervised_ova":
    "fasttext_supervised loss=ova word_ngrams=1 clean=html,urls min_count=2",
  "fasttext_supervised_chinese":
    "fasttext_supervised train={chinese_train} dev= test= predict={chinese_new} "
    "tokenizer=characters",
  "tag": "tag",
  "tag_vectors": "tag init={glove_als} recurrent_dropout=0.2 clean=nfkc,numbers scheme=bioes",
  "tag_softmax": "tag chain=False char_filters=0 encoder=cnn smoothing=0.1 dev= test= fold=1/4",
  "tag_bag":
    "tag encoder=bag parts=False average=0.0 patience=0 limit=50 rates=words=0.1 thaw=words=1",
  "tag_chinese":
    "tag:characters encoder=cnn train={chinese_tagged} dev= test= predict={chinese_new}",
  "bert_classify": "bert_classify",
  "bert_classify_pairs": "bert_classify train={pairs} dev={pairs_dev} test= predict={new_pairs}",
  "bert_classify_lora":
    "bert_classify lora_rank=2 lora_alpha=4.0 class_weights=balanced smoothing=0.1",
  "bert_classify_layers":
    "bert_classify init={bert_vectors} layer_decay=0.8 thaw=embed=1 word_dropout=0.1 remat=True "
    "mixup=0.3 pooling=first",
  "bert_classify_bfloat16":
    "bert_classify dtype=bfloat16 from_scratch=True average=0.9 max_length=12",
  "bert_classify_gpt": "bert_classify init={gpt} pooling=last patience=0",
  "bert_tag": "bert_tag",
  "bert_tag_chars": "bert_tag char_filters=5 char_dim=4 chain=False clean=nfkc,numbers scheme=bmes",
}

# Other programs, with their flags; {out} is a JSON file that is compared, else what is printed is.
PROGRAMS = {
  "evaluate":
    "evaluate --vectors={glove_als} --similarity={similarity} --analogies={analogies} "
    "--json={out}",
  "evaluate_cosmul":
    "evaluate --vectors={ppmi_svd} --similarity={similarity} --analogies={analogies} --json={out} "
    "--method=3cosmul --restrict=50 --lowercase=false",
  "evaluate_compose":
    "evaluate --vectors={fasttext} --compose --similarity={similarity} --analogies= --json={out}",
  "evaluate_bert": "evaluate --vectors={bert} --similarity={similarity} --analogies= --json={out}",
  "evaluate_neighbours": "evaluate --vectors={word2vec}/vectors.txt --neighbours=team,soup",
  "generate": "generate --model={gpt} --prompt=the --prompt=team --write=12",
  "generate_characters":
    "generate --model={gpt_characters} --prompt=今天 --write=8 --top_k=5 --temperature=1.5 "
    "--seed=3",
  "compare":
    "compare --corpus={english} --methods=glove_als,cbow_hs --dim=8 --seeds=1 --settings=epochs=1 "
    "--json={out}",
  "repeat":
    "repeat --config={configs}/fasttext_supervised.py --config.train={train} --config.buckets=200 "
    "--config.epochs=2 --config.dim=8 --folds=2 --seeds=1 --workdir={folder}/runs --json={out}",
  "label_efficiency":
    "label_efficiency --train={train} --dev={dev} --test={test} --inits=random,{glove_als} "
    "--labels=20 --seeds=1 --settings=method=bag,epochs=2,tokenizer=whitespace --json={out}",
}

TEXT_FILES = (
  "vocab.txt", "phrases.txt", "predicted.txt", "model/tokenizer.json", "encoder/tokenizer.json")
JSON_FILES = ("metrics.json", "model/config.json", "encoder/config.json")
TENSOR_FILES = ("model/model.safetensors", "encoder/model.safetensors")
CHECKPOINTS = ("checkpoints", "epochs", "best", "model")
# The baseline of a handful of texts turns on the last bits of its features.
NOT_COMPARED = ("time_s", "wall", "cpu", "peak_gb", "init", "baseline")

# Runs and programs that start from a truncated SVD, or from vectors that do.
FROM_SVD = {
  "bert_classify_layers", "bert_vectors", "classify_eda", "classify_vectors", "compare",
  "evaluate", "evaluate_cosmul", "glove_als", "glove_als_anchor", "glove_als_asymmetric",
  "glove_als_chinese", "glove_als_init", "glove_als_phrases", "glove_als_vocab", "glove_init",
  "gpt_vectors", "label_efficiency", "ppmi_svd", "ppmi_svd_chinese", "tag_vectors",
  "word2vec_vectors",
}

Values = dict[str, Any]  # file and what is in it -> text, number, or summary of an array

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", RUNS)
def test_run(name, runs):
  tolerance = BFLOAT16_TOLERANCE if "bfloat16" in RUNS[name] else TOLERANCE
  check(name, run_values(runs(name)), tolerance)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, runs, tmp_path):
  program, *flags = PROGRAMS[name].split()
  out = tmp_path / "out.json"
  locations = Places(runs, {"out": out, "folder": tmp_path, "configs": CONFIGS})
  printed = execute(program, [flag.format_map(locations) for flag in flags], runs.environment)
  if out.exists():
    check(name, json_values("json", read_json(out)))
  else:
    check(name, {"printed": digest(printed.encode())})


# Runs


@pytest.fixture(scope="session")
def runs(request, tmp_path_factory):
  """The function `name -> folder of the finished run`.

  The runs that tests ask for are made ahead of them, two at a time.
  """
  made = Runs(tmp_path_factory.mktemp("golden_runs"))
  pool = ThreadPoolExecutor(2)
  for item in request.session.items:
    if getattr(item, "function", None) is test_run:
      pool.submit(made, item.callspec.params["name"])
  yield made
  pool.shutdown(cancel_futures=True)


class Runs:
  """Makes runs when they are asked for, each once."""

  def __init__(self, folder):
    self.folder = folder
    self.data = make_data(folder)
    self.environment = {
      **ENV,
      "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
      "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
      "XLA_FLAGS": "--xla_backend_optimization_level=0",  # halves the time, most of it compilation
    }
    self.lock, self.made = threading.Lock(), {}

  def __call__(self, name):
    """The folder of a run; waits for it where another thread makes it."""
    with self.lock:
      first = name not in self.made
      future = self.made.setdefault(name, Future())
    if first:
      try:
        future.set_result(self.make(name))
      except BaseException as error:
        future.set_exception(error)
    return future.result()

  def make(self, name):
    """Runs a config to its end; then, with a fine-tuned model, labels the file in `predict`."""
    config, *overrides = RUNS[name].split()
    recipe, _, argument = config.partition(":")
    program, defaults = ("pretrain", PRETRAIN) if recipe in PRETRAIN else ("finetune", FINETUNE)
    settings = dict(setting.split("=", 1) for setting in [*defaults[recipe].split(), *overrides])
    settings = {key: value.format_map(Places(self)) for key, value in settings.items()}
    settings["keep_checkpoints"] = "True"  # their contents are compared
    predict = settings.pop("predict", None)
    path = f"{CONFIGS / recipe}.py" + (f":{argument}" if argument else "")
    flags = [f"--config={path}", f"--workdir={self.folder / name}"]
    config_flags = [f"--config.{key}={value}" for key, value in settings.items()]
    execute(program, [*flags, *config_flags], self.environment)
    if predict:
      execute(program, [*flags, f"--config.predict={predict}"], self.environment)
    return self.folder / name


class Places(dict):
  """The paths that settings name in braces."""

  def __init__(self, runs, more=()):
    super().__init__(runs.data, **dict(more))
    self.runs = runs

  def __missing__(self, name):
    return self.runs(name)


def execute(program, flags, environment) -> str:
  """Runs a program of experiments/; returns what it prints."""
  command = [sys.executable, ROOT / "experiments" / f"{program}.py", *flags]
  done = subprocess.run(command, env=environment, capture_output=True, text=True)
  assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}"
  return done.stdout


# Results


def run_values(folder) -> Values:
  """All results in the folder of a run."""
  values = {}
  for name in TEXT_FILES:
    if (folder / name).exists():
      values[name] = digest((folder / name).read_bytes())
  for name in JSON_FILES:
    if (folder / name).exists():
      values |= json_values(name, read_json(folder / name))
  if (folder / "lexicon.json").exists():
    content = read_json(folder / "lexicon.json")
    values |= {f"lexicon.json:{key}": digest(json.dumps(content[key]).encode()) for key in content}
  if (folder / "metrics.jsonl").exists():
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    values |= json_values("metrics.jsonl", list(map(json.loads, lines)))
  values |= vector_words(folder)
  return values | {name: summary(array) for name, array in arrays(folder).items()}


def arrays(folder) -> dict[str, np.ndarray]:
  """All arrays in the folder of a run."""
  values = {}
  if (folder / "vectors.txt").exists():
    values["vectors.txt"] = vector_numbers(folder / "vectors.txt")
  if (folder / "model.bin").exists():
    matrices = fasttext_arrays(folder / "model.bin")
    values |= {f"model.bin:{name}": array for name, array in matrices.items()}
  for name in TENSOR_FILES:
    if (folder / name).exists():
      values |= {f"{name}:{key}": array for key, array in load_tensors(folder / name).items()}
  for name in CHECKPOINTS:
    if steps := [int(path.name) for path in (folder / name).glob("[0-9]*")]:
      params = checkpoint_params(folder / name / str(max(steps)))
      values |= {f"{name}/{max(steps)}:{key}": array for key, array in params.items()}
  return values


def vector_numbers(path) -> np.ndarray:
  """The numbers of vectors.txt."""
  lines = path.read_text(encoding="utf-8").splitlines()
  return np.array([line.split(" ")[1:] for line in lines], np.float64)


def vector_words(folder) -> Values:
  """The words of vectors.txt."""
  if not (folder / "vectors.txt").exists():
    return {}
  lines = (folder / "vectors.txt").read_text(encoding="utf-8").splitlines()
  return {"vectors.txt:words": digest("\n".join(line.split(" ")[0] for line in lines).encode())}


def fasttext_arrays(path) -> dict[str, np.ndarray]:
  """What fastText's format holds: what comes before the matrices as bytes, then the matrices."""
  data = path.read_bytes()
  position = 64  # of the dictionary, after the version and the arguments
  size, _, _, _, pruned = struct.unpack_from("<iiiqq", data, position)
  position += 28
  for _ in range(size):  # a word, 0, its count (8 bytes), its type (1 byte)
    position = data.index(b"\0", position) + 10
  position += 8 * max(pruned, 0)
  values = {"header": np.frombuffer(data[:position], np.uint8)}
  for name in ("input", "output"):
    rows, columns = struct.unpack_from("<?qq", data, position)[1:]
    position += 17
    values[name] = np.frombuffer(data, "<f4", rows * columns, position).reshape(rows, columns)
    position += 4 * rows * columns
  return values


def load_tensors(path) -> dict[str, np.ndarray]:
  from safetensors.numpy import load_file
  return load_file(path)


def checkpoint_params(path) -> dict[str, np.ndarray]:
  """The params in a checkpoint, by their names."""
  import jax
  import orbax.checkpoint as ocp
  with ocp.StandardCheckpointer() as checkpointer:
    params = checkpointer.restore(path / "state")["params"]
  leaves = jax.tree_util.tree_leaves_with_path(params)
  named = [(jax.tree_util.keystr(path, simple=True, separator="/"), leaf) for path, leaf in leaves]
  return {name: np.asarray(leaf) for name, leaf in named}


def json_values(name: str, content) -> Values:
  """Returns the text and numbers in JSON by their path; without times."""
  if not isinstance(content, dict | list):
    return {name: content}
  items = content.items() if isinstance(content, dict) else enumerate(content)
  values = {}
  for key, value in items:
    if key not in NOT_COMPARED:
      values |= json_values(f"{name}:{key}", value)
  return values


def read_json(path):
  return json.loads(path.read_text(encoding="utf-8"))


def digest(data: bytes) -> str:
  return hashlib.blake2b(data, digest_size=12).hexdigest()


def summary(array: np.ndarray) -> dict:
  """What is kept of an array: a digest, the norm, and projections on fixed random vectors."""
  flat = np.asarray(array, np.float64).ravel()
  directions = np.random.RandomState(0).standard_normal((8, flat.size))
  return {
    "shape": list(array.shape), "dtype": str(array.dtype), "digest": digest(array.tobytes()),
    "norm": rounded(np.linalg.norm(flat)), "projections": list(map(rounded, directions @ flat)),
  }


def rounded(number: float) -> float:
  return float(f"{number:.10g}")


# Comparison


def check(name: str, actual: Values, tolerance: float = TOLERANCE) -> None:
  """Compares results with the golden values of a run, or writes these."""
  path = GOLDEN / f"{name}.json"
  if WRITE:
    actual = {**actual, PROCESSOR: compilation_cache.processor()}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(actual.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return
  expected = read_json(path)
  if expected.pop(PROCESSOR) != compilation_cache.processor() and not EXACT:
    tolerance = max(tolerance, OTHER_PROCESSOR_TOLERANCE)
    if name in FROM_SVD:
      actual = without_numbers(actual)
      expected = without_numbers(expected)
  missing = object()
  wrong = [f"{name}, {key}: found {actual.get(key)}, expected {expected.get(key)}"
           for key in sorted({*actual, *expected})
           if not same(actual.get(key, missing), expected.get(key, missing), tolerance)]
  assert not wrong, "\n".join([f"{len(wrong)} of {len(expected)} values differ:", *wrong[:10]])


def without_numbers(values: Values) -> Values:
  """Returns the values that a turn of the vectors leaves as they are."""
  kept = {}
  for key, value in values.items():
    if isinstance(value, dict):
      kept[key] = {name: value[name] for name in ("shape", "dtype")}
    elif key.endswith(("vocab.txt", "phrases.txt", ":words", "tokenizer.json")):
      kept[key] = value
  return kept


def same(actual, expected, tolerance: float) -> bool:
  """Whether a value is the expected one; floats may differ within the tolerance."""
  if isinstance(expected, dict) and isinstance(actual, dict):
    return same_array(actual, expected, tolerance)
  if isinstance(expected, float) and isinstance(actual, float) and not EXACT:
    return math.isclose(actual, expected, rel_tol=tolerance, abs_tol=tolerance)
  return actual == expected


def same_array(actual: dict, expected: dict, tolerance: float) -> bool:
  if any(actual[key] != expected[key] for key in ("shape", "dtype")):
    return False
  if "digest" not in expected:
    return True
  if actual["digest"] == expected["digest"] or EXACT:
    return actual["digest"] == expected["digest"]
  # A difference of some norm has projections of about that size.
  size = tolerance * max(1, expected["norm"])
  pairs = zip(actual["projections"], expected["projections"], strict=True)
  pairs = [*pairs, (actual["norm"], expected["norm"])]
  return all(abs(one - other) <= size for one, other in pairs)


# Data

TOPICS = {
  "sport": "team goal match coach season player stadium league training trainer winner",
  "film": "scene actor story camera director plot screen acting comedy drama king",
  "food": "bread soup cook pepper kitchen taste cooking baker sugar pasta queen",
}
COMMON = "the a of in and was is very with for at not good bad man woman day"
ANIMALS = "zebra tiger lion zoo cage"
MARKED = "I'm #home BestTeam <b>best</b> http://a.example/b @anna 2,024 goooood New_York"
CHINESE = ("足球 比赛 球队 电影 演员 故事 面包 厨房 味道 "
           "今天 我们 非常 喜欢 在 的 了 不 好 大家 城市")
ENTITIES = {"PER": "Anna Bob Carla_Diaz Dana_van_Dyk", "LOC": "Berlin New_York Oslo Rio"}
FIXED = {
  "new_pairs": ["the team\tthe coach", "bread and soup\ta good player"],
  "new_tagged": ["Anna is in Oslo and Bob in New York", "the coach of Berlin", "Zoe was in Lima"],
  "chinese_new": ["今天的足球比赛", "我们喜欢这个演员"],
  "similarity": ["team match 8", "team soup 1", "actor director 7", "bread cook 6",
                 "king queen 9", "plot day 2"],
  "analogies": [": family", "king queen man woman", ": gram1-ing", "acting actor cooking cook"],
}


def make_data(folder) -> dict:
  """Writes all files that runs read; returns their paths by name."""
  rng = random.Random(1)
  texts = {
    "english": [sentence(rng) for _ in range(300)],
    "english_dev": [sentence(rng) for _ in range(20)],
    "english_more": [sentence(rng, f"{TOPICS['film']} {ANIMALS}") for _ in range(150)],
    "chinese": ["".join(rng.choices(CHINESE.split(), k=12)) + "。" for _ in range(200)],
    "train": labelled(rng, 120), "dev": labelled(rng, 30), "test": labelled(rng, 30),
    "new": [sentence(rng) for _ in range(20)],
    "chinese_train": labelled_chinese(rng, 60),
    "pairs": labelled_pairs(rng, 80), "pairs_dev": labelled_pairs(rng, 20),
    "tagged": tagged(rng, 80), "tagged_dev": tagged(rng, 20), "tagged_test": tagged(rng, 20),
    "chinese_tagged": tagged_chinese(rng, 60),
    **FIXED,
  }
  for name, lines in texts.items():
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
  return {name: folder / name for name in texts}


def sentence(rng, topic: str = "") -> str:
  """Made-up English of the words of a topic, any if none is given."""
  words = (topic or TOPICS[rng.choice(list(TOPICS))]).split()
  chosen = [rng.choice(rng.choice([words, COMMON.split()])) for _ in range(rng.randrange(5, 10))]
  if rng.random() < 0.3:
    chosen[rng.randrange(len(chosen))] = rng.choice(MARKED.split()).replace("_", " ")
  return " ".join(chosen)


def labelled(rng, number: int) -> list[str]:
  """A topic, a tab, and a sentence of it; some topics are rarer."""
  topics = rng.choices(list(TOPICS), [5, 3, 2], k=number)
  return [f"{topic}\t{sentence(rng, TOPICS[topic])}" for topic in topics]


def labelled_pairs(rng, number: int) -> list[str]:
  """Two sentences, of the same topic or not."""
  topics = {"same": TOPICS["sport"], "other": TOPICS["food"]}
  return [f"{label}\t{sentence(rng, topics['same'])}\t{sentence(rng, topics[label])}"
          for label in rng.choices(list(topics), k=number)]


def labelled_chinese(rng, number: int) -> list[str]:
  words = CHINESE.split()
  topics = {"体育": words[:3] + words[9:], "电影": words[3:6] + words[9:]}
  chosen = rng.choices(list(topics), k=number)
  return [f"{topic}\t{''.join(rng.choices(topics[topic], k=8))}" for topic in chosen]


def tagged(rng, number: int) -> list[str]:
  """Sentences in columns: a token and its tag a line."""
  lines = []
  for _ in range(number):
    for _ in range(rng.randrange(3, 9)):
      kind = rng.choice(["PER", "LOC", "", "", ""])
      words = rng.choice((ENTITIES[kind] if kind else COMMON).split()).split("_")
      lines += tag_lines(words, kind)
    lines.append("")
  return lines


def tagged_chinese(rng, number: int) -> list[str]:
  """The same, a character a line: some words are entities."""
  lines = []
  for _ in range(number):
    for word in rng.choices(CHINESE.split(), k=5):
      kind = {"球队": "ORG", "大家": "PER", "城市": "LOC"}.get(word, "")
      lines += tag_lines(word, kind)
    lines.append("")
  return lines


def tag_lines(tokens, kind: str) -> list[str]:
  """Lines of an entity, or if it is of no kind, of words outside of entities."""
  first, other = (f"B-{kind}", f"I-{kind}") if kind else ("O", "O")
  return [f"{token} {other if position else first}" for position, token in enumerate(tokens)]


if __name__ == "__main__":
  if sys.argv[1:2] != ["--write"]:
    sys.exit(__doc__)
  os.environ["GLOVE_JAX_GOLDEN_WRITE"] = "1"
  GOLDEN.mkdir(parents=True, exist_ok=True)
  sys.exit(pytest.main([__file__, "-n", "0", "-m", "slow", *sys.argv[2:]]))

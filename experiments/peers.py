"""Other programs that train word vectors, as command lines.

Stanford's GloVe: `peer(text, folder, dim, iterations, made) -> Measured`; of `iterations` only `made` are run, and
their time is multiplied; without scores, if those are not all. word2vec by gensim and fastText: `peer(text, folder,
dim, *, model, seed) -> Measured`. Classifiers by fastText: `classify`.
"""

import functools
import importlib.util
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable

from glove_jax import settings as settings_lib
from glove_jax.data.labelled import classification, fasttext_bags
from glove_jax.data.text import corpus, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.finetuning import preprocessing
from glove_jax.finetuning import settings as finetuning_settings
from measure import Measured, scores, timed

STANFORD = ("vocab_count", "cooccur", "shuffle", "glove")
# Each prints how many seconds the training took: gensim's without its vocabulary, fastText's with it. `ngrams`: 6 for
# words of character n-grams, and then samples by fastText's default; else 0.
WINDOWED = {
  "gensim": "from gensim.models import FastText, Word2Vec; "
            "more = dict(min_n=3, max_n={ngrams}, sample=1e-4) if {ngrams} else dict(); "
            "m = (FastText if {ngrams} else Word2Vec)(corpus_file={text!r}, vector_size={dim}, window=5, "
            "sg={skipgram:d}, negative=5, min_count=5, epochs=5, workers={cores}, seed={seed}, **more); "
            "print('training', m.total_train_time); m.wv.save_word2vec_format({out!r})",
  "fasttext": "import fasttext, time; start = time.monotonic(); m = fasttext.train_unsupervised({text!r}, "
              "'skipgram' if {skipgram} else 'cbow', dim={dim}, ws=5, neg=5, minCount=5, epoch=5, maxn={ngrams}, "
              "t=1e-4 if {ngrams} else 1e-3, thread={cores}); print('training', time.monotonic() - start); "
              "f = open({out!r}, 'w'); "
              "f.writelines(w + ' ' + ' '.join(map(str, m.get_word_vector(w))) + '\\n' for w in m.get_words())",
}

# Its arguments: a file to train on, one to test on, threads, settings. Not the library's own `predict`, which fails
# with NumPy 2. Prints the seconds of training with the reading, and the share of labels that are found.
CLASSIFY = """
import json, sys, time
import fasttext
train, test, threads, settings = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
start = time.monotonic()
model = fasttext.train_supervised(train, thread=threads, verbose=0, **settings)
print("training", time.monotonic() - start)
lines = [line.split(" ", 1) for line in open(test, encoding="utf-8", newline="\\n")]
found = [model.f.predict(text, 1, 0.0, "strict") for _, text in lines]
print("accuracy", sum(bool(best) and best[0][1] == label for best, (label, _) in zip(found, lines)) / len(lines))
model.save_model(sys.argv[5])
"""
SETTINGS = {"dim": "dim", "epochs": "epoch", "learning_rate": "lr", "word_ngrams": "wordNgrams", "ngram_buckets": "bucket",
            "min_n": "minn", "max_n": "maxn", "min_count": "minCount", "loss": "loss", "seed": "seed"}


def make(name: str, *kinds: str) -> Callable[..., Measured]:
  """A peer by name: `stanford:FOLDER`, `gensim`, `fasttext`; `transformers`, which `language_benchmark` starts.

  Args:
    kinds: those that do the work in question.

  Raises:
    InputError: it is none of these, or it is not here.
  """
  kind, _, folder = name.partition(":")
  if kind not in kinds:
    raise InputError(f"peer {name!r} does not do this; expected {' or '.join(kinds)}.")
  if kind == "stanford":
    build = pathlib.Path(folder).absolute()
    missing = [program for program in STANFORD if not os.access(build / program, os.X_OK)]
    if missing or not folder:
      raise InputError(f"{name}: no program {', '.join(missing) or STANFORD[0]} in it; expected stanford:FOLDER, where "
                       f"{', '.join(STANFORD)} have been built.")
    return functools.partial(_stanford, build)
  needs = ("torch", "transformers") if kind == "transformers" else (kind,)
  if not all(map(importlib.util.find_spec, needs)):
    raise InputError(f"peer {name} is not installed: pip install -e '.[{'torch' if len(needs) > 1 else 'peers'}]'")
  return functools.partial(_windowed, kind)


def name(peer: Callable) -> str:
  """What to call a peer in a table."""
  return "stanford" if peer.func is _stanford else peer.args[0]


def write_text(pattern: str, path: pathlib.Path) -> pathlib.Path:
  """Writes a corpus as our tokenizer `words` sees it, a document a line: what peers can read."""
  with open(path, "w", encoding="utf-8") as file:
    document = []
    for tokens in corpus.read_tokens(corpus.find_files(pattern), word_tokenizers.make("words")):
      for token in tokens:
        if token != "\n":
          document.append(token)
        elif document:
          file.write(" ".join(document) + "\n")
          document = []
  return path


def _stanford(
  build: pathlib.Path, text: pathlib.Path, folder: pathlib.Path, dim: int, iterations: int, made: int
) -> Measured:
  """GloVe's four programs with the settings of our recipe; the first three run once for all dimensions."""
  files = {name: folder / f"stanford.{name}" for name in ("vocab", "counts", "shuffled", "stages")}
  runs = _STANFORD_RUNS.setdefault(str(folder), {})
  def stage(program, source, target, *options):
    if program not in runs:
      runs[program] = timed([build / program, "-verbose", 0, *options], stdin=source, stdout=target)
  stage("vocab_count", text, files["vocab"], "-min-count", 5)
  stage("cooccur", text, files["counts"], "-memory", 4.0, "-vocab-file", files["vocab"], "-window-size", 15,
        "-symmetric", 1)
  stage("shuffle", files["counts"], files["shuffled"], "-memory", 4.0, "-seed", 1)
  out = folder / f"stanford.{dim}"
  glove = timed([build / "glove", "-verbose", 0, "-save-file", out, "-threads", os.cpu_count(), "-input-file",
                 files["shuffled"], "-x-max", 10, "-iter", made, "-vector-size", dim, "-binary", 0, "-vocab-file",
                 files["vocab"], "-seed", 1, "-write-header", 0, "-model", 2])
  stages = {program: done.wall for program, done in runs.items()} | {"glove": glove.wall * iterations / made}
  return Measured(
    sum(stages.values()), sum(done.cpu for done in runs.values()) + glove.cpu * iterations / made,
    max(done.peak_gb for done in [*runs.values(), glove]), stages=stages, iteration=glove.wall / made,
    scores=scores(pathlib.Path(f"{out}.txt")) if made == iterations else {}, extrapolated=made != iterations)


_STANFORD_RUNS: dict[str, dict[str, Measured]] = {}


def _windowed(
  kind: str, text: pathlib.Path, folder: pathlib.Path, dim: int, *, model: str = "skipgram", seed: int = 1
) -> Measured:
  """skipgram, cbow or fasttext (skip-gram of n-grams), negative samples, our recipe's settings, all cores."""
  out = folder / f"{kind}.{model}.{dim}.txt"
  code = WINDOWED[kind].format(
    text=str(text), dim=dim, cores=os.cpu_count(), out=str(out), skipgram=model != "cbow", seed=seed,
    ngrams=6 if model == "fasttext" else 0)
  done = timed([sys.executable, "-c", code])
  training = float(re.search(r"^training ([\d.]+)$", done.out, re.MULTILINE)[1])
  return done._replace(stages={"training": training}, scores=scores(out))


def classify(config: dict, folder: pathlib.Path) -> Measured:
  """fastText's classifier with the settings of a run of ours, all cores; of a text's labels the first counts."""
  files = [write_labelled(config, part, folder / f"fasttext.{part}") for part in ("train", "test")]
  given = json.dumps({theirs: config[ours] for ours, theirs in SETTINGS.items()})
  # As finetune.py does, it ends with its model written to a file.
  done = timed([sys.executable, "-c", CLASSIFY, *files, os.cpu_count(), given, folder / "fasttext.bin"])
  training, accuracy = (float(re.search(rf"^{name} ([\d.]+)$", done.out, re.MULTILINE)[1])
                        for name in ("training", "accuracy"))
  return done._replace(stages={"training": training}, scores={"accuracy": accuracy})


def write_labelled(config: dict, part: str, path: pathlib.Path) -> pathlib.Path:
  """Writes labelled texts as our run cuts them into words, in fastText's format."""
  data = classification.read(config[part], config["format"], encoding=config["encoding"], errors=config["errors"])
  settings = settings_lib.make(finetuning_settings.FastTextSupervisedSettings, config)
  words = preprocessing.fasttext_words(settings)
  with open(path, "w", encoding="utf-8", newline="\n") as file:
    for text, labels in zip(data.texts, data.labels, strict=True):
      file.write(" ".join([f"{fasttext_bags.LABEL_PREFIX}{labels[0]}", *words(text)[:-1]]) + "\n")
  return path

"""word2vec and fastText by gensim and by Facebook's fastText, with the settings of our configs."""

import json
import os
import pathlib
import sys

from glove_jax.data.text import corpus, word_tokenizers
from tools.measure import Measurement, printed_number, run_timed
from tools.training_runs import intrinsic_scores

_WORKERS = {
  "gensim": pathlib.Path(__file__).with_name("gensim_worker.py"),
  "fasttext": pathlib.Path(__file__).with_name("fasttext_worker.py"),
}
PEERS = tuple(_WORKERS)


def train(
  peer: str, model: str, text: pathlib.Path, folder: pathlib.Path, *, dim: int, seed: int
) -> Measurement:
  """Measures a peer with negative samples on all cores.

  Args:
    peer: gensim or fasttext.
    model: skipgram, cbow, or fasttext, which is skip-gram of character n-grams.
    text: of `write_text`.
    folder: for the vectors.
    dim: numbers of a vector.
    seed: of gensim; fastText has none for this.
  """
  vectors = folder / f"{peer}.{model}.{dim}.txt"
  settings = {
    "text": str(text),
    "vectors": str(vectors),
    "skipgram": model != "cbow",
    "character_ngrams": model == "fasttext",
    "dim": dim,
    "seed": seed,
    "threads": os.cpu_count(),
  }
  run = run_timed([sys.executable, _WORKERS[peer], json.dumps(settings)])
  seconds = printed_number(run.output, "training")
  return run._replace(stages={"training": seconds}, scores=intrinsic_scores(vectors))


def write_text(pattern: str, path: pathlib.Path) -> pathlib.Path:
  """Writes the words of a corpus, as our tokenizer `words` cuts them, a document a line."""
  tokenizer = word_tokenizers.make("words")
  with open(path, "w", encoding="utf-8") as file:
    document = []
    for tokens in corpus.read_tokens(corpus.find_files(pattern), tokenizer):
      for token in tokens:
        if token != "\n":
          document.append(token)
        elif document:
          file.write(" ".join(document) + "\n")
          document = []
  return path

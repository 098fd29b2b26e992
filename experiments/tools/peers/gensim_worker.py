"""Trains word vectors by gensim; prints the seconds of the training, the vocabulary left out.

  python gensim_worker.py '{"text": …, "vectors": …, "dim": …, …}'     as in word2vec.py
"""

import json
import sys

from gensim.models import FastText, Word2Vec


def main():
  settings = json.loads(sys.argv[1])
  shared = {
    "corpus_file": settings["text"],
    "vector_size": settings["dim"],
    "sg": int(settings["skipgram"]),
    "window": 5,
    "negative": 5,
    "min_count": 5,
    "epochs": 5,
    "workers": settings["threads"],
    "seed": settings["seed"],
  }
  if settings["character_ngrams"]:
    model = FastText(**shared, min_n=3, max_n=6, sample=1e-4)
  else:
    model = Word2Vec(**shared)
  print("training", model.total_train_time)
  model.wv.save_word2vec_format(settings["vectors"])


if __name__ == "__main__":
  main()

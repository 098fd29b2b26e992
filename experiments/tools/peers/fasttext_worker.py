"""Trains word vectors by Facebook's fastText; prints the seconds of the training with the reading.

  python fasttext_worker.py '{"text": …, "vectors": …, "dim": …, …}'     as in word2vec.py
"""

import json
import sys
import time

import fasttext


def main():
  settings = json.loads(sys.argv[1])
  ngrams = settings["character_ngrams"]
  start = time.monotonic()
  model = fasttext.train_unsupervised(
    settings["text"],
    "skipgram" if settings["skipgram"] else "cbow",
    dim=settings["dim"],
    ws=5,
    neg=5,
    minCount=5,
    epoch=5,
    maxn=6 if ngrams else 0,
    t=1e-4 if ngrams else 1e-3,
    thread=settings["threads"],
  )
  print("training", time.monotonic() - start)
  with open(settings["vectors"], "w") as file:
    for word in model.get_words():
      vector = " ".join(map(str, model.get_word_vector(word)))
      file.write(f"{word} {vector}\n")


if __name__ == "__main__":
  main()

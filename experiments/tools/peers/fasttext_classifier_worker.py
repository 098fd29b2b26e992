"""Trains a classifier by Facebook's fastText; prints the seconds of the training with the reading.

  python fasttext_classifier_worker.py '{"train": …, "test": …, …}'     as in fasttext_classifier.py

It also prints the accuracy on the test texts.
"""

import json
import sys
import time

import fasttext


def main():
  options = json.loads(sys.argv[1])
  start = time.monotonic()
  model = fasttext.train_supervised(
    options["train"], thread=options["threads"], verbose=0, **options["settings"]
  )
  print("training", time.monotonic() - start)
  print("accuracy", accuracy(model, options["test"]))
  model.save_model(options["model"])  # as finetune.py ends too


def accuracy(model, path: str) -> float:
  """Returns the share of texts whose label is predicted."""
  correct = 0
  with open(path, encoding="utf-8", newline="\n") as file:
    lines = list(file)
  for line in lines:
    label, text = line.split(" ", 1)
    # Not the library's own `predict`, which fails with NumPy 2.
    predictions = model.f.predict(text, 1, 0.0, "strict")
    if predictions and predictions[0][1] == label:
      correct += 1
  return correct / len(lines)


if __name__ == "__main__":
  main()

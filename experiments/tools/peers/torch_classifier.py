"""Fine-tuned classifiers that torch runs on all cores, by transformers or sentence-transformers."""

import os
import pathlib
from collections.abc import Callable, Sequence

import numpy as np
import sentence_transformers
import torch
import transformers

Score = Callable[[Sequence[str]], np.ndarray]  # texts -> [N, C], logits


def load(
  folder: pathlib.Path, loader: str, *, batch_size: int, dtype: str
) -> Callable[[Sequence[str]], list[str]]:
  """Returns a function from texts to their labels.

  Texts of similar length are labelled together and padded to the longest of them, which
  sentence-transformers does by itself.

  Args:
    folder: a model with its head, and a tokenizer.
    loader: the class that loads it, as of `finetuning.export`.
    batch_size: texts that are labelled at a time.
    dtype: of the computation, "float32" or "bfloat16".
  """
  torch.set_num_threads(len(os.sched_getaffinity(0)))
  load_score = _sentence_transformer if "SentenceTransformer" in loader else _classifier
  score = load_score(folder, batch_size, getattr(torch, dtype))
  names = transformers.AutoConfig.from_pretrained(folder).id2label

  def label(texts: Sequence[str]) -> list[str]:
    return [names[number] for number in score(texts).argmax(-1).tolist()]

  return label


def _sentence_transformer(folder: pathlib.Path, batch_size: int, dtype: torch.dtype) -> Score:
  model = sentence_transformers.SentenceTransformer(
    str(folder), device="cpu", model_kwargs={"dtype": dtype}
  )

  def score(texts: Sequence[str]) -> np.ndarray:
    return model.encode(list(texts), batch_size=batch_size, show_progress_bar=False)

  return score


def _classifier(folder: pathlib.Path, batch_size: int, dtype: torch.dtype) -> Score:
  tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
  model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype)
  model.eval()

  @torch.inference_mode()
  def score(texts: Sequence[str]) -> np.ndarray:
    token_ids = tokenizer(list(texts), truncation=True)["input_ids"]
    order = np.argsort([len(ids) for ids in token_ids], kind="stable")
    logits = np.empty((len(texts), model.config.num_labels), np.float32)
    for start in range(0, len(order), batch_size):
      rows = order[start : start + batch_size]
      batch = tokenizer.pad({"input_ids": [token_ids[row] for row in rows]}, return_tensors="pt")
      logits[rows] = model(**batch).logits.float().numpy()
    return logits

  return score

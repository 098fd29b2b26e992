"""A fine-tuned classifier of transformers, with which torch labels texts on all cores."""

import os
import pathlib
from collections.abc import Callable, Sequence

import torch
import transformers

Label = Callable[[Sequence[str]], list[str]]


def load(folder: pathlib.Path, *, batch_size: int, dtype: str) -> Label:
  """Returns a function from texts to their labels.

  Texts of similar length are labelled together and padded to the longest of them.

  Args:
    folder: a model with its head, and a tokenizer.
    batch_size: texts that are labelled at a time.
    dtype: of the computation, "float32" or "bfloat16".
  """
  torch.set_num_threads(len(os.sched_getaffinity(0)))
  tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
  model = transformers.AutoModelForSequenceClassification.from_pretrained(
    folder, dtype=getattr(torch, dtype)
  )
  model.eval()
  names = model.config.id2label

  @torch.inference_mode()
  def label(texts: Sequence[str]) -> list[str]:
    encoded = tokenizer(list(texts), truncation=True, return_attention_mask=False)
    token_ids = encoded["input_ids"]
    order = sorted(range(len(texts)), key=lambda row: len(token_ids[row]))
    labels = [""] * len(texts)
    for start in range(0, len(order), batch_size):
      rows = order[start : start + batch_size]
      batch = {"input_ids": [token_ids[row] for row in rows]}
      logits = model(**tokenizer.pad(batch, return_tensors="pt")).logits
      for row, number in zip(rows, logits.argmax(-1).tolist(), strict=True):
        labels[row] = names[number]
    return labels

  return label

"""A GPT-2 of transformers, which torch trains as ours is trained: same rows, loss and optimiser."""

import os
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers


class Rows(NamedTuple):
  """A batch as transformers takes it."""

  inputs: dict[str, torch.Tensor]
  targets: torch.Tensor  # [B * T]; -100: none


class Trainer(NamedTuple):
  """Functions that train a model."""

  prepare: Callable[..., Rows]  # (ids, documents, targets), each [B, T]
  step: Callable[[Rows, float], float]  # (rows, learning rate) -> mean loss before the update


def make(folder: pathlib.Path, *, weight_decay: float, clip_norm: float) -> Trainer:
  """Returns the trainer of a saved model, on all cores, in float32, without dropout."""
  torch.set_num_threads(_count_cores())
  model = transformers.GPT2LMHeadModel.from_pretrained(
    folder, dtype=torch.float32, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0
  )
  model.train()
  # As `optimizers.make` has it of optax: epsilon outside of the root, and all params decay.
  optimizer = torch.optim.AdamW(
    model.parameters(), betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay
  )

  def step(rows: Rows, learning_rate: float) -> float:
    logits = model(**rows.inputs, use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows.targets)
    optimizer.zero_grad()
    loss.backward()
    if clip_norm:
      torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.param_groups[0]["lr"] = learning_rate
    optimizer.step()
    return loss.item()

  return Trainer(prepare=prepare, step=step)


def _count_cores() -> int:
  if hasattr(os, "sched_getaffinity"):
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1


def prepare(ids: np.ndarray, documents: np.ndarray, targets: np.ndarray) -> Rows:
  """Returns rows of which no token sees another document, and where padding is no target.

  Args:
    ids: [B, T] token ids.
    documents: [B, T] number of the document of each token in its row, from 1; 0: padding.
    targets: [B, T] token ids to predict.
  """
  token_ids = _tensor(ids)
  documents = _tensor(documents)
  same_document = documents[:, :, None] == documents[:, None]
  visible = same_document.tril()[:, None]  # [B, 1, T, T]
  mask = torch.where(visible, 0.0, torch.finfo(torch.float32).min)
  inputs = {
    "input_ids": token_ids,
    "position_ids": _positions(documents),
    "attention_mask": mask,
  }
  return Rows(inputs, torch.where(documents > 0, _tensor(targets), -100).flatten())


def _tensor(array: Any) -> torch.Tensor:
  return torch.from_numpy(np.asarray(array, np.int64))


def _positions(documents: torch.Tensor) -> torch.Tensor:
  """Returns the position of each token in its document, [B, T]."""
  columns = torch.arange(documents.shape[1])
  is_new = documents[:, 1:] != documents[:, :-1]
  is_first = torch.nn.functional.pad(is_new, (1, 0), value=True)
  starts = torch.where(is_first, columns, 0).cummax(1).values
  return columns - starts

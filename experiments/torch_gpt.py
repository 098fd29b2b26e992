"""A GPT-2 of transformers that torch trains as ours is: the same rows, loss, AdamW, clipping, learning rates."""

import os
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import transformers


class Trainer(NamedTuple):
  """`step(prepare(rows), learning_rate)` -> the mean loss of a batch before it is learnt from."""

  prepare: Callable
  step: Callable


def make(folder: pathlib.Path, *, weight_decay: float, clip_norm: float) -> Trainer:
  """Begins with a model as transformers keeps it; on all cores, in float32, without dropout."""
  torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
  model = transformers.GPT2LMHeadModel.from_pretrained(
    folder, dtype=torch.float32, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0).train()
  # What `optimizers.make` has of optax: betas, epsilon outside of the root, and all params decay.
  optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay)
  def step(prepared, learning_rate: float) -> float:
    inputs, targets = prepared
    logits = model(**inputs, use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets)
    optimizer.zero_grad()
    loss.backward()
    if clip_norm:
      torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.param_groups[0]["lr"] = learning_rate
    optimizer.step()
    return loss.item()
  return Trainer(prepare, step)


def prepare(ids: np.ndarray, documents: np.ndarray, targets: np.ndarray):
  """(arguments of the model, targets [B T]) of rows [B, T]: no token sees another document, padding is no target."""
  ids, documents, targets = (torch.from_numpy(np.asarray(array, np.int64)) for array in (ids, documents, targets))
  seen = (documents[:, :, None] == documents[:, None]).tril()[:, None]
  at = torch.arange(ids.shape[1])
  new = torch.nn.functional.pad(documents[:, 1:] != documents[:, :-1], (1, 0), value=True)
  inputs = {"input_ids": ids, "position_ids": at - torch.where(new, at, 0).cummax(1).values,
            "attention_mask": torch.where(seen, 0.0, torch.finfo(torch.float32).min)}
  return inputs, torch.where(documents > 0, targets, -100).flatten()

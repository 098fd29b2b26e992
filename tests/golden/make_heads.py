"""Makes `heads.safetensors` in the folders of models beside this file, by `transformers` and torch.

  python tests/golden/make_heads.py

It has the tensors of a classifier of 3 classes and a tagger of 5 tags on the model in its folder,
and the logits that they give for the batch in `expected.safetensors`.
"""

import pathlib

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
KINDS = (
  "bert", "roberta", "xlm_roberta", "distilbert", "electra", "mpnet", "modernbert", "gpt2",
)  # fmt: skip
HEADS = {
  "classifier": (transformers.AutoModelForSequenceClassification, 3),
  "tagger": (transformers.AutoModelForTokenClassification, 5),
}


def main() -> None:
  for kind in KINDS:
    folder = HERE / kind
    given = load_file(folder / "model.safetensors")
    batch = load_file(folder / "expected.safetensors")
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = {name: batch[name].long() for name in names if name in batch}
    tensors = {}
    for task, (auto, classes) in HEADS.items():
      pad = {"pad_token_id": 0} if kind == "gpt2" else {}  # of the batch
      model = auto.from_pretrained(
        folder, num_labels=classes, attn_implementation="eager", **pad
      ).eval()
      torch.manual_seed(0)
      with torch.no_grad():
        for name, parameter in model.named_parameters():
          if name not in given:
            parameter.copy_(("norm" in name) + 0.3 * torch.randn_like(parameter))
            tensors[f"{task}/{name}"] = parameter.detach().clone()
        tensors[f"{task}/logits"] = model(**inputs).logits.contiguous()
    save_file(tensors, folder / "heads.safetensors")


if __name__ == "__main__":
  main()

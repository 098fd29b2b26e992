"""Makes tokenizers.json beside this file: the token ids that transformers gives to odd texts.

  PYTHONPATH=tests python tests/golden/make_tokenizers.py

Each line of the file is a folder of tests/tokenizer_folders.py, with the ids of its texts, the ids
and types of its pairs, and the ids of its special tokens.
"""

import json
import pathlib
import tempfile

import tokenizer_folders
import transformers

FILE = pathlib.Path(__file__).with_name("tokenizers.json")


def values(tokenizer) -> dict:
  """Returns what a tokenizer of transformers does with the texts and pairs."""
  pairs = []
  for pair in tokenizer_folders.PAIRS:
    # As a batch of one: a pair by itself whose second text is empty is taken for a single text.
    encoded = tokenizer([pair], return_token_type_ids=True)
    pairs.append([encoded["input_ids"][0], encoded["token_type_ids"][0]])
  special = {
    key: getattr(tokenizer, f"{key}_token_id")
    for key in ("bos", "eos", "cls", "sep", "pad", "unk", "mask")
  }
  return {
    "texts": [tokenizer(text)["input_ids"] for text in tokenizer_folders.TEXTS],
    "pairs": pairs,
    "special": special,
  }


def main() -> None:
  rows = []
  with tempfile.TemporaryDirectory() as temporary:
    for name, files in tokenizer_folders.folders().items():
      folder = tokenizer_folders.write(pathlib.Path(temporary) / name, files)
      tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
      rows.append(json.dumps(name) + ": " + json.dumps(values(tokenizer), separators=(",", ":")))
  FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
  main()

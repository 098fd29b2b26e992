"""GPT-2 (Radford et al. 2019), small: the next piece, texts packed into rows that do not see each other.

  python experiments/pretrain.py --config=experiments/configs/gpt.py --workdir=runs/gpt --config.documents=blocks

Leaves `model/`, which transformers loads and `init` goes on from, and writes some text.

Measured: 300 updates of 1,024 tokens of enwiki-00 (batch_size=8, documents=blocks) take the loss from 3.02 (the mean of
the first 25) to 2.33 bits a character in 5 minutes on 2 busy cores. No longer run has been measured.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "gpt"
  config.init = ""          # a run, or a folder of transformers', of the same sizes and pieces
  config.vectors = ""       # vectors of words, a run or a file, that pieces begin with where they are words

  common.add_pieces(config, tokenizer="bpe", max_vocab=8192)
  common.add_transformer(config)

  # What it writes at the end
  config.prompt = ""
  config.write = 100        # pieces at most
  config.temperature = 0.8
  config.top_k = 0
  config.top_p = 0.95
  return config

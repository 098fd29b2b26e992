"""BERT (Devlin et al. 2019), small: masked words, texts packed into rows that do not see each other.

  python experiments/pretrain.py --config=experiments/configs/bert.py --workdir=runs/bert

Leaves `model/`, which transformers loads and `init` goes on from.

Measured: 300 updates of 1,024 tokens of enwiki-00 (batch_size=8) take the loss from 8.44 (the mean of the first 25) to
7.10 nats in 3 to 4 minutes on 2 busy cores. No longer run has been measured.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "bert"
  config.init = ""          # a run, or a folder of transformers', of the same sizes and pieces
  config.vectors = ""       # vectors of words, a run or a file, that pieces begin with where they are words

  common.add_pieces(config, tokenizer="wordpiece", max_vocab=8192)
  common.add_transformer(config)

  config.mask_rate = 0.15   # of the pieces, to be guessed
  config.whole_words = False  # all pieces of a word or none
  return config

"""GPT-2 (Radford et al. 2019), small: the next piece, texts packed into rows that do not see each other.

  python experiments/pretrain.py --config=experiments/configs/gpt.py --workdir=runs/gpt --config.documents=blocks

Leaves `model/`, which transformers loads and `init` goes on from, and writes some text.

Measured on enwiki-00..03 (14.6 M pieces), one core of an AMD EPYC with AVX-512, dtype=bfloat16 documents=blocks
batch_size=8 steps=6000 (1,024 pieces each), 31 minutes: on the whole of enwiki-11, held out, 1.802 bits a character,
4.863 nats a piece, 7.805 a word. The loss falls from 3.20 bits a character (updates 1 to 20) to 2.40 in 300 updates,
1.93 in 2,600, 1.78 at the end.

Of characters, on four Chinese novels (3.0 M), tokenizer=characters documents=blocks dtype=bfloat16 batch_size=8
steps=1800 prompt=却说, 9 minutes: the loss falls from 12.07 bits a character (updates 1 to 20) to 7.38 in 600 and
6.6 at the end.
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

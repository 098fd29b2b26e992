"""BERT (Devlin et al. 2019), small: masked words, texts packed into rows that do not see each other.

  python experiments/pretrain.py --config=experiments/configs/bert.py --workdir=runs/bert

Leaves `model/`, which transformers loads and `init` goes on from.

Measured on enwiki-00..03 (14.4 M pieces; of 16,384 12.8 M), one core of an AMD EPYC with AVX-512, 1,024 pieces an
update; the held-out text is the first megabyte of enwiki-11; dtype=bfloat16 window=64 batch_size=16 warmup_steps=400
mask_rate=0.4:

                                            updates    minutes    held-out loss    accuracy    perplexity
                                             20,000         87            4.169        .323          64.7
  vectors= own GloVe of the text (256d)      16,000      70 + 3           4.129        .322          62.1
  the same with max_vocab=16384              16,000      88 + 3           4.390        .312          80.6

From random numbers the loss stays at 6.4 to 6.5, of how frequent pieces are, for the first 2,500 updates and then
falls; from word vectors (3,959 of the pieces are words, of 16,384 9,610) for 1,200. With learning_rate=1e-3 it had
not left 6.5 after 1,500, and with mask_rate=0.15 too (rows of 128) not after 1,800. What fine-tuning makes of them:
bert_classify.py.
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
  config.learning_rate = 5e-4  # at 1e-3 a small model stays for long with how frequent pieces are

  config.mask_rate = 0.15   # of the pieces, to be guessed; with 0.4 a small model learns in half the updates
  config.sample = 0.0       # pieces above this frequency are more rarely guessed, as word2vec thins them out; 0: none
  config.whole_words = False  # all pieces of a word or none
  return config

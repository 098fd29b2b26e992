"""BERT (Devlin et al. 2019), small: masked words, texts packed into rows that do not see each other.

  python experiments/pretrain.py --config=experiments/configs/bert.py --workdir=runs/bert

Leaves `model/`, which transformers loads and `init` goes on from.

Measured on enwiki-00..03 (14.4 M pieces; of 16,384 12.8 M), one core of an AMD EPYC with AVX-512, 1,024 pieces an
update; the held-out text is the first megabyte of enwiki-11; dtype=bfloat16 window=64 batch_size=16 warmup_steps=400
mask_rate=0.4:

                                                  updates    minutes    held-out loss    accuracy    perplexity
                                                   20,000         87            4.169        .323          64.7
  vectors= own GloVe of the text (256d)            16,000     70 + 3            4.129        .322          62.1
  the same with max_vocab=16384 (A)                16,000     88 + 3            4.390        .312          80.6
  vectors= own PPMI-SVD (256d), max_vocab=16384 (B) 6,000     33 + 2            4.975        .261           145
  A gone on with init=A, see below                + 6,000       + 31            4.605        .284           100
  B gone on with init=B                           + 6,000       + 31            4.889        .257           133
  as B with max_vocab=30522 (C)                     9,000    40 of both         4.857        .282           129
  C gone on with init=C                           + 4,800  + 20 of both         4.808        .273           122

The vectors are those of glove_als.py and ppmi_svd.py with dim=256. On both cores 200 updates took .175 s each: at that
rate A takes 47 minutes, and B with what follows 35. C's were measured, .25 s an update, with tests beside it at times.

From random numbers the loss stays at 6.4 to 6.5, of how frequent pieces are, for the first 2,500 updates and then
falls; from word vectors (3,959 of the pieces are words, of 16,384 9,610) for 1,200. Runs from random numbers with
learning_rate=1e-3 (1,500 updates), and with mask_rate=0.15 in rows of 128 (1,800), were still there when they were
stopped.

To go on, A and B guessed frequent pieces more rarely: sample=1e-4 mask_rate=0.3 warmup_steps=200 seed=2. The held-out
loss of pieces guessed so falls from 5.471 to 5.191 for A and from 6.262 to 5.525 for B, and rises a little for A, as
above, where all count alike. It does not do to begin with: after 2,000 updates from PPMI-SVD a run with sample=1e-4 had
7.66 by that very measure (on a quarter of the held-out text), and one that guessed all pieces alike 7.22. What
fine-tuning makes of all these: bert_classify.py.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "bert"
  config.init = ""          # a run, or a folder of transformers', of the same sizes, whose pieces are taken
  config.vectors = ""       # vectors of words, a run or a file, that pieces begin with where they are words

  common.add_pieces(config, tokenizer="wordpiece", max_vocab=8192)
  common.add_transformer(config)
  config.learning_rate = 5e-4

  config.mask_rate = 0.15   # of the pieces, to be guessed; the runs above have 0.4
  config.sample = 0.0       # pieces above this frequency are more rarely guessed, as word2vec thins them out; 0: none
  config.whole_words = False  # all pieces of a word or none
  return config

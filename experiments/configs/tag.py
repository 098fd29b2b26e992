"""Entities by a BiLSTM-CRF on pretrained word vectors and a character CNN (Ma & Hovy 2016).

  python experiments/finetune.py --config=experiments/configs/tag.py --workdir=runs/wnut17 --config.init=pretrained \
      --config.train=WNUT17.train.conll --config.dev=WNUT17.dev.conll --config.test=WNUT17.test.conll

`--config=experiments/configs/tag.py:characters` is for Chinese: each character is a token, and nothing is spelled.

Measured from GloVe 6B.50d (init=pretrained), and for Chinese from 100d vectors of characters of our own; entity F1 in
per cent, by repeat.py with 5 seeds, with its deviation over them. Settings were chosen on dev, `parts` too (47.4 and
46.8); but which words of WNUT17's test have no vector was looked at when its rule was made. Those of train have all
that it does: of 6,804 such tokens 807 begin with #, 648 end in n't, 'm or the like, 334 have digits, 204 are like &lt;,
72 like BestMusicVideo; of dev's 487 26 are like the last, and 166 are signs.

                                     dev            test
  WNUT17                             47.4 +- 0.7    35.6 +- 0.4 (34.9 to 36.0)
  WNUT17 parts=False                 46.8 +- 0.6    33.2 +- 1.3 (32.2 to 35.4)
  wikigold, 5 folds, epochs=8        72.2 +- 0.4    72.1 +- 0.1 (folds: 70.2 to 74.6)
  Weibo :characters epochs=15        58.9 +- 0.5    52.9 +- 1.1
  Resume :characters epochs=9        92.6 +- 0.2    93.9 +- 0.6

An epoch on WNUT17 takes 4 s of one core. Its words want to learn (parts=False, seed 1): dev falls from 47.6 to 40.0
where they are frozen, to 41.5 at a tenth of the rate. Of its train 89 % of the words have a vector, 98 % with parts.

The vectors of characters, in a minute of one core from 16.2 M characters (Chinese technical articles and four novels):

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/zh --config.epochs=3 \
      --config.corpus='zh/*.xz' --config.tokenizer=characters
"""

from configs import common
from ml_collections import ConfigDict

from glove_jax.errors import InputError


def get_config(tokens="words"):
  if tokens not in ("words", "characters"):
    raise InputError(f"tag.py:{tokens}, expected tag.py:words or tag.py:characters.")
  words = tokens == "words"
  config = ConfigDict()
  config.method = "tagger"
  config.init = ""          # a pretraining workdir, a file of vectors, or pretrained; none: random vectors
  config.predict = ""       # a file of texts, one a line, to tag with a finished run

  common.add_tagged(config)
  config.tokenizer = "whitespace" if words else "characters"  # of texts to predict
  config.lowercase = words  # of tokens; the characters in them are as they are
  config.parts = True       # words that have no vector are the mean of their parts: I'm, #home, BestMusicVideo
  config.clean = ""         # of tokens, each by itself: steps of glove_jax.data.text.cleaning, as nfkc,urls,users,numbers
  config.min_count = 1      # words of `train` that occur less often and have no vector are unknown
  config.scheme = "iob2"    # that predicted texts are tagged in

  # Model
  config.dim = 50           # of word vectors, without init
  config.encoder = "bilstm"  # or cnn, bag
  config.chain = True       # a CRF; else a softmax each token
  config.char_dim = 30
  config.char_filters = 30 if words else 0  # 0: nothing of what tokens are spelled with
  config.widths = "3,5"     # cnn: words of a window
  config.filters = 100      # cnn: features of each width
  config.size = 100         # bilstm: of each direction
  config.layers = 1

  common.add_regularisers(config)
  config.dropout = 0.5      # of what is encoded
  config.variational = True
  config.input_dropout = 0.5
  config.word_dropout = 0.05

  common.add_learning(config)
  config.average = 0.99
  config.epochs = 25
  config.batch_size = 16
  config.learning_rate = 3e-3
  config.schedule = "cosine"
  config.clip_norm = 5.0
  config.patience = 10
  return config

"""GloVe by alternating least squares: the model of Pennington et al. (2014) without a learning rate, and the default.

  python experiments/pretrain.py --config=experiments/configs/glove_als.py --workdir=runs/glove

Measured on enwiki-00..07 (18.7 M words, 2 cores, median of 3 seeds): analogies 21.9 %, WS-353 .563, SimLex .237 in 65 s
and 1.6 GB from raw text; Stanford's C, 15 iterations, same text and run: 20.5 %, .495, .196 in 804 s.
300d: 246 s, 33.6 %.

Adapts given vectors to a text with `init=pretrained anchor=1` (Mittens, Dingwall & Potts 2018). GloVe 6B.50d on
374,000 words about films (texts of SST-2's train and of SUBJ; 1 run each, 3 sweeps, held_out=0.05, min_count=2), the
loss on pairs held out: this text alone .0506, anchor=1 .0494, anchor=0.1 .0478, init without an anchor .0466.
SimLex-999 among the 8,000 commonest words .286 as given, .325 with anchor=1, .337 with 0.1; analogies 59.1 %, 50.9 %,
36.2 %. It did not help to classify films: averaged vectors on MR (10 folds, SUBJ as the text) 70.0 % as given, 70.0 %
with anchor=1, 70.2 % with 10, 63.6 % without an anchor, 60.8 % from SUBJ alone; from 200 labels 64.7 %, 63.7 %,
64.5 %, 57.5 %, 55.6 %.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "glove_als"
  config.init = ""          # a pretraining workdir, a file of vectors, or pretrained, to start from
  config.anchor = 0.0       # how much words are held to the vectors in `init`: 1 adapts those; 0: no more than a start
  config.keep_unseen = True  # with an anchor: write the given vectors of the words that the text lacks too

  common.add_text(config)
  common.add_counts(config)

  # Model
  config.dim = 50
  config.x_max = 10.0       # 100 for billions of words
  config.alpha = 0.75
  config.output = "sum"     # W + C; or word, concat, aligned
  config.ridge = 0.1        # a row of n counts is held back by ridge * n^ridge_power
  config.ridge_power = 0.5
  config.bias_ridge = 0.01  # the bias is held back by so much of that

  # Training
  config.seed = 1
  config.epochs = 3         # sweeps: words, then contexts
  config.cg_steps = 3       # of conjugate gradients, each time a row is solved
  config.batch_size = 1 << 20  # slots of packed counts an update
  config.device_a_core = True  # without an accelerator, split the work over all cores
  config.held_out = 0.0     # fraction of word pairs to keep for a held-out loss
  config.patience = 0       # sweeps without a better held-out loss before stopping; 0: never

  # Reports
  config.log_every = 20
  config.save_every = 200
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

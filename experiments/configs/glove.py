"""GloVe by row-wise AdaGrad, as Stanford's program trains it (Pennington et al. 2014).

  python experiments/pretrain.py --config=experiments/configs/glove.py --workdir=runs/glove

Measured on enwiki-00..07 (18.7 M words, 2 cores, seed 1): analogies 21.62 % (semantic 20.22, syntactic 22.59), WS-353
.495, SimLex .207, in about 410 s; Stanford's C in 15 iterations: 20.74 % (20.08, 21.20), .489, .199 (no two runs of it
are the same: in the README's it had 20.5 %, .495, .196).
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "glove"
  config.init = ""          # a pretraining workdir or a file of vectors to start from

  common.add_text(config)
  common.add_counts(config)

  # Model
  config.dim = 50
  config.x_max = 10.0       # 100 for billions of words
  config.alpha = 0.75
  config.output = "sum"     # W + C; or word, concat, aligned

  # Training
  config.seed = 1
  config.epochs = 15
  config.batch_size = 8192
  config.optimizer = "row_adagrad"  # or a name of glove_jax.optimizers.OPTIMIZERS
  config.learning_rate = 0.05
  config.clip = 100.0
  config.bias_rule = "head"  # Stanford's present rule: biases ignore the learning rate; v1.2: they do not
  config.schedule = "constant"  # this and the next two: for optax optimisers
  config.warmup_steps = 0
  config.weight_decay = 0.0
  config.average = 8        # the vectors: the mean over so many last epochs' ends, at most half of all; 1: the last's
  config.held_out = 0.0     # fraction of word pairs to keep for a held-out loss
  config.patience = 0       # epochs without a better held-out loss before stopping; 0: never

  # Reports
  config.log_every = 500
  config.save_every = 5000
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

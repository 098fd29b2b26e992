"""The counting baseline of Levy, Goldberg & Dagan (2015): singular vectors of positive pointwise mutual information.

  python experiments/pretrain.py --config=experiments/configs/ppmi_svd.py --workdir=runs/ppmi

Measured on enwiki-00 (2.2 M words): 18.2 % of the analogies, WS-353 .624, SimLex .212 in 33 s of CPU time; on
enwiki-00..07 at 50 dimensions 20.8 %, .623, .231.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "ppmi_svd"

  common.add_text(config)
  common.add_counts(config)

  # Model
  config.dim = 100
  config.shift = 1.0        # log of so much is taken off: as so many negative samples do
  config.smoothing = 0.75   # contexts count as count^smoothing
  config.power = 0.5        # of the singular values

  # Reports; there is nothing to train: the seed is that of the solver's start, and there are no epochs
  config.seed = 1
  config.epochs = 1
  config.log_every = 1
  config.save_every = 1
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

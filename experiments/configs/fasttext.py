"""fastText (Bojanowski et al. 2017): skip-gram or CBOW of words that are the means of their character n-grams.

  python experiments/pretrain.py --config=experiments/configs/fasttext.py --workdir=runs/fasttext

Measured on enwiki-00..03 (9.1 M words, 2 quiet cores, 1 seed): .43 M words/s, 45.7 % of the analogies, WS-353 .639,
SimLex .291 in 174 s of CPU time; fastText 0.9.3 .19 M, 43.3 %, .634, .274 in 477 s. On enwiki-00 alone 41.7 %, .562,
.212; fastText 49.3 %, .519, .207. Pairs with a word composed of n-grams (min_count=200): MTurk-287 .27,
fastText .25; MTurk-771 .10, .07; SimLex .06, .09; WS-353 -.02, .13.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "fasttext"
  config.init = ""          # a run, or a .bin of Facebook's, to go on from on new text

  common.add_text(config)
  config.grow = False       # keep the words of the run in `init` too, whether or not this text has them
  common.add_windows(config, sample=1e-4, block=64)

  # Model
  config.model = "skipgram"  # or cbow
  config.negatives = 5      # that a pair has; what a block shares is weighted to stand for so many
  config.power = 0.75       # negative samples are drawn from counts^power
  config.dim = 100
  config.min_n = 3          # characters of an n-gram, the word's borders included
  config.max_n = 6
  config.buckets = 2_000_000  # rows that n-grams share by their hash: 4 bytes x dim each

  # Training
  config.seed = 1
  config.epochs = 5
  config.batch_size = 2048  # words whose gradients are added up
  config.turns = 16         # batches an update
  config.learning_rate = 0.075
  config.schedule = "linear"  # down to 0; or constant, cosine, step
  config.device_a_core = False  # or split the work over all cores as devices: no faster on two

  # Reports
  config.log_every = 20
  config.save_every = 200
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

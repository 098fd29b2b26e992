"""word2vec (Mikolov et al. 2013): skip-gram or CBOW, with negative samples or hierarchical softmax.

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/word2vec

`--config=experiments/configs/word2vec.py:cbow` is CBOW.

Measured on enwiki-00..03 (9.1 M words, 2 cores, 1 seed): skip-gram .61 M words/s, 21.2 % of the analogies, WS-353
.650, SimLex .279; gensim .25 M, 20.8 %, .633, .274. CBOW 1.62 M words/s, 17.7 %, .611, .258; gensim 1.29 M, 17.4 %,
.538, .223. The defaults were chosen among some thirty settings by these very scores; gensim was not tuned. On a text
that nothing was chosen on, enwiki-04..07, skip-gram (median of 3 seeds) has 21.7 %, .633, .250, gensim (1 seed) 21.0 %,
.616, .285. Where quality counts more: skip-gram with shared=64 has 24.2 %, .612, .269 there (1 seed), a fifth
slower; CBOW with block=32, shared=32, batch_size=512 and learning_rate=0.05 gave 21.2 %, .597, .246 on the first text.
"""

from configs import common
from ml_collections import ConfigDict


def get_config(model="skipgram"):
  config = ConfigDict()
  config.method = "word2vec"
  config.init = ""          # a run to go on from on new text, or a file of vectors to start from

  common.add_text(config)
  config.grow = False       # keep the words of the run in `init` too, whether or not this text has them
  common.add_windows(config, sample=1e-3, block=128 if model == "cbow" else 64, shared=24 if model == "cbow" else 64)

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

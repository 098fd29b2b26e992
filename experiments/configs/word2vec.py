"""word2vec (Mikolov et al. 2013): skip-gram or CBOW, with negative samples or hierarchical softmax.

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/word2vec

`--config=experiments/configs/word2vec.py:cbow` is CBOW.

Measured on enwiki-00..03 (9.1 M words, 2 quiet cores; medians of 3 seeds): skip-gram 1.04 M words/s, 23.5 % of the
analogies, WS-353 .632, SimLex .282; gensim .48 M, 20.6 %, .621, .274. CBOW 2.16 M words/s, 17.8 %, .597, .256; gensim
1.72 M, 17.3 %, .538, .218. Rates, batches and step bounds were chosen on this text by these very scores, blocks and
shared samples on enwiki-04..07 (skip-gram 24.2 %, .612, .269; gensim 21.0 %, .616, .285; seed 1); gensim was not tuned.
Faster: shared=32 for skip-gram takes an eighth less time and has 21.7 %, .605, .250 there. Better: CBOW with block=32,
shared=32, batch_size=512 and learning_rate=0.05 gave 21.2 %, .597, .246 on the first text.
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

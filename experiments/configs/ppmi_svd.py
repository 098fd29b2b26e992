"""The counting baseline of Levy, Goldberg & Dagan (2015): singular vectors of positive pointwise mutual information.

  python experiments/pretrain.py --config=experiments/configs/ppmi_svd.py --workdir=runs/ppmi

Measured on enwiki-00 (2.2 M words): 18.2 % of the analogies, WS-353 .624, SimLex .212 in 33 s of CPU time; on
enwiki-00..07 at 50 dimensions 20.8 %, .623, .231.
"""

from ml_collections import ConfigDict, config_dict


def get_config():
  config = ConfigDict()
  config.method = "ppmi_svd"

  # Text
  config.corpus = "sample"  # a file, a glob, several separated by commas, or sample
  config.encoding = "utf-8"
  config.errors = "strict"  # or replace, ignore: what to do about bytes that are not text
  config.tokenizer = "words"
  config.lowercase = config_dict.placeholder(bool)  # none: as the tokenizer does
  config.vocab = ""         # a file of `word count` lines to use; else counted from the corpus
  config.min_count = 5
  config.max_vocab = 0      # 0: no bound
  config.phrases = 0        # passes that join words into phrases: new_york, then new_york_times
  config.phrase_score = "mikolov"  # or npmi
  config.phrase_threshold = 100.0  # for npmi from -1 to 1
  config.phrase_min_count = 5

  # Counts
  config.window = 15
  config.symmetric = True
  config.weighting = "inverse"  # 1 / distance, or flat
  config.memory_gb = 4.0

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

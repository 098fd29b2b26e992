"""Entities by fine-tuning a pretrained transformer, which reads words by their first pieces (Devlin et al. 2019).

  python experiments/finetune.py --config=experiments/configs/bert_tag.py --workdir=runs/wnut17 --config.init=minilm \
      --config.train=WNUT17.train.conll --config.dev=WNUT17.dev.conll --config.test=WNUT17.test.conll

Measured on WNUT17 with learning_rate=2e-4, by repeat.py with 3 seeds: entity F1 41.4 +- 1.7 % on test (43.3, 40.1,
40.9), 57.7 % on dev, with dtype=bfloat16 in 11 minutes a run of one core; in float32 (1 seed) 44.2 % and 58.6 %.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "transformer_tagger"
  config.predict = ""       # a file of texts, one a line, to tag with a finished run

  common.add_tagged(config)
  config.tokenizer = "whitespace"  # words of texts to predict; characters for Chinese
  config.clean = ""         # of words, each by itself: steps of glove_jax.data.text.cleaning, as nfkc,urls,users,numbers
  config.scheme = "iob2"    # that predicted texts are tagged in

  common.add_pretrained_transformer(config)
  config.chain = True       # a CRF; else a softmax each token
  config.char_filters = 0   # of a CNN over characters, which tells the case of a word where the pieces do not
  config.char_dim = 30
  config.dropout = 0.1      # of what is encoded
  config.smoothing = 0.0    # of tags, without a CRF

  common.add_fine_tuning(config)
  config.epochs = 5
  config.batch_size = 16
  config.learning_rate = 1e-4
  config.rates = "head|crf|chars=10"
  config.patience = 5
  return config

"""fastText (Bojanowski et al. 2017): words are the means of their character n-grams.

  python experiments/pretrain.py --config=experiments/configs/fasttext.py --workdir=runs/fasttext

Leaves `model.bin`, which fastText and gensim load. On enwiki-08..11 (9.1 M words) skip-gram has
45.0 % of the analogies and WS-353 .645 after 100 s on two cores, fastText 44.7 % after 329 s.

Results: docs/results/word2vec.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("fasttext")

"""word2vec (Mikolov et al. 2013): skip-gram or CBOW, negative samples or hierarchical softmax.

  python experiments/pretrain.py --config=experiments/configs/word2vec.py --workdir=runs/word2vec

`--config=experiments/configs/word2vec.py:cbow` is CBOW. On enwiki-08..11 (9.1 M words) skip-gram
has 23.0 % of the analogies and WS-353 .674 after 37 s on two cores.

Results: docs/results/word2vec.md. Keys: docs/settings.md.
"""

from glove_jax.errors import InputError
from glove_jax.pretraining import settings


def get_config(model="skipgram"):
  if model == "cbow":
    return settings.config("word2vec", model="cbow", shared_negatives=32)
  if model != "skipgram":
    raise InputError(f"word2vec.py:{model}, expected word2vec.py:skipgram or word2vec.py:cbow.")
  return settings.config("word2vec", model=model)

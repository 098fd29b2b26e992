"""GloVe by alternating least squares, without a learning rate: the default.

  python experiments/pretrain.py --config=experiments/configs/glove_als.py --workdir=runs/glove

On enwiki-00..07 (18.7 M words) it has 22.1 % of the analogies and WS-353 .561. With
`init=pretrained anchor=1` it adapts vectors to a text (Mittens, Dingwall & Potts 2018).

Results: docs/results/glove.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("glove_als")

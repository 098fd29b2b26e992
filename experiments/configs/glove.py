"""GloVe by row-wise AdaGrad, as Stanford's program trains it (Pennington et al. 2014).

  python experiments/pretrain.py --config=experiments/configs/glove.py --workdir=runs/glove

On enwiki-00..07 (18.7 M words) it has 21.6 % of the analogies and WS-353 .495, in about 410 s on
two cores.

Results: docs/results/glove.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("glove")

"""The counting baseline of Levy, Goldberg & Dagan (2015): singular vectors of PPMI.

  python experiments/pretrain.py --config=experiments/configs/ppmi_svd.py --workdir=runs/ppmi

On enwiki-00 (2.2 M words) it has 18.2 % of the analogies and WS-353 .624, in 18 s on
two cores.

Results: docs/results/methods.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("ppmi_svd")

"""BERT (Devlin et al. 2019), small: masked tokens, texts packed into rows that they share.

  python experiments/pretrain.py --config=experiments/configs/bert.py --workdir=runs/bert

Leaves `model/`, which transformers loads and `init` continues from. On enwiki-00..03 (14.4 M
tokens) it has a held-out loss of 4.17 after 20,000 updates of 1,024 tokens with mask_rate=0.4 and
bfloat16, 87 minutes on one core.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("bert")

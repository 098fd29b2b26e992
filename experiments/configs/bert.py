"""BERT (Devlin et al. 2019), small: masked tokens, texts packed into rows that they share.

  python experiments/pretrain.py --config=experiments/configs/bert.py --workdir=runs/bert

Leaves `model/`, which transformers loads and `init` continues from. On enwiki-00..03 (14.4 M
tokens) context_length=64 batch_size=16 warmup_steps=400 mask_rate=0.4 dtype=bfloat16 has a held-out
loss of 4.17 after 20,000 updates, 87 minutes on one core.

Results: docs/results/language_models.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("bert")

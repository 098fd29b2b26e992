r"""GPT-2 (Radford et al. 2019), small: the next token, texts packed into rows that they share.

  python experiments/pretrain.py --config=experiments/configs/gpt.py --workdir=runs/gpt \
      --config.documents=blocks

Leaves `model/`, which transformers loads and `init` continues from, and writes some text. On
enwiki-00..03 (14.6 M tokens) it has 1.80 bits a character on held-out text after 6,000 updates of
1,024 tokens in bfloat16, 31 minutes on one core.

Results: docs/results/language_models.md. Keys: docs/settings.md.
"""

from glove_jax.pretraining import settings


def get_config():
  return settings.config("gpt")

"""Entities by a BiLSTM-CRF on word vectors and a character CNN (Ma & Hovy 2016).

  python experiments/finetune.py --config=experiments/configs/tag.py --workdir=runs/wnut17 \\
      --config.init=pretrained --config.train=WNUT17.train.conll \\
      --config.dev=WNUT17.dev.conll --config.test=WNUT17.test.conll

With `--config=experiments/configs/tag.py:characters`, for Chinese, each character is a token, and
no character CNN is used.

On WNUT17 from GloVe 6B.50d it has an entity F1 of 35.6 +- 0.4 % on test (5 seeds). An epoch takes
4 s of one core.

Results: docs/results/finetuning.md. Keys: docs/settings.md.
"""

from glove_jax import finetuning
from glove_jax.errors import InputError


def get_config(tokens="words"):
  if tokens == "words":
    return finetuning.config("tag")
  if tokens == "characters":
    return finetuning.config("tag", tokenizer="characters", lowercase=False, char_filters=0)
  raise InputError(f"tag.py:{tokens}, expected tag.py:words or tag.py:characters.")

"""Entities by a pretrained transformer, by the first subword token of words (Devlin et al. 2019).

  python experiments/finetune.py --config=experiments/configs/bert_tag.py --workdir=runs/wnut17 \\
      --config.init=minilm --config.train=WNUT17.train.conll \\
      --config.dev=WNUT17.dev.conll --config.test=WNUT17.test.conll

On WNUT17 with learning_rate=2e-4 dtype=bfloat16 it has an entity F1 of 41.4 +- 1.7 % on test (3
seeds), in 11 minutes of one core.

Results: docs/results/finetuning.md. Keys: docs/settings.md.
"""

from glove_jax import finetuning


def get_config():
  return finetuning.config("bert_tag")

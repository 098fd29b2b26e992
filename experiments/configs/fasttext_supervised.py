"""Classification of texts as by Facebook's fastText (Joulin et al. 2017): words and word bigrams.

  python experiments/finetune.py --config=experiments/configs/fasttext_supervised.py \\
      --workdir=runs/sst2 --config.train=SST2.train.txt --config.dev=SST2.dev.txt \\
      --config.test=SST2.test.txt

On SST-2 it has a test accuracy of 80.9 +- 0.3 % (4 seeds; fastText 0.9.3: 81.0 +- 0.3 %), in one or
two seconds.

Results: docs/results/finetuning.md. Keys: docs/settings.md.
"""

from glove_jax import finetuning


def get_config():
  return finetuning.config("fasttext_supervised")

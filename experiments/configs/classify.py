"""Classification of texts by word vectors: convolutions (Kim 2014), a BiLSTM, or averages.

  python experiments/finetune.py --config=experiments/configs/classify.py --workdir=runs/sst2 \\
      --config.init=pretrained --config.train=SST2.train.txt --config.dev=SST2.dev.txt \\
      --config.test=SST2.test.txt

`--config=experiments/configs/classify.py:bilstm` is the BiLSTM, `:bag` a network on the mean of
word vectors, `:averaged` logistic regression on it, and `:cnn` the default.

On SST-2 from GloVe 6B.50d, method=bilstm variational=True word_dropout=0.0 epochs=12 has a test
accuracy of 82.8 +- 1.3 % (5 seeds), method=averaged 73.7 %. An epoch takes 2 s.

Results: docs/results/finetuning.md. Keys: docs/settings.md.
"""

from glove_jax import finetuning
from glove_jax.errors import InputError

MODELS = ("cnn", "bilstm", "bag", "averaged")


def get_config(model="cnn"):
  if model not in MODELS:
    raise InputError(f"classify.py:{model}, expected one of {', '.join(MODELS)} after the colon.")
  return finetuning.config("classify", method=model)

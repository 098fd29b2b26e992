"""The experiments of ablate.py: baselines that are bad on purpose, and strategies for each."""

from typing import NamedTuple


class Experiment(NamedTuple):
  """A baseline, and the strategies that are tried on it one at a time."""

  about: str                  # what is wrong with it, in a line
  baseline: str               # `key=value` settings of finetune.py, with spaces between
  strategies: dict[str, str]  # name -> settings that replace those of the baseline
  score: str = "accuracy"     # of those in metrics.json
  rare: float = 0.0           # share of its texts that the first class keeps; 0: all


BASELINE = "as it is"  # the name of a baseline among the strategies

# What each baseline switches off, so that the strategy is its only regularisation.
BARE = "input_dropout=0 word_dropout=0 dropout=0 patience=0 length_buckets=1 batch_size=50 "
CNN = "method=cnn filters=50 widths=3 "

EXPERIMENTS = {
  "overfitting": Experiment(
    "300 labels, a convolutional net of 50 features, and no regularisation",
    BARE + CNN + "max_train_texts=300 epochs=20 learning_rate=0.005",
    {
      "frozen vectors": "lr_multipliers=words=0",
      "vectors ten times slower": "lr_multipliers=words=0.1",
      "vectors frozen for 5 epochs": "unfreeze_after=words=5",
      "input dropout": "input_dropout=0.5",
      "variational input dropout": "input_dropout=0.5 variational=True",
      "word dropout": "word_dropout=0.3",
      "dropout of features": "dropout=0.7",
      "weight decay": "weight_decay=1",
      "label smoothing": "label_smoothing=0.3",
      "early stopping": "patience=5",
      "EDA": "eda=0.1",
      "mixup": "mixup=1",
      "averaged params": "ema_decay=0.95",
      "several together": "lr_multipliers=words=0.3 input_dropout=0.2 dropout=0.3 "
        "weight_decay=0.3 ema_decay=0.9",
    }),
  "recurrent": Experiment(
    "the same of two layers of LSTMs",
    BARE + "method=bilstm lstm_size=30 layers=2 max_words=30 max_train_texts=300 epochs=10 "
      "learning_rate=0.005",
    {
      "recurrent dropout": "recurrent_dropout=0.3",
      "dropout between layers": "layer_dropout=0.5",
      "input dropout": "input_dropout=0.5",
      "variational input dropout": "input_dropout=0.5 variational=True",
    }),
  "underfitting": Experiment(
    "1,000 labels, the mean of frozen vectors, and too much dropout",
    BARE + "method=bag pooling=mean max_train_texts=1000 epochs=15 learning_rate=0.005 "
      "dropout=0.9 lr_multipliers=words=0",
    {
      "vectors trained too": "lr_multipliers=",
      "vectors ten times slower": "lr_multipliers=words=0.1",
      "vectors frozen for 5 epochs": "lr_multipliers= unfreeze_after=words=5",
      "no dropout": "dropout=0",
      "maximum beside mean": "pooling=mean_max",
      "convolutions": CNN.strip(),
      "all of these": CNN + "pooling=mean_max lr_multipliers=words=0.1 dropout=0",
    }),
  "slow": Experiment(
    "1,000 labels, plain gradient descent at a rate far too small",
    BARE + CNN + "max_train_texts=1000 epochs=15 optimizer=sgd learning_rate=0.003",
    {
      "a larger rate": "learning_rate=0.3",
      "warm-up to a larger rate": "learning_rate=0.3 warmup_epochs=2",
      "a larger rate, linear decay": "learning_rate=0.3 schedule=linear",
      "a larger rate, cosine decay": "learning_rate=0.3 warmup_epochs=2 schedule=cosine",
      "a larger rate, decay in steps": "learning_rate=0.3 schedule=step",
      "a faster head": "lr_multipliers=head=30",
      "Adam": "optimizer=adam learning_rate=0.001",
    }),
  "imbalance": Experiment(
    "500 labels, of which one class has a tenth of what the other has",
    BARE + CNN + "max_train_texts=500 epochs=15 learning_rate=0.005 dropout=0.5",
    {"balanced class weights": "class_weights=balanced"}, score="macro_f1", rare=0.1),
}

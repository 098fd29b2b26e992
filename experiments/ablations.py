"""What `ablate.py` shows: starts made bad on purpose, and the strategies that are tried on each, one at a time."""

from typing import NamedTuple


class Experiment(NamedTuple):
  """A start, and what is changed of it."""

  about: str                  # what is wrong with it, in a line
  start: str                  # `key=value` settings of finetune.py, with spaces between
  strategies: dict[str, str]  # name -> settings that replace those of the start
  score: str = "accuracy"     # of those that finetune.py gives
  rare: float = 0.0           # which part of its texts the first class keeps; 0: all


# What each start switches off, so that a strategy is all that holds it back.
BARE = "input_dropout=0 word_dropout=0 dropout=0 patience=0 buckets=1 "
CNN = "method=cnn filters=50 widths=3 "

EXPERIMENTS = {
  "overfitting": Experiment(
    "300 labels, a convolutional net of 50 features, and nothing that holds it back",
    BARE + CNN + "limit=300 epochs=20 learning_rate=0.005",
    {
      "frozen vectors": "rates=words=0",
      "vectors ten times slower": "rates=words=0.1",
      "vectors thawed after 5 epochs": "thaw=words=5",
      "input dropout": "input_dropout=0.5",
      "variational input dropout": "input_dropout=0.5 variational=True",
      "word dropout": "word_dropout=0.3",
      "dropout of features": "dropout=0.7",
      "weight decay": "weight_decay=1",
      "label smoothing": "smoothing=0.3",
      "early stopping": "patience=5",
      "EDA": "eda=0.1",
      "mixup": "mixup=1",
      "averaged params": "average=0.95",
      "several together": "rates=words=0.3 input_dropout=0.2 dropout=0.3 weight_decay=0.3 average=0.9",
    }),
  "recurrent": Experiment(
    "the same of two layers of LSTMs",
    BARE + "method=bilstm size=30 layers=2 max_length=30 limit=300 epochs=10 learning_rate=0.005",
    {
      "recurrent dropout": "recurrent_dropout=0.3",
      "dropout between layers": "layer_dropout=0.5",
      "input dropout": "input_dropout=0.5",
      "variational input dropout": "input_dropout=0.5 variational=True",
    }),
  "underfitting": Experiment(
    "1,000 labels, the mean of frozen vectors, and more dropout than they bear",
    BARE + "method=bag pooling=mean limit=1000 epochs=15 learning_rate=0.005 dropout=0.9 rates=words=0",
    {
      "vectors learn too": "rates=",
      "vectors ten times slower": "rates=words=0.1",
      "vectors thawed after 5 epochs": "rates= thaw=words=5",
      "no dropout": "dropout=0",
      "maximum beside mean": "pooling=mean_max",
      "convolutions": CNN.strip(),
      "all of these": CNN + "pooling=mean_max rates=words=0.1 dropout=0",
    }),
  "slow": Experiment(
    "1,000 labels, plain gradient descent at a rate far too small",
    BARE + CNN + "limit=1000 epochs=15 optimizer=sgd learning_rate=0.003",
    {
      "a larger rate": "learning_rate=0.3",
      "warm-up to a larger rate": "learning_rate=0.3 warmup=2",
      "a larger rate, linear decay": "learning_rate=0.3 schedule=linear",
      "a larger rate, cosine decay": "learning_rate=0.3 warmup=2 schedule=cosine",
      "a larger rate, decay in steps": "learning_rate=0.3 schedule=step",
      "a faster head": "rates=head=30",
      "Adam": "optimizer=adam learning_rate=0.001",
    }),
  "imbalance": Experiment(
    "500 labels, of which one class has a tenth of what the other has",
    BARE + CNN + "limit=500 epochs=15 learning_rate=0.005 dropout=0.5",
    {"balanced class weights": "class_weights=balanced"}, score="macro_f1", rare=0.1),
}

"""Pretraining and fine-tuning of word vectors and small language models in JAX.

Letters for sizes, in comments and docstrings:
  B batch, N records or rows, V vocabulary, D width of a vector, T tokens of a text, W characters of a token, H heads,
  C classes or tags.

Where to start: `methods.glove` (the model), `train` (states, updates, the loop), `experiments/pretrain.py` (all of it
put together).
"""

__version__ = "0.1.0"

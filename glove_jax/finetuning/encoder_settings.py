"""Settings of encoders: base classes of the dataclasses of methods."""

import dataclasses

from glove_jax.data.text import tokenization
from glove_jax.finetuning.bounded_keys import amount, fraction, positive
from glove_jax.settings import setting

DTYPES = ("float32", "bfloat16")
CLEANING = "Cleaning steps, in their order, of html,nfkc,urls,users,numbers,repeats,spaces."


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regularization:
  """What all encoders are regularised by."""

  word_dropout: float = fraction(0.0, "Fraction of tokens that are hidden in training.")
  layer_dropout: float = fraction(0.0, "Dropout between the layers of the encoder.")
  dropout: float = fraction(0.5, "Dropout before the output layer.")
  label_smoothing: float = fraction(
    0.0, "Fraction of the target that is spread over all classes.", former=("smoothing",)
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordEncoder(Regularization):
  """An encoder on word vectors."""

  init: str = setting(
    "",
    "Vectors to start from: a pretraining workdir, a file, or pretrained; empty: random vectors.",
    names_files="source",
  )
  keep_vectors_mb: int = amount(
    100,
    "MB of the vectors of `init` that the run keeps for new texts, the most frequent words first; "
    "those of its own texts are always kept.",
    resumable=True,
  )
  dim: int = positive(50, "Dimensions of random vectors, without `init`.")
  lowercase: bool | None = setting(
    None, "Whether to lower-case words; None: as the run in `init` did, else True."
  )
  min_coverage: float = setting(
    0.2,
    "With `init`: stop if it has vectors of a smaller share of the training tokens; 0: go on.",
    minimum=0,
    maximum=1,
  )
  word_parts: bool = setting(
    False,
    "Words without a vector take the mean vector of their parts: I'm, #home, BestMusicVideo.",
    former=("parts",),
  )
  clean: str = setting("", CLEANING)
  min_count: int = positive(
    1, "Words with fewer occurrences in `train` and without a vector count as unknown."
  )
  widths: str = setting("3,4,5", "cnn: sizes of the windows, in words.")
  filters: int = positive(100, "cnn: filters of each window size.")
  lstm_size: int = positive(150, "bilstm: hidden units in each direction.", former=("size",))
  layers: int = positive(1, "bilstm: number of layers.")
  input_dropout: float = fraction(0.0, "Dropout of word vectors.")
  variational: bool = setting(False, "Whether dropout is the same for all words of a text.")
  recurrent_dropout: float = fraction(0.0, "bilstm: dropout of recurrent inputs.")

  def __post_init__(self):
    initial = tokenization.of_source(self.init)
    resolved = {"tokenizer": "whitespace", "lowercase": True, "phrases": ""}
    if initial:
      tokenizer, lowercase, phrases_file, _ = initial
      resolved = {"tokenizer": tokenizer, "lowercase": lowercase, "phrases": phrases_file}
    for key, value in resolved.items():
      if getattr(self, key, value) is None:
        object.__setattr__(self, key, value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerEncoder(Regularization):
  """A pretrained transformer, and how much of it is trained."""

  init: str = setting(
    "",
    "Transformer to start from: a Hugging Face folder, a run of bert or gpt, or minilm.",
    names_files="source",
  )
  from_scratch: bool = setting(
    False, "Start from random parameters in place of the pretrained ones, for comparison."
  )
  clean: str = setting("", CLEANING)
  max_length: int = amount(
    0, "Longer texts are truncated to this many subword tokens; 0: as many as the model allows."
  )
  dtype: str = setting(
    "float32",
    "Number format of the computation; bfloat16 suits accelerators and CPUs with AVX-512 BF16 or "
    "AMX.",
    choices=DTYPES,
  )
  remat: bool = setting(
    False, "Recompute activations in the backward pass: less memory, a third more time."
  )
  layer_dropout: float = fraction(0.1, "Dropout inside the transformer.")
  dropout: float = fraction(0.1, "Dropout before the output layer.")
  head: str = setting(
    "",
    "dense: a dense layer and an activation before the output layer, as the family's classifiers "
    "in transformers have (BERT: the pooler, with its pretrained weights); empty: none.",
    choices=("", "dense"),
  )
  layer_decay: float = setting(
    1.0, "Factor on the learning rate from each layer to the one below.", above=0, maximum=1
  )
  lora_rank: int = amount(
    0, "Rank of low-rank adapters (LoRA) that are trained in place of the transformer; 0: none."
  )
  lora_alpha: float = amount(16.0, "Adapters are scaled by lora_alpha / lora_rank.")
  lora_adapt: str = setting(
    r"attention/(qkv|out)/w$", "Regular expression of the weight matrices that have adapters."
  )

"""The settings of language models: tokens, the size of a transformer, and how it is trained."""

import dataclasses
import pathlib
from dataclasses import dataclass
from typing import Any

from glove_jax.errors import InputError
from glove_jax.pretraining import setting_groups as groups
from glove_jax.settings import setting

# The sizes of a model that starts at random.
SIZES = {"layers": 4, "dim": 256, "heads": 4, "context_length": 128}


def size(name: str, text: str, **limits: Any) -> Any:
  """Declares a key that is a size of the model."""
  return setting(0, f"{text}; 0: as `init`, else {SIZES[name]}.", minimum=0, **limits)


def subword_tokenizer(default: str) -> Any:
  """Declares the key `tokenizer` of language models."""
  text = (
    "wordpiece, bpe or characters (trained on the corpus, or taken from `init`), or a file: "
    "tokenizer.json, vocab.txt, or …encoder.json."
  )
  return setting(default, text)


@dataclass(frozen=True, kw_only=True)
class SubwordTextSettings(groups.TextSettings):
  """How a corpus is split into texts and subword tokens."""

  dev: str = setting(
    "", "Held-out text, on which the loss is measured after each epoch.", names_files="source"
  )
  documents: str = setting(
    "lines",
    "What a text is: lines (each line is one) or blocks (lines up to the next empty line).",
    choices=("lines", "blocks"),
  )
  tokenizer: str = subword_tokenizer("wordpiece")
  lowercase: bool | None = setting(
    None, "Whether to lower-case the text; None: for wordpiece only."
  )
  max_vocab: int = setting(8192, "Vocabulary size of a tokenizer that is trained on the corpus.")
  min_pair_count: int = setting(
    2,
    "Pairs of neighbouring tokens with fewer occurrences are not merged by the tokenizer.",
    former=("min_count",),
  )


@dataclass(frozen=True, kw_only=True)
class LanguageModelSettings(SubwordTextSettings):
  """The size of a transformer, and how it is trained."""

  init: str = setting(
    "",
    "A run or a Hugging Face folder to continue from; sizes are its sizes.",
    names_files="source",
  )
  vectors: str = setting(
    "", "Word vectors (a run or a file) from which token embeddings start.", names_files="source"
  )
  layers: int = size("layers", "Transformer layers")
  dim: int = size("dim", "Width of the hidden states")
  heads: int = size("heads", "Attention heads in each layer")
  feedforward_dim: int = setting(
    0,
    "Width inside the feed-forward layers; 0: that of `init`, else four times dim.",
    minimum=0,
    former=("hidden",),
  )
  context_length: int = size(
    "context_length", "Tokens that the model sees at once", former=("window",)
  )
  dropout: float = setting(0.0, "Dropout rate; 0.1 suits many epochs over little text.")
  dtype: str = setting(
    "float32",
    "Number format of the computation; bfloat16 suits accelerators and CPUs with AVX-512 BF16 or "
    "AMX.",
    choices=("float32", "bfloat16"),
  )
  remat: bool = setting(
    False, "Recompute activations in the backward pass: less memory, a third more time."
  )
  seed: int = groups.seed()
  epochs: int = groups.epochs(1)
  steps: int = setting(
    0, "Number of updates; 0: as many as `epochs` need.", minimum=0, resumable=True
  )
  batch_size: int = setting(32, "Rows of `context_length` tokens in a batch.", minimum=1)
  optimizer: str = setting("adam", "The optimizer.", choices=groups.OPTIMIZERS)
  learning_rate: float = groups.learning_rate(1e-3)
  schedule: str = groups.schedule("linear")
  warmup_steps: int = setting(100, "Steps over which the learning rate rises from 0.")
  weight_decay: float = setting(0.01, "Decoupled weight decay.")
  clip_norm: float = setting(1.0, "Largest norm of the gradient; 0: no clipping.")
  log_every: int = groups.log_every(20)
  save_every: int = groups.save_every(500)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()

  def __post_init__(self):
    if self.init and self.vectors:
      raise InputError(f"init={self.init} and vectors={self.vectors}, expected one of them.")


@dataclass(frozen=True, kw_only=True)
class BertSettings(LanguageModelSettings):
  """A BERT that learns to predict masked tokens."""

  method: str = setting("bert", groups.METHOD)
  tokenizer: str = subword_tokenizer("wordpiece")
  learning_rate: float = groups.learning_rate(5e-4)
  mask_rate: float = setting(
    0.15, "Fraction of the tokens that are masked and predicted.", above=0, maximum=1
  )
  mask_subsample: float = setting(
    0.0,
    "Tokens more frequent than this fraction are masked less often, as word2vec drops frequent "
    "words; 0: all alike.",
    minimum=0,
    former=("sample",),
  )
  whole_words: bool = setting(False, "Mask all tokens of a word, or none.")


@dataclass(frozen=True, kw_only=True)
class GptSettings(LanguageModelSettings):
  """A GPT-2 that learns to predict the next token, and writes some text at the end."""

  method: str = setting("gpt", groups.METHOD)
  tokenizer: str = subword_tokenizer("bpe")
  prompt: str = setting("", "Beginning of the text that is generated at the end.", resumable=True)
  max_new_tokens: int = setting(
    100, "Largest number of tokens of that text.", resumable=True, former=("write",)
  )
  temperature: float = setting(
    0.8, "Logits are divided by this; 0: always take the most probable token.", resumable=True
  )
  top_k: int = setting(0, "Draw from this many most probable tokens; 0: from all.", resumable=True)
  top_p: float = setting(
    0.95, "Draw from the fewest tokens that together have this probability.", resumable=True
  )


def with_sizes(settings: LanguageModelSettings) -> LanguageModelSettings:
  """Returns settings whose sizes that are 0 are those of `init`, else the default ones."""
  sizes = {**SIZES, **_sizes_of(settings.init)}
  missing = {key: value for key, value in sizes.items() if not getattr(settings, key)}
  return dataclasses.replace(settings, **missing)


def _sizes_of(init: str) -> dict[str, int]:
  """Returns the sizes of the model in a folder; none where there is no model, an error later on."""
  if not init:
    return {}
  from glove_jax.interop import huggingface, huggingface_config  # imported late: they take JAX

  path = pathlib.Path(huggingface.model_folder(init)) / "config.json"
  if not path.is_file():
    return {}
  _, config = huggingface_config.read(path)
  sizes = {
    "layers": config.layers,
    "dim": config.dim,
    "heads": config.heads,
    "context_length": config.positions,
  }
  if config.feedforward_dim != 4 * config.dim:  # 0 says the same, also in runs of before
    sizes["feedforward_dim"] = config.feedforward_dim
  return sizes

"""Pretrained transformers for Python: BERT's sentence vectors and masked tokens, GPT's text."""

import os
import tempfile
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import jax_environment, sentence_vectors, text_generation
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError, quote
from glove_jax.interop import huggingface
from glove_jax.models import bert, gpt2, transformer


class LanguageModel:
  """Base class of BERT and GPT; made by `load` and `pretrain`.

  Attributes:
    config: sizes and kind of the transformer.
    params: nested dict of arrays.
    tokenizer: of the library `tokenizers`.
    folder: where the model was loaded from.
  """

  def __init__(
    self,
    folder: str | os.PathLike,
    *,
    temporary: tempfile.TemporaryDirectory | None = None,
  ):
    self.folder = huggingface.model_folder(folder)
    self._temporary = temporary  # removed with this object
    pretrained = huggingface.load(self.folder)
    self.config: transformer.Config = pretrained.config
    self.params = pretrained.params
    self.tokenizer = subword_tokenizers.load(self.folder)

  def save(self, folder: str | os.PathLike) -> None:
    """Writes a folder that `transformers` and `load` open."""
    huggingface.save(folder, jax.device_get(self.params), self.config)
    subword_tokenizers.save_beside_model(self.tokenizer, folder)

  def __repr__(self) -> str:
    layers, dim = self.config.layers, self.config.dim
    return f"{type(self).__name__}({layers} layers of {dim}, {self.config.vocab_size:,} subwords)"


class MaskedLanguageModel(LanguageModel):
  """A BERT (Devlin et al. 2019), or a model of its family such as RoBERTa."""

  def encode(self, texts: Sequence[str]) -> np.ndarray:
    """Returns the mean over the subword vectors of each text. -> [N, D]

    Texts of more subwords than the model has positions are truncated.
    """
    if isinstance(texts, str):
      raise InputError(f"texts is the string {texts[:40]!r}, expected a list of strings.")
    return sentence_vectors.encode(
      self.params, list(texts), config=self.config, tokenizer=self.tokenizer
    )

  @jax_environment.standard()
  def fill_mask(self, text: str, *, top_k: int = 5) -> list[tuple[str, float]]:
    """Returns the most probable tokens at the one mask of a text, with their probabilities.

    Args:
      text: has the mask of the tokenizer: `[MASK]`, or RoBERTa's `<mask>`.
      top_k: number of tokens.
    """
    if "masked_lm" not in self.params:
      raise InputError(
        f"{self.folder}: the file holds no head for masked tokens, expected a BERT with one."
      )
    mask = subword_tokenizers.special_tokens(self.tokenizer).mask
    if mask is None:
      raise InputError(f"{self.folder}: the tokenizer has no token that masks others.")
    ids = subword_tokenizers.encode(self.tokenizer, text, longest=self.config.positions).ids
    positions = np.flatnonzero(np.asarray(ids) == mask)
    if len(positions) != 1:
      token = self.tokenizer.id_to_token(mask)
      raise InputError(f"the text has {len(positions)} {token}, expected one: {quote(text)}.")
    tokens = transformer.Tokens(jnp.array([ids]), jnp.ones((1, len(ids)), jnp.int32))
    hidden = transformer.encode(self.params, tokens, config=self.config)  # [1, T, D]
    logits = bert.masked_logits(self.params, hidden[0, positions[0]], config=self.config)  # [V]
    probabilities = np.asarray(jax.nn.softmax(logits))
    best = np.argsort(-probabilities, kind="stable")[:top_k]
    words = [str(self.tokenizer.id_to_token(int(token_id))) for token_id in best]
    return list(zip(words, probabilities[best].tolist(), strict=True))


class CausalLanguageModel(LanguageModel):
  """A GPT-2 (Radford et al. 2019)."""

  def __init__(
    self,
    folder: str | os.PathLike,
    *,
    temporary: tempfile.TemporaryDirectory | None = None,
  ):
    super().__init__(folder, temporary=temporary)
    if not self.config.causal:
      raise InputError(
        f"{self.folder}: found a BERT, which fills in masks, expected a GPT to write text."
      )

  @jax_environment.standard()
  def generate(
    self,
    prompt: str | Sequence[str] = "",
    *,
    max_new_tokens: int = 100,
    temperature: float = 0.8,
    top_k: int = 0,
    top_p: float = 0.95,
    seed: int = 1,
  ) -> str | list[str]:
    """Returns the prompt, or each of several prompts, continued.

    Args:
      prompt: a text, or several. Special tokens in it, such as `<|user|>`, are these tokens; the
        one that begins a text is put before it.
      max_new_tokens: upper bound; fewer where the text ends, or the model has no more positions
        for it (`room`).
      temperature: divides the logits; 0 always takes the most probable token.
      top_k: draws from this many most probable tokens; 0: from all.
      top_p: draws from the fewest tokens that have this probability together (Holtzman et al.
        2020).
      seed: of the draws.
    """
    prompts = [prompt] if isinstance(prompt, str) else list(prompt)
    continuations = text_generation.generate(
      self.params,
      prompts,
      config=self.config,
      tokenizer=self.tokenizer,
      max_new_tokens=max_new_tokens,
      sampling=gpt2.Sampling(temperature, top_k, top_p),
      seed=seed,
    )
    texts = [text + more for text, more in zip(prompts, continuations, strict=True)]
    return texts[0] if isinstance(prompt, str) else texts

  def room(self, prompt: str) -> int:
    """Returns how many tokens may follow a prompt: the positions that it leaves."""
    token_ids = text_generation.prompt_ids(self.tokenizer, prompt)
    return max(0, self.config.positions - len(token_ids))

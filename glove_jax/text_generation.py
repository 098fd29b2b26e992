"""Text that a GPT-2 writes: prompts become token ids, and continuations text again."""

import re
from collections.abc import Sequence

from tokenizers import decoders

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.subwords.subword_tokenizers import Tokenizer
from glove_jax.errors import InputError
from glove_jax.models import gpt2
from glove_jax.models.sampling import Sampling
from glove_jax.models.transformer import Config
from glove_jax.train import Params

# Chinese and Japanese letters and punctuation, which stand without spaces.
_IDEOGRAPHS = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_NEEDLESS_SPACE = re.compile(f"(?<=[{_IDEOGRAPHS}]) | (?=[{_IDEOGRAPHS}])")


def generate(
  params: Params,
  prompts: Sequence[str],
  *,
  config: Config,
  tokenizer: Tokenizer,
  max_new_tokens: int,
  sampling: Sampling | None = None,
  seed: int = 0,
) -> list[str]:
  """Returns what a GPT-2 writes after each prompt, such that `prompt + continuation` is the text.

  Args:
    params: of a GPT-2.
    prompts: texts; special tokens in them, such as `<|user|>`, are these tokens.
    config: the architecture.
    tokenizer: of the model; its special tokens say how a text begins and ends.
    max_new_tokens: upper bound on the length of a continuation; one is shorter where the text ends
      or has no more positions.
    sampling: None: always the most likely token.
    seed: of the draws.

  Raises:
    InputError: as of `prompt_ids` and `gpt2.check_prompts`.
  """
  token_ids = [prompt_ids(tokenizer, prompt) for prompt in prompts]
  continuations = gpt2.generate(
    params,
    token_ids,
    config=config,
    max_new_tokens=max_new_tokens,
    sampling=sampling,
    seed=seed,
    stop_id=subword_tokenizers.special_tokens(tokenizer).end,
  )
  rows = zip(prompts, token_ids, continuations, strict=True)
  return [_continuation(tokenizer, *row) for row in rows]


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
  """Returns the ids of a prompt, with the token that begins a text before it, once.

  Raises:
    InputError: the prompt is empty and no token begins a text, or it is not Unicode.
  """
  start = subword_tokenizers.special_tokens(tokenizer).start
  ids = subword_tokenizers.encode(tokenizer, prompt, special=False).ids
  if start is not None and ids[:1] != [start]:
    ids = [start, *ids]
  if not ids:
    raise InputError(
      "the prompt is empty and the tokenizer names no token that begins a text (bos_token, "
      "cls_token), expected a prompt."
    )
  return ids


def _continuation(
  tokenizer: Tokenizer, prompt: str, token_ids: list[int], new_ids: list[int]
) -> str:
  """Returns the text of new tokens: after a space where they begin a word.

  Alone they would lose it: to a WordPiece `lives` is the same in `lives` and in `the lives`.
  """
  before = tokenizer.decode(token_ids)
  text = tokenizer.decode([*token_ids, *new_ids])
  text = text[len(before) :] if text.startswith(before) else tokenizer.decode(new_ids)
  if subword_tokenizers.is_byte_level(tokenizer):
    return text
  if not before and prompt.strip() and text:
    text = f" {text}"  # after a prompt of special tokens alone
  if prompt[-1:].isspace():
    text = text.removeprefix(" ")
  if isinstance(tokenizer.decoder, decoders.WordPiece):
    last = prompt[-1:]
    text = _NEEDLESS_SPACE.sub("", last + text)[len(last) :]
  return text

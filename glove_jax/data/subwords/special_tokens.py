"""Special tokens of a tokenizer: the ones that begin a text, end it, pad, mask, are unknown."""

from collections.abc import Mapping
from typing import NamedTuple

import tokenizers

BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
END_OF_TEXT = "<|endoftext|>"

# Keys of tokenizer_config.json, and the usual names of BERT, RoBERTa and GPT-2, in order.
_KEYS = {
  "start": ("bos", "cls"),
  "end": ("eos", "sep"),
  "pad": ("pad",),
  "unknown": ("unk",),
  "mask": ("mask",),
}
_USUAL_NAMES = {
  "start": ("[CLS]", "<s>", END_OF_TEXT),
  "end": ("[SEP]", "</s>", END_OF_TEXT),
  "pad": ("[PAD]", "<pad>", END_OF_TEXT),
  "unknown": ("[UNK]", "<unk>"),
  "mask": ("[MASK]", "<mask>"),
}
_ATTRIBUTE = "_glove_jax_special_tokens"


class SpecialTokens(NamedTuple):
  """Ids of the tokens that stand for no text; None where a tokenizer has none."""

  start: int | None    # begins a text: [CLS], <s>, or GPT-2's end of text, which separates texts
  end: int | None      # ends a text: [SEP], </s>, or GPT-2's end of text
  pad: int | None
  unknown: int | None
  mask: int | None


def special_tokens(tokenizer: tokenizers.Tokenizer) -> SpecialTokens:
  """Returns the ids of the special tokens: as the files say, else by their usual names."""
  attached = getattr(tokenizer, _ATTRIBUTE, None)
  return attached or find(tokenizer)


def attach(tokenizer: tokenizers.Tokenizer, special: SpecialTokens) -> None:
  """Sets what `special_tokens` returns. A tokenizer.json has no room for it."""
  setattr(tokenizer, _ATTRIBUTE, special)


def find(
  tokenizer: tokenizers.Tokenizer,
  *,
  names: Mapping[str, str] | None = None,
  ids: Mapping[str, int] | None = None,
) -> SpecialTokens:
  """Returns the special tokens of a tokenizer.

  Args:
    tokenizer: its template comes after `names`, the usual names after `ids`.
    names: of tokenizer_config.json, by key (`bos`, `eos`, `cls`, …).
    ids: of config.json, by key. Ids of ordinary tokens are no special tokens: 50256, GPT-2's
      default, is a word of many other vocabularies.
  """
  template = tokenizer.encode("").ids
  chosen = {}
  for field, keys in _KEYS.items():
    candidates = [tokenizer.token_to_id((names or {}).get(key, "")) for key in keys]
    if len(template) > 1 and field in ("start", "end"):
      candidates.append(template[0] if field == "start" else template[-1])
    candidates += [_special_id(tokenizer, (ids or {}).get(key)) for key in keys]
    candidates += [tokenizer.token_to_id(name) for name in _USUAL_NAMES[field]]
    present = [token_id for token_id in candidates if token_id is not None]
    chosen[field] = present[0] if present else None
  if chosen["unknown"] in (chosen["start"], chosen["end"]):
    chosen["unknown"] = None  # transformers calls GPT-2's end of text so; nothing is unknown to it
  return SpecialTokens(**chosen)


def _special_id(tokenizer: tokenizers.Tokenizer, token_id: int | None) -> int | None:
  """Returns the id if it is that of a special token."""
  token = None if token_id is None else tokenizer.id_to_token(token_id)
  if token is None:
    return None
  in_brackets = token[0] + token[-1] in ("<>", "[]") if token else False
  is_special = in_brackets or token_id in tokenizer.get_added_tokens_decoder()
  return token_id if is_special else None

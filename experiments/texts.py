"""A run's text: read once, its vocabulary counted, its words as ids; and how a run tells its story."""

import collections
import contextlib
import hashlib
import json
import pathlib
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import workdir
from tqdm import tqdm

from glove_jax.data.text import corpus, phrases, token_store, vocab, word_tokenizers
from glove_jax.errors import InputError


class Text(NamedTuple):
  """A corpus ready to be read: its files, their hash, how to read them, and the words that count."""

  paths: list[pathlib.Path]
  fingerprint: str
  tokenizer: word_tokenizers.Tokenizer
  reading: dict  # encoding, errors
  vocabulary: vocab.Vocabulary
  numbered: token_store.TokenStore | None  # as it was read for the vocabulary: it need not be read again
  joined: phrases.Phrases | None  # what is joined into one word


def read_text(config, paths, tokenizer, folder: pathlib.Path) -> Text:
  """The corpus with its vocabulary, which is taken from the workdir where it has been counted before."""
  start = time.monotonic()
  reading = {"encoding": config.encoding, "errors": config.errors}
  fingerprint, about = corpus.fingerprint(paths), folder / "corpus.json"
  if about.exists() and workdir.read_json(about)["fingerprint"] != fingerprint:
    raise InputError(f"{corpus.describe(paths)}: the text has changed since the run in {folder} began; "
                     "use another --workdir.")
  if about.exists():
    words = vocab.load(folder / "vocab.txt")
    numbered, joined = None, phrases.load(folder / "phrases.txt") if config.get("phrases") else None
  else:
    words, numbered, joined = new_vocabulary(config, paths, tokenizer, reading, folder)
    vocab.save(words, folder / "vocab.txt")
    workdir.write_json(about, {"files": [str(path) for path in paths], "fingerprint": fingerprint})
  say("vocabulary", f"{len(words):,} words, {words.counts.sum():,} tokens of {config.corpus}", start)
  return Text(paths, fingerprint, tokenizer, reading, words, numbered, joined)


def new_vocabulary(config, paths, tokenizer, reading: dict, folder: pathlib.Path):
  """(vocabulary, numbered text, phrases): the last two None where a given vocabulary spares the reading."""
  numbered = joined = None
  if config.get("phrases") or not config.vocab:
    with bar("reading") as progress:
      numbered = token_store.read(paths, tokenizer, folder, **reading, progress=progress)
  if config.get("phrases"):
    joined, numbered = find_phrases(config, numbered, folder)
  if config.vocab:
    return vocab.load(config.vocab), numbered, joined
  counter = collections.Counter(token_store.word_counts(numbered))
  if config.get("grow"):
    counter.update(earlier(config.init))
  return vocab.build(counter, min_count=config.min_count, max_vocab=config.max_vocab), numbered, joined


def find_phrases(config, numbered: token_store.TokenStore, folder: pathlib.Path):
  """The phrases of a text, and the text with them joined; `phrases.txt` in the workdir tells them."""
  start = time.monotonic()
  found, joined = phrases.learn(
    numbered, folder, passes=config.phrases,
    scoring=phrases.Scoring(config.phrase_score, config.phrase_threshold, config.phrase_min_count))
  phrases.save(found, folder / "phrases.txt")
  if joined is not numbered:
    numbered.file.close()
  best = ", ".join("_".join(pair) for pair in list(found.passes[0])[:3]) if found.passes else "none"
  say("phrases", f"{sum(map(len, found.passes)):,} ({best}, …)" if found.passes else best, start)
  return found, joined


def earlier(init: str) -> dict[str, int]:
  """The words of the run in `init`, and how often each occurred."""
  if not (pathlib.Path(init) / "vocab.txt").is_file():
    raise InputError(f"grow needs the run in init={init!r}; expected a folder with vocab.txt.")
  words = vocab.load(pathlib.Path(init) / "vocab.txt")
  return dict(zip(words.words, words.counts.tolist(), strict=True))


def ids(text: Text, folder: pathlib.Path, progress) -> Iterator[np.ndarray]:
  """The text as `corpus.encode` gives it, from its numbers where it has been read; phrases are joined."""
  numbered = text.numbered
  if text.joined and not numbered:
    numbered = phrases.apply(text.joined, token_store.read(text.paths, text.tokenizer, folder, **text.reading), folder)
  if numbered:
    return token_store.encode(numbered, text.vocabulary.index, progress=progress)
  return corpus.encode(text.paths, text.vocabulary.index, text.tokenizer, **text.reading, progress=progress)


def key(config, text: Text, *more: str) -> str:
  """A hash of the text as it is read, of its vocabulary and of some settings: what is made of the same is the same."""
  keys = ("tokenizer", "lowercase", "encoding", "errors", *more)
  parts = [text.fingerprint, text.vocabulary.words, [config[key] for key in keys]]
  return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def done(text: Text) -> None:
  """Forgets the numbered text, once it is not needed any more."""
  if text.numbered:
    text.numbered.file.close()  # and so deleted


@contextlib.contextmanager
def bar(label: str):
  """A progress bar over bytes: gives a function of the bytes done and in all."""
  with tqdm(desc=label, unit="B", unit_scale=True, leave=False) as shown:
    def progress(done: int, total: int) -> None:
      shown.total = total
      shown.update(done - shown.n)
    yield progress


def say(what: str, text: str, start: float | None = None) -> None:
  """Prints a line of the run's story."""
  print(f"{what:<11}{text}" + (f"  ({time.monotonic() - start:.1f} s)" if start is not None else ""), flush=True)

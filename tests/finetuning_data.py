"""Small fine-tuning tasks: labelled and tagged texts, word vectors, random transformers."""

import random

import jax
import numpy as np

from glove_jax import vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.interop import huggingface
from glove_jax.models import bert, gpt2, transformer
from glove_jax.word_vectors import WordVectors

NAMES = [f"name{i}" for i in range(12)]
WORDS = [f"w{i}" for i in range(9)] + ["good", "bad", "in", "Ann", "Smith", "Rome"]
SIZES = {"train": 120, "dev": 40, "test": 40}


def settings(files, suffix, **values):
  """Settings with the paths of all parts."""
  return {part: str(files / f"{part}{suffix}") for part in SIZES} | values


def write_word_tasks(folder):
  """Writes `PART.txt` and `PART.conll` for each part, and `vectors.txt` with most words."""
  for seed, (part, size) in enumerate(SIZES.items()):
    write_tagged(folder / f"{part}.conll", size, seed)
    write_labelled(folder / f"{part}.txt", size, seed)
  write_vectors(folder / "vectors.txt")
  return folder


def write_tagged(path, size, seed):
  """Writes sentences: locations follow `in`, other names are persons, digits have no tag."""
  rng = random.Random(seed)
  lines = []
  for _ in range(size):
    words = [(f"w{rng.randrange(20)}", "O") for _ in range(rng.randrange(1, 5))]
    words += [(rng.choice(NAMES).title(), "B-PER"), ("Smith", "I-PER")] * rng.randrange(2)
    words += [("in", "O"), (f"Town{rng.randrange(30)}", "B-LOC")] * rng.randrange(2)
    lines += [f"{word}\t{tag}" for word, tag in words] + [""]
  path.write_text("\n".join(lines))


def write_labelled(path, size, seed):
  """Texts of two classes, with one word that tells the class."""
  rng = random.Random(seed)
  lines = []
  for _ in range(size):
    label = rng.choice(["bad", "good"])
    words = [f"w{rng.randrange(20)}" for _ in range(rng.randrange(1, 9))]
    words.append(f"{label}{rng.randrange(6)}")
    lines.append(f"{label} {' '.join(rng.sample(words, len(words)))}\n")
  path.write_text("".join(lines))


def write_vectors(path):
  """Random vectors; the first dimension tells the classes apart."""
  words = [f"w{i}" for i in range(15)] + NAMES + ["in", "smith", "other"]
  words += [f"{label}{i}" for label in ("bad", "good") for i in (0, 1, 2, 3, 9)]
  vectors = np.random.default_rng(0).normal(scale=0.5, size=(len(words), 6)).astype(np.float32)
  for row, word in enumerate(words):
    vectors[row, 0] += 4 * (word.startswith("good") - word.startswith("bad"))
  vector_files.save(WordVectors(words, vectors), path)


def write_transformer_tasks(folder):
  """Writes `PART.txt`, `PART.pairs` and `PART.conll` for each part, and random `bert` and `gpt`."""
  for seed, (part, size) in enumerate([("train", 160), ("dev", 40), ("test", 40)]):
    write_subword_labelled(folder / f"{part}.txt", size, seed)
    write_subword_labelled(folder / f"{part}.pairs", size, seed, pairs=True)
    write_subword_tagged(folder / f"{part}.conll", size, seed)
  write_bert(folder / "bert")
  write_gpt(folder / "gpt")
  return folder


def write_subword_labelled(path, size, seed, *, pairs=False):
  """One word tells the class; of pairs, that of the second text."""
  rng = random.Random(seed)
  lines = []
  for _ in range(size):
    first, second = (rng.choice(["good", "bad"]) for _ in range(2))
    filler = " ".join(f"w{rng.randrange(9)}" for _ in range(rng.randrange(5)))
    if pairs:
      lines.append(f"{second}\t{first} {filler}\t{filler} {second}\n")
    else:
      lines.append(f"{first}\t{filler} {first}\n")
  path.write_text("".join(lines))


def write_subword_tagged(path, size, seed):
  """Writes sentences: persons have one name or two, and locations follow `in`."""
  rng = random.Random(seed)
  lines = []
  for _ in range(size):
    words = [(f"w{rng.randrange(9)}", "O") for _ in range(rng.randrange(1, 4))]
    words += [("Ann", "B-PER"), ("Smith", "I-PER")][: rng.randrange(3)]
    words += [("in", "O"), ("Rome", "B-LOC")] * rng.randrange(2)
    lines += [f"{word}\t{tag}" for word, tag in words] + [""]
  path.write_text("\n".join(lines))


def write_bert(folder):
  """A BERT of 16 dimensions and 24 positions."""
  tokenizer = subword_tokenizers.train("wordpiece", lambda: [" ".join(WORDS)] * 3, vocab_size=120)
  config = _small(bert.CONFIG, tokenizer)
  _save(folder, bert.init(jax.random.key(0), config), config, tokenizer)


def write_gpt(folder):
  """A GPT of the same size."""
  tokenizer = subword_tokenizers.train("bpe", lambda: [" ".join(WORDS)] * 3, vocab_size=280)
  config = _small(gpt2.CONFIG, tokenizer)
  _save(folder, transformer.init(jax.random.key(0), config), config, tokenizer)


def _small(config, tokenizer):
  vocab_size = tokenizer.get_vocab_size()
  return config._replace(
    vocab_size=vocab_size, dim=16, layers=2, heads=2, feedforward_dim=16, positions=24
  )


def _save(folder, params, config, tokenizer):
  def enlarged(leaf):  # so small a model hardly learns from the usual deviation
    return np.asarray(leaf * (5 if leaf.ndim == 2 else 1))

  huggingface.save(folder, jax.tree.map(enlarged, params), config)
  subword_tokenizers.save(tokenizer, folder / "tokenizer.json")

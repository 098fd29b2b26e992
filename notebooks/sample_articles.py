"""Sentences of the sample corpus, labelled: from an article about nature, a person or a place?

A notebook imports this file from its own folder: `import sample_articles`.
"""

import bz2
import re

from glove_jax.data.text import corpus, wikitext

Labelled = tuple[list[str], list[str]]  # texts, labels

# Part of the data -> label -> titles. No article is in two parts: its own names would give the
# label away.
ARTICLES = {
  "train": {
    "nature": ("Amphibian", "Alkali metal", "Alkane", "Algae", "Albedo"),
    "person": ("Abraham Lincoln", "Aristotle", "Albert Einstein", "Andre Agassi", "Ayn Rand"),
    "place": ("Albania", "Alabama", "Alaska", "Azerbaijan", "Andorra"),
  },
  "dev": {
    "nature": ("Acid", "Aardvark"),
    "person": ("Aldous Huxley", "Albert Sidney Johnston"),
    "place": ("Alberta",),
  },
  "test": {
    "nature": ("Anatomy", "Aardwolf"),
    "person": ("Arthur Schopenhauer", "Andrei Tarkovsky"),
    "place": ("Algeria", "Angola"),
  },
}


def read() -> tuple[dict[str, Labelled], list[str]]:
  """Returns labelled sentences, and text to pretrain on.

  Returns:
    `train`, `dev` or `test` -> sentences of 6 to 24 words and their labels; and the paragraphs of
    all articles but those of `dev` and `test`.
  """
  pages = _read_pages()
  data: dict[str, Labelled] = {}
  for part, titles_by_label in ARTICLES.items():
    texts = []
    labels = []
    for label, titles in titles_by_label.items():
      sentences = [text for title in titles for text in _sentences(pages[title])]
      texts += sentences
      labels += [label] * len(sentences)
    data[part] = texts, labels
  for part in ("dev", "test"):
    for titles in ARTICLES[part].values():
      for title in titles:
        del pages[title]
  paragraphs = [paragraph for page in pages.values() for paragraph in page.splitlines()]
  return data, paragraphs


def _read_pages() -> dict[str, str]:
  """Returns title -> text of the articles of the sample corpus."""
  pages = {}
  with bz2.open(corpus.find_files("sample")[0]) as dump:
    for page in wikitext.page_texts(dump):
      title, _, text = page.partition("\n")
      if text:
        pages[title] = text
  return pages


def _sentences(page: str) -> list[str]:
  """Returns the sentences of a page that have 6 to 24 words."""
  texts = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", page)
  return [text for text in texts if 6 <= len(text.split()) <= 24]

"""Intrinsic evaluation of word vectors: do they rank word pairs as people do, do they solve analogies?

Scores move with the candidate set, the lower-casing and the coverage, so every score comes with how many of
the file's questions it rests on, and the settings are part of the report.
"""

import concurrent.futures
import os
import pathlib
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from glove_jax.errors import InputError
from glove_jax.evaluation import evaluation_sets
from glove_jax.evaluation.evaluation_sets import Pair, Section
from glove_jax.metrics import spearman
from glove_jax.word_vectors import WordVectors

METHODS = ("3cosadd", "3cosmul")
GROUPS = ("semantic", "syntactic", "total")
EPSILON = 1e-3  # Levy & Goldberg 2014, below equation 4.
CACHE = 1 << 21  # Bytes of cosines at a time: what stays in a core's second-level cache.
QUESTIONS = 64  # Questions scored at a time, for the same reason.
CJK = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def evaluate(vectors: WordVectors, *, similarity_files: Sequence[str] | None = None,
             analogy_files: Sequence[str] | None = None, lowercase: bool | str = "auto", restrict: int = 0,
             method: str = "3cosadd", compose: Callable[[str], np.ndarray] | None = None) -> dict:
  """Evaluates vectors on similarity and analogy files, by default on all that are here for their language.

  Args:
    vectors: what to evaluate.
    similarity_files, analogy_files: paths; None for those of `evaluation_sets.find_sets`, [] for none.
    lowercase: lower-case the questions? "auto" does if under 1 % of the vocabulary has an upper-case letter.
    restrict: answers come from the first so many words, and only questions within them count; 0 for all.
    method: "3cosadd" (Mikolov et al. 2013) or "3cosmul" (Levy & Goldberg 2014).
    compose: as for `similarity`; analogies are about words that have vectors.

  Returns:
    A JSON-ready dict: {"similarity": {set: {"spearman", "pairs", "of"}}, "analogy": {section: {"accuracy",
    "questions", "of"}, "semantic": …, "syntactic": …, "total": …}, "settings": {…}}. Accuracies are
    fractions; a score that rests on nothing is None.

  Raises:
    InputError: for a file that does not parse, naming its line.
  """
  found = evaluation_sets.find_sets(language(vectors))
  similarity_files = found.similarity if similarity_files is None else similarity_files
  analogy_files = found.analogy if analogy_files is None else analogy_files
  lower = _is_lower_case(vectors.words) if lowercase == "auto" else bool(lowercase)
  sections = _sections(analogy_files)
  pairs: dict[str, list[Pair]] = {}
  for path in similarity_files:
    pairs[_free(pathlib.Path(path).stem, pairs)] = evaluation_sets.read_pairs(path)
  solved = analogy(vectors, sections, lowercase=lower, restrict=restrict, method=method)
  return {
    "similarity": {name: similarity(vectors, rows, lowercase=lower, compose=compose)
                   for name, rows in pairs.items()},
    "analogy": solved if sections else {},
    "settings": {"words": len(vectors), "dim": vectors.dim, "lowercase": lower, "method": method,
                 "candidates": min(restrict, len(vectors)) or len(vectors)},
  }


def similarity(vectors: WordVectors, pairs: Sequence[Pair], *, lowercase: bool = False,
               compose: Callable[[str], np.ndarray] | None = None) -> dict:
  """Spearman's correlation of cosines with human scores, over the pairs whose words both have vectors.

  Args:
    compose: makes a vector for a word that has none, or zeros if it cannot; see `vector_files.composer`.

  Returns:
    {"spearman": r or None, "pairs": how many it is taken over, "of": how many there are}; with `compose` also
    "composed": {"spearman", "pairs"} over those of them that have such a word.
  """
  words = {_case(word, lowercase) for one, two, _ in pairs for word in (one, two)}
  table = {word: vectors.vectors[vectors.index[word]] for word in words if word in vectors.index}
  made = {word: compose(word) for word in sorted(words - table.keys())} if compose else {}
  made = {word: vector for word, vector in made.items() if vector.any()}
  table |= made
  known = [(_case(one, lowercase), _case(two, lowercase), score) for one, two, score in pairs]
  known = [pair for pair in known if pair[0] in table and pair[1] in table]
  def correlation(some: list[Pair]) -> dict:
    units = _unit(np.array([table[word] for pair in some for word in pair[:2]]).reshape(len(some) * 2, vectors.dim))
    found = spearman((units[::2] * units[1::2]).sum(1), [score for *_, score in some])
    return {"spearman": None if np.isnan(found) else found, "pairs": len(some)}
  unseen = [pair for pair in known if pair[0] in made or pair[1] in made]
  return {**correlation(known), "of": len(pairs), **({"composed": correlation(unseen)} if compose else {})}


def analogy(vectors: WordVectors, sections: Sequence[Section], *, lowercase: bool = False, restrict: int = 0,
            method: str = "3cosadd") -> dict:
  """The fraction of analogies solved, over the questions whose four words are all among the candidates.

  Returns:
    {section: {"accuracy": fraction or None, "questions": how many it is taken over, "of": how many there
    are}}, then the same for "semantic", "syntactic" and "total", which sum over questions, not over sections.
  """
  if method not in METHODS:
    raise InputError(f"The method is {method!r}, expected {' or '.join(METHODS)}.")
  candidates = min(restrict, len(vectors)) or len(vectors)
  rows = [_rows(vectors, section, lowercase, candidates) for section in sections]
  questions = np.concatenate([*rows, np.zeros((0, 4), np.int64)])
  right = solve(vectors.vectors[:candidates], questions[:, :3], method=method) == questions[:, 3]
  ends = np.cumsum([len(part) for part in rows])
  counts = [np.array([right[end - len(part) : end].sum(), len(part), len(section.questions)])
            for end, part, section in zip(ends, rows, sections, strict=True)]  # right, answerable, all
  groups = {
    "semantic": [count for count, section in zip(counts, sections, strict=True) if not section.syntactic],
    "syntactic": [count for count, section in zip(counts, sections, strict=True) if section.syntactic],
    "total": counts,
  }
  named = {section.name: count for section, count in zip(sections, counts, strict=True)}
  named |= {name: sum(group, np.zeros(3, int)) for name, group in groups.items()}
  return {name: {"accuracy": float(hits / asked) if asked else None, "questions": int(asked), "of": int(all_)}
          for name, (hits, asked, all_) in named.items()}


def solve(matrix: np.ndarray, questions: np.ndarray, *, method: str = "3cosadd") -> np.ndarray:
  """Answers "a is to b as c is to ?" by the best row that is none of a, b and c.

  Cosines are taken between the few hundred different words of the questions and a block of the vocabulary,
  and every question adds up three rows of that table: unlike a product a question, as cheap at any width.

  Args:
    matrix: [V, D], the candidates.
    questions: [Q, 3] rows of a, b and c.
    method: "3cosadd" or "3cosmul".

  Returns:
    [Q] rows; of equal scores the first; -1 if there is no candidate.
  """
  cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
  edges = np.linspace(0, len(matrix), cores + 1).astype(int)
  used, places = np.unique(questions, return_inverse=True)
  places = places.reshape(questions.shape)
  with concurrent.futures.ThreadPoolExecutor(cores) as pool:  # NumPy lets go of the GIL.
    parts = list(pool.map(lambda lo, hi: _solve(matrix, lo, hi, questions, used, places, method),
                          edges[:-1], edges[1:]))
  best = np.stack([score for score, _ in parts])  # [cores, Q]
  return np.stack([row for _, row in parts])[best.argmax(0), np.arange(len(questions))]


def _solve(matrix, low, high, questions, used, places, method):  # -> scores [Q], rows [Q] in low..high
  best, answer = np.full(len(questions), -np.inf, np.float32), np.full(len(questions), -1)
  asked = _unit(matrix[used])  # [U, D]
  step = int(np.clip(CACHE // (4 * max(1, len(used))), 64, 4096))
  for start in range(low, high, step):
    cosines = asked @ _unit(matrix[start : min(start + step, high)]).T  # [U, step]
    for first in range(0, len(questions), QUESTIONS):
      part = slice(first, first + QUESTIONS)
      scores = _combine(cosines, places[part], method)  # [q, step]
      inside = questions[part] - start
      at, which = np.nonzero((inside >= 0) & (inside < scores.shape[1]))
      scores[at, inside[at, which]] = -np.inf
      row = scores.argmax(1)
      score = scores[np.arange(len(row)), row]
      better = score > best[part]
      best[part] = np.where(better, score, best[part])
      answer[part] = np.where(better, row + start, answer[part])
  return best, answer


def _combine(cosines, places, method):  # cosines: [U, n], places: [q, 3] -> [q, n]
  a, b, c = places.T
  if method == "3cosadd":
    scores = cosines[b]
    scores += cosines[c]
    scores -= cosines[a]
  else:  # Levy & Goldberg's equation 4 takes (1 + cos) / 2: twice that ranks alike.
    scores = 1 + cosines[b]
    scores *= 1 + cosines[c]
    scores /= 1 + 2 * EPSILON + cosines[a]
  return scores


def language(vectors: WordVectors) -> str:
  """"zh" if most of the (first 50,000) words have a Chinese character, else "en"."""
  sample = vectors.words[:50_000]
  return "zh" if 2 * sum(map(bool, map(CJK.search, sample))) > len(sample) else "en"


def format_table(scores: dict) -> str:
  """Formats what `evaluate` returned for reading: scores, and the coverage that each rests on."""
  settings = scores["settings"]
  lines = [f"{settings['words']:,} words x {settings['dim']}; questions "
           f"{'lower-cased' if settings['lowercase'] else 'as written'}; {settings['method']} "
           f"among {settings['candidates']:,} words"]
  if not scores["similarity"] and not scores["analogy"]:
    lines.append("No evaluation sets: pip install -e '.[demo]', set GLOVE_JAX_DATA, or name your own files.")
  rows = []
  for name, row in scores["similarity"].items():
    for shown, part in ((name, row), ("  with a composed word", row.get("composed"))):
      if part:
        rows.append((shown, _digits(part["spearman"], ".3f"), f"{part['pairs']:,} of {row['of']:,} pairs"))
  lines += _block(("similarity", "Spearman", "coverage"), rows)
  rows = [(name, _digits(row["accuracy"], ".2%"), f"{row['questions']:,} of {row['of']:,} questions")
          for name, row in scores["analogy"].items()]
  lines += _block(("analogies", "accuracy", "coverage"), rows)
  return "\n".join(lines)


def format_neighbours(vectors: WordVectors, words: Sequence[str], topn: int = 10) -> str:
  """Formats the nearest neighbours of some words, with their cosines; InputError for an unknown word."""
  rows = vectors.nearest(vectors[list(words)], topn, exclude=[[vectors.row(word)] for word in words])
  width = max(map(_width, words), default=0)
  return "\n".join(_pad(word, width) + "  " + ", ".join(f"{other} {cosine:.3f}" for other, cosine in row)
                   for word, row in zip(words, rows, strict=True))


def _block(head, rows) -> list[str]:
  if not rows:
    return []
  first, second, third = (max(map(_width, column)) for column in zip(head, *rows, strict=True))
  table = [f"{_pad(one, first)}  {two:>{second}}  {three:>{third}}" for one, two, three in [head, *rows]]
  return ["", *table]


def _digits(score: float | None, form: str) -> str:
  return "-" if score is None else format(score, form)


def _width(text: str) -> int:
  """Columns on a terminal, where a Chinese character takes two."""
  return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
  return text + " " * (width - _width(text))


def _unit(rows):  # [N, D] -> [N, D]
  norms = np.linalg.norm(rows, axis=1, keepdims=True)
  return rows / np.where(norms > 0, norms, 1)


def _rows(vectors, section, lowercase, candidates) -> np.ndarray:  # -> [N, 4], the answerable questions
  found = [[vectors.index.get(_case(word, lowercase), candidates) for word in question]
           for question in section.questions]
  return np.array([rows for rows in found if max(rows) < candidates], np.int64).reshape(-1, 4)


def _case(word: str, lowercase: bool) -> str:
  return word.lower() if lowercase else word


def _is_lower_case(words: list[str]) -> bool:
  # Not "none has": a vocabulary's [PAD] or a stray word must not move every score.
  return 100 * sum(word != word.lower() for word in words) < len(words)


def _sections(paths: Sequence[str]) -> list[Section]:
  """The sections of all files, those renamed whose name is taken."""
  sections: dict[str, Section] = {}
  for path in paths:
    for section in evaluation_sets.read_analogies(path):
      name = section.name
      if name in GROUPS or name in sections:
        name = _free(f"{pathlib.Path(path).stem}/{name}", sections)
      sections[name] = section._replace(name=name)
  return list(sections.values())


def _free(name: str, taken) -> str:
  return next(new for new in [name, *(f"{name}-{i}" for i in range(2, len(taken) + 3))] if new not in taken)

"""Evaluation sets: word similarity and analogies in all layouts."""

import math
import pathlib
import re

from fuzz import reference
from fuzz.trials import Files, Reader
from glove_jax.evaluation import analogy_sets, similarity_sets

_SIMILARITY = [
  b"tiger\tcat\t7.35\ntiger\ttiger\t10.00\nbook\tpaper\t7,46\n",
  b"word1\tword2\tPOS\tSimLex999\tconc(w1)\nold\tnew\tA\t1.58\t2.72\nsmart\tintelligent\tA\t9.2\t1.75\n",
  b"Word 1,Word 2,Human (mean)\nlove,sex,6.77\n\"a, b\",cat,7.35\n",
  b"sun-n sunlight-n 50.0\nautomobile-n car-j 49\n",
  b"take;remove;V;6.81;SYNONYMS\nwalk;trail;V;4.81;COHYPONYMS\n",
  b"# comment\n1\t\xe4\xb8\xad\xe5\x9b\xbd\t\xe4\xba\xba\t3.5\n2\ta\tb\t1e-3\n",
]
_ANALOGIES = [
  b": capital\nAthens Greece Oslo Norway\nAthens Greece Paris France\n: gram1\na b c d\n",
  b"good better rough JJ_JJR rougher\ngood better big JJ_JJR bigger\n",
  b"dog\tcanine/animal\ncat\tfeline\nfox\tvulpine/\n",
  b"A,B,C,D\nE,F,G,H\n", b"rel a b c d\nrel e f g h\nrel2 a b c d\n", b"a b\tc d\te\tf\n",
]  # fmt: skip
_TOKENS = [b": ", b"\n: x\n", b"a b c d\n", b"\t1", b"/", b"-n", b"score", b"word1", b"JJ_JJR"]


def readers() -> list[Reader]:
  """Returns the readers of evaluation sets."""
  pairs = [{"en.test.data.txt": b"a\tb\nc d\te\n", "en.test.gold.txt": b"1.5\n2\n"}]
  pairs += [{"en.test.data.txt": data} for data in _SIMILARITY]
  questions = [{"a.questions": data} for data in _ANALOGIES]
  questions.append({
    "a.questions": b"good better rough\nbig bigger small\n",
    "a.answers": b"JJ_JJR rougher\nJJ_JJR smaller\n",
  })
  return [
    Reader("similarity_sets", pairs, _read_pairs, _check_pairs, _TOKENS),
    Reader("analogy_sets", questions, _read_questions, _check_questions, _TOKENS),
  ]


def _read_pairs(folder: pathlib.Path):
  return similarity_sets.read_pairs(folder / "en.test.data.txt")


def _check_pairs(pairs, files: Files) -> None:
  data = files["en.test.data.txt"]
  # Readers of CSV take quotes away inside a field too: "b"' is b'.
  unquoted = reference.decode(data).replace('"', "")
  texts = [reference.decode(content) for content in files.values()]
  lines = [line for line in texts[0].replace("\r", "\n").split("\n") if line.strip()]
  assert 0 < len(pairs) <= len(lines)
  for first, second, score in pairs:
    assert math.isfinite(score) and second
    assert first.replace('"', "") in unquoted
    assert first.strip() == first and second.strip() == second
    assert "\0" not in first + second
  fields = {field.strip().strip('"').strip() for text in texts for field in _split(text)}
  numbers = {reference.number(field) for field in fields}
  scores = {score for _, _, score in pairs}
  assert scores <= numbers, scores - numbers


def _split(text: str) -> list[str]:
  """Returns what stands between any delimiters."""
  parts = []
  for delimiters in ("\t", ";", ",", " ", " \t", " ,", ',"', ';"'):
    parts += re.split(f"[{delimiters}\n\r]", text)
  return parts


def _read_questions(folder: pathlib.Path):
  return analogy_sets.read_analogies(folder / "a.questions")


def _check_questions(sections, files: Files) -> None:
  text = reference.decode(files["a.questions"])
  lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
  rows = [line for line in lines if not line.strip().startswith(":")]
  questions = [question for section in sections for question in section.questions]
  for question in questions:
    assert len(question) == 4
    assert all(word and word == word.strip() and "\0" not in word for word in question)
    assert all(word in text for word in question[:3])
  if not sections[0].answers:
    assert len(questions) == len(rows)

r"""Asks word vectors: neighbours of words and of sums, similarity of two words.

python experiments/query.py --vectors=runs/glove
python experiments/query.py --vectors=pretrained --word=paris
python experiments/query.py --vectors=pretrained --analogy='king - man + woman' --json
python experiments/query.py --vectors=pretrained --similarity=paris,france

Without a question it opens a terminal with history and completion, and reads questions from a pipe,
one a line. Questions to vectors of lower-case words are lower-cased.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from absl import flags

from glove_jax.errors import InputError, printable, quote
from glove_jax.evaluation import neighbours, tables
from glove_jax.files import atomic_write
from glove_jax.progress import note
from glove_jax.word_vectors import WordVectors
from tools import program, terminal, vector_flags

FLAGS = flags.FLAGS
HELP = """\
paris                 its neighbours
king - man + woman    neighbours of a sum; spaces around + and -
man, king, woman      the same: man is to king as woman is to ?
paris ~ france        the cosine of two words
:top 20               how many neighbours
:help  :quit          Tab completes a word; Ctrl-D leaves too"""
_LEAVE = (":quit", ":q", ":exit")
_COMMANDS = ("help", "quit", "exit")  # that are understood without the colon


def define_flags():
  vector_flags.define()
  flags.DEFINE_string("word", None, "A word to list the neighbours of.")
  flags.DEFINE_string(
    "analogy", None, "A sum such as 'king - man + woman', or three words: man,king,woman."
  )
  flags.DEFINE_string("similarity", None, "Two words, as in paris,france.")
  flags.DEFINE_integer("top", 10, "How many neighbours.", lower_bound=1)
  json_flag = flags.Flag(
    parser=flags.ArgumentParser(),
    serializer=flags.ArgumentSerializer(),
    name="json",
    default=None,
    help_string="Prints the answers as JSON, or writes them to this file.",
    boolean=True,  # may stand without a value, which is "true" then
  )
  flags.DEFINE_flag(json_flag)


def main():
  asked = [FLAGS.word, FLAGS.analogy, FLAGS.similarity]
  if all(question is None for question in asked):
    _check_no_json()
    converse(vector_flags.load(), FLAGS.top)
    return
  vectors = vector_flags.load()
  answers = answer_flags(vectors)
  if FLAGS.json is None:
    print(format_answers(answers))
  elif FLAGS.json == "true":
    print(printable_json(answers))
  else:
    with atomic_write(FLAGS.json, errors="backslashreplace") as file:
      file.write(printable_json(answers) + "\n")


def _check_no_json() -> None:
  if FLAGS.json is not None:
    raise InputError("--json without a question, expected --word, --analogy or --similarity too.")


def answer_flags(vectors: WordVectors) -> dict[str, Any]:
  """Returns the answers to the questions in the flags, as evaluate.py writes them to JSON."""
  sums = []
  if FLAGS.word is not None:
    sums.append(vectors.words[vectors.row(neighbours.match_case(vectors, FLAGS.word))])
  if FLAGS.analogy is not None:
    analogy = neighbours.match_case(vectors, FLAGS.analogy)
    sums.append(neighbours.parse_analogy(vectors, analogy))
  answers = {}
  if sums:
    _note_zeros(vectors, sums)
    answers["neighbours"] = neighbours.records(neighbours.find(vectors, sums, FLAGS.top))
  if FLAGS.similarity is not None:
    pair = neighbours.match_case(vectors, FLAGS.similarity)
    words = neighbours.parse_pair(vectors, pair)
    _note_zeros(vectors, words)
    cosine = neighbours.finite(vectors.similarity(*words))
    answers["similarity"] = [{"words": list(words), "cosine": cosine}]
  return answers


def _note_zeros(vectors: WordVectors, queries: Sequence[str]) -> None:
  """Prints a note on words whose vectors are all zero."""
  words: dict[str, None] = {}
  for query in queries:
    words.update(dict.fromkeys(neighbours.zero_words(vectors, query)))
  for word in words:
    note(f"the vector of {quote(word)} is all zeros: its cosine with any word is 0")


def format_answers(answers: dict[str, Any]) -> str:
  """Returns answers as text; neighbours stand below each other, under their query if several."""
  blocks = []
  by_query = answers.get("neighbours", {})
  for query, nearest in by_query.items():
    pairs = [(each["word"], _number(each["cosine"])) for each in nearest]
    title = f"{printable(query, tables.MAX_WORD_LENGTH)}\n" if len(by_query) > 1 else ""
    blocks.append(title + tables.format_column(pairs))
  for pair in answers.get("similarity", []):
    blocks.append(f"{_number(pair['cosine']):6.3f}")
  return "\n\n".join(blocks)


def _number(cosine: float | None) -> float:
  return float("nan") if cosine is None else cosine


def printable_json(answers: dict[str, Any]) -> str:
  """Returns answers as JSON; what a terminal would obey in a word is escaped as JSON escapes it."""
  text = json.dumps(answers, ensure_ascii=False, indent=1, allow_nan=False)
  if all(map(str.isprintable, text.split("\n"))):
    return text
  return json.dumps(answers, indent=1, allow_nan=False)


def converse(vectors: WordVectors, top: int) -> None:
  """Answers questions from standard input, a line each, until it ends or the user leaves.

  Questions from a pipe are repeated before their answers.

  Raises:
    InputError: at the end, if questions from a pipe had no answer.
  """
  is_terminal = sys.stdin.isatty()
  if is_terminal:
    print(f"{len(vectors):,} words x {vectors.dim}\n{HELP}\n")
  failures = 0
  for line in terminal.lines(vectors.words, prompt="> "):
    if is_terminal:
      line = _with_colon(vectors, line)
    else:
      print(f"> {printable(line, tables.MAX_WORD_LENGTH)}", flush=True)
    try:
      if line in _LEAVE and line not in vectors:
        return
      top = _changed_top(vectors, line, top)
      print(answer(vectors, line, top), flush=True)
    except InputError as error:
      failures += 1
      print(error, file=sys.stderr, flush=True)
  if failures and not is_terminal:
    questions = "question" if failures == 1 else "questions"
    raise InputError(f"{failures:,} {questions} without an answer.")


def _with_colon(vectors: WordVectors, line: str) -> str:
  """Returns a line of a terminal, with the colon of a command that was typed without one."""
  if line not in _COMMANDS:
    return line
  if line not in vectors:
    return f":{line}"
  note(f"{line} is looked up as a word; :{line} is the command")
  return line


def _changed_top(vectors: WordVectors, line: str, top: int) -> int:
  """Returns how many neighbours to list from now on."""
  command, _, number = line.partition(" ")
  if command != ":top" or line in vectors:
    return top
  if not number.strip().isdecimal() or not int(number):
    raise InputError(f"{line!r}: expected a number of neighbours, as in :top 20.")
  return int(number)


def answer(vectors: WordVectors, line: str, top: int) -> str:
  """Returns the answer to a line of the terminal.

  Raises:
    InputError: for an unknown word, with near spellings, or for a line that is no question.
  """
  if line not in vectors and line.startswith((":help", ":top")):
    return HELP if line.startswith(":help") else f"{top} neighbours"
  line = neighbours.match_case(vectors, line)
  if line not in vectors and (" ~ " in line or len(neighbours.split_words(line)) == 2):
    pair = neighbours.parse_pair(vectors, line)
    _note_zeros(vectors, pair)
    return f"{vectors.similarity(*pair):6.3f}"
  query = neighbours.parse_analogy(vectors, line)
  _note_zeros(vectors, [query])
  (nearest,) = neighbours.find(vectors, [query], top).values()
  return tables.format_column(nearest)


if __name__ == "__main__":
  define_flags()
  program.run(main)

import time

import pytest

from glove_jax.data.text import cleaning
from glove_jax.errors import InputError


@pytest.mark.parametrize("steps, text, cleaned", [
  ("", " as it  is ", " as it  is "),
  ("nfkc", "ＡＢＣ１２", "ABC12"),
  ("html", "a<br />b &amp; c", "a b & c"),
  ("urls,users", "see https://a.b/c?d www.x.y, @you a@b.c", "see <url> <url> <user> a@b.c"),
  ("numbers", "3.14 or 1,000 in 1999", "<number> or <number> in <number>"),
  ("repeats", "sooooo good!!!!!!", "sooo good!!!"),
  ("html, spaces", " a<p>b\n\nc ", "a b c")])
def test_each_step(steps, text, cleaned):
  assert cleaning.make(steps)(text) == cleaned


def test_steps_follow_their_order_and_unknown_ones_are_named():
  assert cleaning.make("nfkc,numbers")("１２") == "<number>"
  with pytest.raises(InputError, match="there is no 'htm', expected some of nfkc, html"):
    cleaning.make("urls,htm")


@pytest.mark.parametrize("step", cleaning.STEPS)
@pytest.mark.parametrize("text", [
  "a", "1.", "1,,", "@a", "<a", "&#", "&#9", "http://", "\u0301\u0316", "\ufdfa", "aab", " ",
])
def test_steps_take_linear_time(step, text):
  clean = cleaning.make(step)
  start = time.process_time()
  clean(text * 100_000)
  clean(text + "9" * 100_000)
  assert time.process_time() - start < 5

"""Character references are resolved as by Python, whatever their length."""

import html

import pytest

from glove_jax.data.text import entities


@pytest.mark.parametrize(
  "text", ["&amp;nbsp;", "&#65;&#x4e2d;", "&#0;&#xd800;&#1114112;", "a & b &"]
)
def test_references_are_those_of_html(text):
  assert entities.unescape(text) == html.unescape(text)


@pytest.mark.parametrize("text", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000, "&#" + "0" * 5000])
def test_a_number_of_thousands_of_digits_is_no_character(text):
  assert entities.unescape(f"a{text}b"[:-1]) == "a\ufffd"

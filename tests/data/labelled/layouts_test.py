"""Layouts in words, and as JSON and back."""

import json

import pytest

from glove_jax.data.labelled import layouts
from glove_jax.data.labelled.layouts import Layout

TABLE = Layout(
  "csv", ";", "double", True, label="stars", texts=("title", "body"), width=4,
  indices=(0, 2, 3), unused=("id",),
)


@pytest.mark.parametrize(
  "layout, words",
  [
    (TABLE, "csv with ';': label in column stars, text in title + body; not read: id"),
    (TABLE._replace(delimiter=",", unused=()), "csv: label in column stars, text in title + body"),
    (Layout("fasttext"), "fasttext"),
  ],
)
def test_a_layout_is_described_in_a_few_words(layout, words):
  assert layout.describe() == words


def test_a_layout_comes_back_from_json():
  assert layouts.from_json(json.loads(json.dumps(TABLE._asdict()))) == TABLE


@pytest.mark.parametrize(
  "values",
  [
    None, [], {}, {"width": 2}, {"format": 3}, {"format": "csv", "other": 1},
    {"format": "csv", "texts": "title"}, {"format": "csv", "indices": ["0"]},
    {"format": "csv", "width": True},
  ],
)
def test_other_values_are_no_layout(values):
  assert layouts.from_json(values) is None

"""What notebooks share: their pictures and the labelled sentences."""

import importlib
import itertools
import pathlib

import pytest

NOTEBOOKS = pathlib.Path(__file__).resolve().parent.parent / "notebooks"


@pytest.fixture(autouse=True)
def folder_of_notebooks(monkeypatch):
  monkeypatch.syspath_prepend(str(NOTEBOOKS))
  monkeypatch.setenv("MPLBACKEND", "agg")


def test_pictures_show_numbers_and_names():
  pytest.importorskip("matplotlib")
  pytest.importorskip("IPython")
  pictures = importlib.import_module("pictures")
  table = pictures.heat_map([[2, 0], [0, 1]], ["cat", "dog"], ["a", "b"], title="counts")
  assert [text.get_text() for text in table.texts] == ["2", "·", "·", "1"]
  axis = table.get_figure().add_subplot()
  pictures.curves({"train": ([1, 2], [4, 3]), "dev": ([1], [5])}, title="", xlabel="", axis=axis)
  assert sorted(text.get_text() for text in axis.texts) == ["dev", "train"]
  assert pictures.scores({"cnn": {"accuracy": [0.7, 0.8]}}).data.startswith(b"\x89PNG")


def test_no_article_is_in_two_parts_of_the_labelled_sentences():
  articles = importlib.import_module("sample_articles").ARTICLES
  titles = [titles for part in articles.values() for titles in part.values()]
  everything = list(itertools.chain(*titles))
  assert len(everything) == len(set(everything))

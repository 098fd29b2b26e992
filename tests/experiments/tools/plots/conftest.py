"""Keeps the figures that are saved, which are drawn as well."""

import pytest

from tools.plots import look


@pytest.fixture
def saved(monkeypatch):
  """The figures that are saved."""
  pytest.importorskip("matplotlib", reason="needs the extra plots")
  figures = []
  save = look.save

  def record(figure, path):
    figures.append(figure)
    save(figure, path)

  monkeypatch.setattr(look, "save", record)
  return figures

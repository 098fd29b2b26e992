"""The look of pictures: files, names beside lines."""

import importlib.util
import itertools

import pytest

from glove_jax.errors import InputError
from tools.plots import look
from tools.plots.look import End

pytest.importorskip("matplotlib", reason="needs the extra plots")


def test_a_picture_that_cannot_be_drawn_is_refused(monkeypatch):
  look.check(None)
  look.check("a.png")
  with pytest.raises(InputError, match=r"--plot=a\.txt: expected a name that ends in one of .*png"):
    look.check("a.txt")
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  with pytest.raises(InputError, match=r"needs matplotlib: .* -m pip install -e '\.\[plots\]'"):
    look.check("a.png")


def test_a_picture_is_saved_in_the_format_of_its_name_always_alike(tmp_path):
  contents = []
  for name in ("a.svg", "b.svg", "c.png"):
    with look.style():
      figure = look.figure(2, 1)
      figure.subplots().plot([1, 2], [3, 4])
      look.save(figure, tmp_path / name)
    contents.append((tmp_path / name).read_bytes())
  assert contents[0] == contents[1] and b"<svg" in contents[0]
  assert contents[2].startswith(b"\x89PNG")


def test_values_that_are_too_close_are_moved_apart_around_their_mean():
  assert look.spread([1.0, 5.0], 1.0) == [1.0, 5.0]
  assert look.spread([1.0, 1.0], 1.0) == [0.5, 1.5]
  assert look.spread([0.0, 0.1, 0.2, 9.0], 1.0) == pytest.approx([-0.9, 0.1, 1.1, 9.0])
  moved = look.spread([0.0, 0.9, 1.0, 1.9], 1.0)  # the second pair moves into the first
  gaps = [b - a for a, b in itertools.pairwise(moved)]
  assert min(gaps) >= 1 - 1e-9


def test_names_at_the_ends_of_lines_do_not_overlap(tmp_path):
  with look.style():
    figure = look.figure(5, 2.5)
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1])
    ends = [End(1, 0.5 + i / 100, f"line {i}", look.BLUE) for i in range(4)]
    look.label_ends(axis, ends)
    look.save(figure, tmp_path / "a.png")
  renderer = figure.canvas.get_renderer()
  boxes = [text.get_window_extent(renderer) for text in axis.texts]
  assert [text.get_text() for text in axis.texts] == [end.text for end in ends]
  assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_labels_are_no_formulas_and_no_escapes():
  assert look.plain("a$b$\x1b[31m") == r"a\$b\$\x1b[31m"
  assert len(look.plain("x" * 99)) == look.MAX_LENGTH

"""Fonts for characters that Matplotlib's own font lacks."""

import pytest

from glove_jax.errors import InputError
from tools.plots import fonts, look

pytest.importorskip("matplotlib", reason="needs the extra plots")


def test_latin_words_need_no_other_font():
  assert fonts.families(["king", "café", "\x1b"]) == [fonts.DEFAULT]


def test_without_a_font_the_message_says_what_to_install(monkeypatch):
  monkeypatch.setattr(fonts, "_candidates", lambda: [])
  with pytest.raises(InputError, match=r"no font has '国'; install one: .* -m pip install -e"):
    fonts.families(["国"])


def test_chinese_words_are_drawn_as_glyphs(tmp_path, recwarn):
  pytest.importorskip("paperang_p2_fonts_cjk", reason="needs the font of the extra plots")
  words = ["国王", "宝玉"]
  default, chinese = fonts.families(words)
  assert default == fonts.DEFAULT and chinese
  with look.style(words):
    figure = look.figure(3, 1)
    axis = figure.subplots()
    for word in words:
      axis.text(0.5, 0.5, word)
    look.save(figure, tmp_path / "a.png")
  # Matplotlib warns of a glyph that it draws as a box.
  assert not [warning for warning in recwarn if "missing from font" in str(warning.message)]


def test_a_font_without_a_bold_weight_is_used_without_a_warning(tmp_path, caplog):
  pytest.importorskip("paperang_p2_fonts_cjk", reason="needs the font of the extra plots")
  with look.style(["国王"]):
    figure = look.figure(3, 1)
    figure.subplots().set_title("国王", weight="bold")
    look.save(figure, tmp_path / "a.png")
  assert not [record for record in caplog.records if "font weight" in record.getMessage()]

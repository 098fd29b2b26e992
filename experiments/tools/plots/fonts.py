"""Fonts for characters that Matplotlib's own font lacks, such as Chinese ones."""

import importlib.util
import logging
import pathlib
from collections.abc import Iterable

from glove_jax import installation
from glove_jax.errors import InputError, quote

DEFAULT = "DejaVu Sans"  # comes with Matplotlib
_PACKAGE = "paperang_p2_fonts_cjk"  # of the extra `plots`: WenQuanYi Micro Hei
# How the names of files of fonts with Chinese characters begin, the preferred ones first.
_FILES = (
  "notosanscjksc", "notosanssc", "sourcehansanssc", "sourcehansanscn", "pingfang", "msyh",
  "wqy-microhei", "wqy-zenhei", "hiragino sans gb", "stheiti", "simhei", "notosanscjk",
  "sourcehansans", "droidsansfallback", "arial unicode", "simsun", "songti", "uming", "ukai",
)


def families(texts: Iterable[str]) -> list[str]:
  """Returns the families of fonts that draw some texts, in the order in which they are tried.

  Raises:
    InputError: no font of this machine has one of the characters.
  """
  characters = {ord(character) for text in texts for character in text if character.isprintable()}
  lacking = characters - _characters(_default_file())
  if not lacking:
    return [DEFAULT]
  best: pathlib.Path | None = None
  drawn: set[int] = set()
  for path in _candidates():
    here = lacking & _characters(path)
    if len(here) > len(drawn):
      best = path
      drawn = here
    if drawn == lacking:
      break
  if best is None:
    raise InputError(
      f"no font has {quote(chr(min(lacking)))}; install one: {installation.extra('plots')}, or a"
      " package of the system, such as fonts-noto-cjk."
    )
  return [DEFAULT, _register(best)]


def _candidates() -> list[pathlib.Path]:
  """Returns the files of fonts with Chinese characters, the preferred ones first."""
  from matplotlib import font_manager

  paths = []
  spec = importlib.util.find_spec(_PACKAGE)
  if spec is not None and spec.origin is not None:
    paths += sorted((pathlib.Path(spec.origin).parent / "fonts").glob("*.tt[cf]"))
  ranked = []
  for name in font_manager.findSystemFonts():
    path = pathlib.Path(name)
    for rank, beginning in enumerate(_FILES):
      if path.name.lower().startswith(beginning):
        is_regular = "regular" in path.name.lower() or "-" not in path.stem
        ranked.append((rank, not is_regular, path))
        break
  return [path for _, _, path in sorted(ranked)] + paths


def _default_file() -> pathlib.Path:
  from matplotlib import font_manager

  return pathlib.Path(font_manager.findfont(DEFAULT))


def _characters(path: pathlib.Path) -> set[int]:
  """Returns the code points that a font has; none of a file that cannot be read."""
  from matplotlib.ft2font import FT2Font

  try:
    return set(FT2Font(str(path)).get_charmap())
  except (OSError, RuntimeError):
    return set()


def _register(path: pathlib.Path) -> str:
  """Makes a font known to Matplotlib; returns its family."""
  from matplotlib import font_manager
  from matplotlib.ft2font import FT2Font

  font_manager.fontManager.addfont(str(path))
  # Few fonts with Chinese characters have a bold weight: the regular one does, without a warning.
  logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
  return FT2Font(str(path)).family_name

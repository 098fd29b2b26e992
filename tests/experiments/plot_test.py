"""plot.py: what is drawn of which source, and mistakes in one line."""

import json

import numpy as np
import pytest
from running import ROOT, run_program

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors

pytest.importorskip("matplotlib", reason="needs the extra plots")

WORDS = ["king", "queen", "man", "woman", "水", "a,b"]
VECTORS = WordVectors(WORDS, np.array([[1, 2], [0, 2], [1, 0], [0, 1], [1, 1], [3, 1]]))


@pytest.fixture(scope="module")
def plot():
  """The program as a module; its flags are not defined."""
  import importlib.util

  spec = importlib.util.spec_from_file_location("plot_program", ROOT / "experiments" / "plot.py")
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module


def test_groups_are_words_or_a_word_with_its_neighbours(plot):
  groups = plot.parse_groups(VECTORS, "king, queen；man;a,b", 2)
  assert groups["king"] == ["king", "queen"]
  assert groups["man"][0] == "man" and len(groups["man"]) == 3
  assert groups["a,b"][0] == "a,b"  # a word that holds a comma
  assert plot.parse_groups(VECTORS, "King,QUEEN", 1) == {"king": ["king", "queen"]}
  assert set(plot.parse_groups(VECTORS, "", 1)) == {"king", "水"}
  with pytest.raises(InputError, match="The word 'kings' is not among the 6 words; similar: king"):
    plot.parse_groups(VECTORS, "kings,man", 1)


def test_pairs_are_separated_by_commas_and_relations_by_semicolons(plot):
  relations = plot.parse_pairs(VECTORS, "man:woman, king:queen; 水：man")
  assert relations == [[("man", "woman"), ("king", "queen")], [("水", "man")]]
  assert plot.parse_pairs(VECTORS, "Man:Woman") == [[("man", "woman")]]
  with pytest.raises(InputError, match="'man': expected two words with a colon"):
    plot.parse_pairs(VECTORS, "man,king:queen")


@pytest.mark.parametrize(
  ("row", "name"),
  [
    ({"init": "a", "labels": 0, "scores": [1], "dev": []}, "draw_label_efficiency"),
    ({"method": "a", "wall": 1, "scores": {}}, "draw_comparison"),
    ({"tokens": 1, "dim": 2, "half_sweep": 3, "work": "", "ours": 1, "peer": 1, "unit": ""},
     "draw_scaling"),
    ({"work": "", "ours": 1, "peer": 1, "unit": ""}, "draw_benchmark"),
    ({"seed": 1, "fold": "", "cpu": 2, "test": {}}, "draw_repeats"),
    ({"experiment": "a", "strategy": "b", "test": []}, "draw_ablations"),
  ],
)
def test_rows_are_recognized_by_their_keys(plot, tmp_path, monkeypatch, row, name):
  drawn = []
  drawings = []
  for keys, draw in plot._DRAWINGS:
    def record(rows, path, called=draw.__name__):
      drawn.append((called, rows, path))

    drawings.append((keys, record))
  monkeypatch.setattr(plot, "_DRAWINGS", drawings)
  file = tmp_path / "rows.json"
  file.write_text(json.dumps([row]))
  plot.draw_rows(file, "a.png")
  assert drawn == [(name, [row], "a.png")]


@pytest.mark.parametrize("content", ["{}", "[]", "[1]", '[{"x": 1}]', "nothing"])
def test_other_json_is_refused(plot, tmp_path, content):
  file = tmp_path / "rows.json"
  file.write_text(content)
  with pytest.raises(InputError, match=r"rows\.json: "):
    plot.draw_rows(file, "a.png")


def test_names_of_runs_are_without_their_common_folder(plot, tmp_path):
  folders = [tmp_path / "runs" / "a", tmp_path / "runs" / "more" / "b"]
  assert plot._short_names(folders) == ["a", "more/b"]
  assert plot._short_names(folders[:1]) == ["a"]


def test_runs_have_curves_and_scores(plot, tmp_path):
  for name, scores in (("a", {"accuracy": 0.5, "confusion": []}), ("b", {"accuracy": 0.75})):
    (tmp_path / name).mkdir()
    (tmp_path / name / "metrics.json").write_text(json.dumps({"test": scores}))
    (tmp_path / name / "metrics.jsonl").write_text('{"step": 1, "time_s": 1.0, "loss": 2.0}\n')
  for kind in ("curves", "scores"):
    picture = tmp_path / f"{kind}.png"
    plot.draw_workdirs([tmp_path / "a", tmp_path / "b"], str(picture), kind)
    assert picture.read_bytes().startswith(b"\x89PNG")
  (tmp_path / "a" / "metrics.json").write_text("{}")
  (tmp_path / "a" / "metrics.jsonl").write_text("")
  for kind in ("curves", "scores"):
    with pytest.raises(InputError, match="expected some"):
      plot.draw_workdirs([tmp_path / "a"], "c.png", kind)


def test_the_program_draws_a_map(tmp_path):
  vector_files.save(VECTORS, tmp_path / "vectors.txt")
  arguments = ["--vectors=vectors.txt", "--words=king,queen,man", "--plot=map.png"]
  done = run_program("plot", *arguments, cwd=tmp_path)
  assert (done.returncode, done.stderr) == (0, "")
  assert done.stdout == "picture    map.png\n"
  assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
  done = run_program("plot", "--plot=c.png", cwd=tmp_path)
  assert done.stderr == "error: expected one of --vectors=…, --workdirs=… and --rows=….\n"
  assert done.returncode == 2 and not (tmp_path / "c.png").exists()

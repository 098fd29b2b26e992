"""Corpora and settings that a run refuses, for the tests of the library and of the program."""

BAD = {
  "missing": ("nowhere.txt", [], ["nowhere.txt: no such file"]),
  "glob": ("*.nothing", [], ["*.nothing matches no file"]),
  "folder": (".", [], ["is a folder, expected a text file"]),
  "empty": ("empty.txt", [], ["empty.txt: no words"]),
  "latin": ("latin.txt", [], ["latin.txt:2:", "not UTF-8"]),
  "truncated": ("cut.gz", [], ["cut.gz"]),
  "rare": ("rare.txt", ["min_count=50"], ["min_count=50", "occurs"]),
  "lonely": ("lonely.txt", [], ["no two words"]),
  "vocab": (
    "rare.txt",
    ["vocab=vocab.txt"],
    ["vocab.txt:2: 'two'", "expected a word, a space and a count"],
  ),
  "tokenizer": ("rare.txt", ["tokenizer=word"], ["tokenizer='word' is unknown", "words"]),
  "method": ("rare.txt", ["method=glov"], ["method='glov' is unknown"]),
  "optimizer": ("rare.txt", ["optimizer=adamm"], ["'adamm', expected one of"]),
  "schedule": ("rare.txt", ["schedule=slow"], ["schedule='slow', expected one of constant"]),
  "weighting": (
    "rare.txt",
    ["weighting=even"],
    ["weighting='even', expected one of inverse, flat"],
  ),
  "key": ("rare.txt", ["dmi=3"], ["there is no key 'dmi'; did you mean dim"]),
  "type": ("rare.txt", ["dim=many"], ["dim"]),
  "range": ("rare.txt", ["dim=0"], ["dim=0, expected at least 1"]),
  "window": ("rare.txt", ["window=0"], ["window=0, expected at least 1"]),
  "patience": ("rare.txt", ["patience=2"], ["patience needs a held-out loss"]),
  "recipe": (
    "rare.txt",
    ["method=glove_als"],
    ["method='glove_als' needs --config=", "glove_als.py"],
  ),
  "seed": ("rare.txt", ["seed=-1"], ["seed=-1, expected at least 0"]),
  "held_out": (
    "rare.txt",
    ["held_out=1e-9", "min_count=1"],
    ["held_out=1e-09 keeps none", "larger fraction"],
  ),
  "output": ("rare.txt", ["output=both"], ["output='both'", "aligned"]),
}


def write_files(folder):
  """Writes the files that the cases name."""
  (folder / "empty.txt").write_bytes(b"")
  (folder / "latin.txt").write_bytes("one two\ncaf\u00e9 three\n".encode("latin-1"))
  (folder / "rare.txt").write_text("one two three\none two four\n")
  (folder / "lonely.txt").write_text("one\none\n")
  (folder / "cut.gz").write_bytes(bytes.fromhex("1f8b0800000000000003"))
  (folder / "vocab.txt").write_text("one 2\ntwo\n")


def assert_nothing_half_written(folder):
  """Asserts that a folder holds no more than whole files of the stages before training."""
  left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
  counts = {f"cooccurrence/{name}" for name in ("meta.json", "indptr", "cols", "counts")}
  assert left <= {
    "config.json",
    "corpus.json",
    "vocab.txt",
    "run.json",
    "README.md",
    ".lock",
    *counts,
  }

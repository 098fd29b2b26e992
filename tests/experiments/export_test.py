"""export.py whole: what it writes and says, and its exit statuses."""

import exported_vectors
from running import run_program


def test_a_run_is_exported_and_bad_input_is_one_line(tmp_path):
  run = exported_vectors.write_run(tmp_path / "run", ["the", "of", "new york"])
  flags = [f"--vectors={run}", "--to=word2vec", f"--output={tmp_path / 'v.txt'}"]
  done = run_program("export", *flags)
  assert done.returncode == 2 and "'new york'" in done.stderr
  assert done.stderr.count("\n") == 1
  assert not (tmp_path / "v.txt").exists()
  done = run_program("export", *flags, "--skip_words", "--card")
  assert done.returncode == 0, done.stderr
  assert f"2 words x 6: {tmp_path / 'v.txt'}, word2vec" in done.stdout
  assert "note: left out 1 of 3 words" in done.stderr
  assert (tmp_path / "v.txt").read_text().startswith("2 6\nthe ")
  assert "python experiments/pretrain.py" in (tmp_path / "v.txt.README.md").read_text()


def test_an_unknown_format_is_named_before_anything_is_read(tmp_path):
  done = run_program("export", "--vectors=none", "--to=hdf5", f"--output={tmp_path / 'x'}")
  assert done.returncode == 2
  assert "expected one of word2vec, word2vec-binary, fasttext, spacy" in done.stderr


def test_a_library_may_name_the_format(tmp_path):
  run = exported_vectors.write_run(tmp_path / "run")
  done = run_program("export", f"--vectors={run}", "--to=gensim", f"--output={tmp_path / 'v.txt'}")
  assert done.returncode == 0, done.stderr
  assert f"{tmp_path / 'v.txt'}, word2vec  (" in done.stdout

"""Paths in temporary folders of runs are not shown."""

import pathlib
import tempfile

from glove_jax import temporary_folders


def test_paths_in_temporary_folders_are_not_shown(tmp_path):
  with temporary_folders.make() as folder:
    path = pathlib.Path(folder, "inputs", "vectors.npy")
    assert temporary_folders.display(path, "init") == "init"
    assert temporary_folders.display(str(path), "init") == "init"
    assert temporary_folders.after_colon(path) == ""
  for other in (tmp_path / "v.txt", tempfile.gettempdir(), "runs/glove_jax-a", "pretrained"):
    assert temporary_folders.display(other, "init") == str(other)
    assert temporary_folders.after_colon(other) == f": {other}"

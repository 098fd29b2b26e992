"""A wheel built from the repository, installed outside the checkout, gives the whole Python API."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).resolve().parent.parent

PROGRAM = """
import pathlib
import glove_jax as gj
assert "installed" in gj.__file__, gj.__file__
for name in gj.__all__:
  getattr(gj, name)
text = ["the fine film is fine", "the dull film is dull"] * 40
vectors = gj.pretrain(text, dim=8, epochs=1)
assert len(vectors.most_similar("film")) == 4
labels = ["good", "bad"] * 40
classifier = gj.finetune((text, labels), init=vectors, method="averaged")
predictions = classifier.predict(text)
assert set(predictions) <= {"good", "bad"}
classifier.save("saved")
assert gj.load("saved").predict(text) == predictions
"""


def test_a_wheel_works_outside_the_checkout(tmp_path):
  pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
  options = ["--no-deps", "--no-build-isolation", "--no-index"]
  source = tmp_path / "source"
  files = subprocess.run(
    ["git", "ls-files", "glove_jax", "pyproject.toml", "setup.py", "README.md", "LICENSE"],
    cwd=ROOT, capture_output=True, text=True, check=True,
  ).stdout.split()  # fmt: skip
  for name in files:  # a copy: building leaves folders in the source
    (source / name).parent.mkdir(parents=True, exist_ok=True)
    (source / name).write_bytes((ROOT / name).read_bytes())
  subprocess.run([*pip, "wheel", *options, "-w", tmp_path, source], check=True)
  (wheel,) = tmp_path.glob("*.whl")
  names = zipfile.ZipFile(wheel).namelist()
  assert "glove_jax/py.typed" in names
  assert not [name for name in names if name.startswith(("tests/", "experiments/"))]
  installed = tmp_path / "installed"
  subprocess.run([*pip, "install", *options, "--target", installed, wheel], check=True)
  env = {**os.environ, "PYTHONPATH": str(installed)}
  subprocess.run([sys.executable, "-c", PROGRAM], check=True, cwd=tmp_path, env=env)

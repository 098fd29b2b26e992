"""What Spark needs is named where it is missing."""

import builtins

import pytest

from glove_jax.data.spark import startup
from glove_jax.errors import InputError


def test_missing_packages_and_java_are_named(monkeypatch, tmp_path):
  pytest.importorskip("pyspark", reason="needs the extra spark")
  monkeypatch.setenv("PATH", str(tmp_path))
  monkeypatch.setenv("JAVA_HOME", str(tmp_path))
  with pytest.raises(InputError, match="engine=spark needs Java 17 or newer"), startup.opened(
    "local", tmp_path / "log"
  ):
    pass
  original = builtins.__import__

  def without_pyspark(name, *arguments, **keywords):
    if name.startswith("pyspark"):
      raise ImportError(name)
    return original(name, *arguments, **keywords)

  monkeypatch.setattr(builtins, "__import__", without_pyspark)
  with pytest.raises(InputError, match=r"needs pyspark and pyarrow: .*pip install"), startup.opened(
    "local", tmp_path / "log"
  ):
    pass


def test_workers_of_this_machine_share_its_files():
  local = [startup._is_local(master) for master in ("local", "local[2]", "local[*]")]
  assert local == [True, True, True]
  others = ("local-cluster[2,1,1024]", "spark://h:7077", "yarn")
  assert not any(map(startup._is_local, others))

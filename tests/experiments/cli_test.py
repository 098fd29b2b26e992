import pathlib
import subprocess
import sys

import pytest

EXPERIMENTS = pathlib.Path(__file__).resolve().parents[2] / "experiments"

CONFIG = """
import ml_collections
def get_config():
  return ml_collections.ConfigDict({"dim": 5, "corpus": "sample", "optim": {"rate": 0.1}})
"""

PROGRAM = f"""
import sys
sys.path[:0] = [{str(EXPERIMENTS)!r}, {str(EXPERIMENTS.parent)!r}]
import cli
from absl import flags, logging
from glove_jax.errors import InputError
FLAGS = flags.FLAGS
flags.DEFINE_string("do", "", "")
flags.DEFINE_integer("restrict", 0, "")
def main():
  logging.info("ours or not?")
  exec(FLAGS.do)
  print("dim", FLAGS.config.dim)
cli.run(main, config="config.py")
"""


@pytest.fixture
def start(tmp_path):
  (tmp_path / "program.py").write_text(PROGRAM)
  (tmp_path / "config.py").write_text(CONFIG)
  def run(*arguments):
    command = [sys.executable, "program.py", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    return done.returncode, done.stdout.strip(), done.stderr.strip()
  return run


def test_success(start):
  status, out, err = start("--config.dim=7", "--config.optim.rate=0.5")
  assert (status, out) == (0, "dim 7")
  assert "ours or not?" not in err  # A message of code outside the project, as this is: only warnings pass.


def test_another_config_is_the_one_that_overrides_are_of(start, tmp_path):
  (tmp_path / "other.py").write_text(CONFIG.replace("dim", "width"))
  do = "--do=print(FLAGS.config.width); sys.exit(0)"
  assert start("--config=other.py", "--config.width=9", do) == (0, "9", "")
  assert "--config.dim=9: there is no 'dim'" in start("--config", "other.py", "--config.dim=9")[2]


@pytest.mark.parametrize("arguments, message", [
  (["--do=raise InputError('v.txt:3: found 2, expected 3.')"], "v.txt:3: found 2, expected 3."),
  (["--do=open('nope.txt')"], "nope.txt: No such file or directory"),
  (["--do=open('/dev/full', 'w', buffering=1).write('x\\n')"], "[Errno 28] No space left on device"),
  (["--config.dimm=3"], "--config.dimm=3: there is no 'dimm', did you mean 'dim'?"),
  (["--config.optim.zzz=3"], "--config.optim.zzz=3: there is no 'zzz'"),
  (["--config.corpus.x=1"], "--config.corpus.x=1: string indices must be integers, not 'str'"),
  (["--config.dim=wide"], "flag --config.dim=wide: invalid literal for int() with base 10: 'wide'"),
  (["--config=other.py"], "other.py: No such file or directory"),
  (["--restrct=3"], "Unknown command line flag 'restrct'. Did you mean: restrict ?"),
  (["--restrict=few"], "flag --restrict=few: invalid literal for int() with base 10: 'few'"),
  (["restrict"], "unexpected argument 'restrict', expected flags only; --restrict=…?"),
])
def test_the_users_mistakes_are_one_line_and_status_2(start, arguments, message):
  assert start(*arguments) == (2, "", f"error: {message}")


def test_a_config_may_refuse_what_follows_its_colon(start, tmp_path):
  check = "get_config(kind):\n  from glove_jax.files import InputError\n  raise InputError(f'{kind}, expected small.')"
  (tmp_path / "other.py").write_text(CONFIG.replace("get_config():", check))
  assert start("--config=other.py:tiny") == (2, "", "error: tiny, expected small.")


def test_interruption(start):
  assert start("--do=raise KeyboardInterrupt") == (130, "", "error: interrupted")


def test_bugs_are_tracebacks_and_status_1_also_those_in_a_config(start, tmp_path):
  status, _, err = start("--do=1 / 0")
  assert status == 1 and "Traceback" in err and err.endswith("ZeroDivisionError: division by zero")
  (tmp_path / "config.py").write_text(CONFIG.replace("return", "ml_collections.ConfigDict().dim\n  return"))
  status, _, err = start()
  assert status == 1 and "Traceback" in err and "config.py" in err


def test_a_reader_that_stops_early_is_no_error(tmp_path, start):
  start_line = f"{sys.executable} program.py --do='print(\"x\" * 10**7)' | head -c 1; echo ${{PIPESTATUS[0]}}"
  done = subprocess.run(["bash", "-c", start_line], cwd=tmp_path, capture_output=True, text=True)
  assert (done.stdout, done.stderr) == ("x0\n", "")

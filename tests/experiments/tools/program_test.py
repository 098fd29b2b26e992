"""How programs start and stop: flags, exit statuses, huge pages, devices."""

import os
import subprocess
import sys

import pytest
from running import ENV, ROOT

CONFIG = """
import ml_collections
def get_config():
  return ml_collections.ConfigDict({
    "dim": 5, "corpus": "sample", "optim": {"rate": 0.1}, "verbose": True
  })
"""

PROGRAM = """
from absl import flags, logging
from glove_jax.errors import InputError, NonFiniteLoss
from tools import program
FLAGS = flags.FLAGS
flags.DEFINE_string("do", "", "")
flags.DEFINE_integer("restrict", 0, "")
def main():
  logging.info("ours or not?")
  exec(FLAGS.do)
  print("dim", FLAGS.config.dim)
program.run(main, config="config.py")
"""

# A program of its own settings, with an old spelling of one of its keys.
TYPED = """
'''Says what its settings are.'''
import dataclasses
from absl import flags
from glove_jax.settings import setting
from tools import program
@dataclasses.dataclass(frozen=True)
class Settings:
  method: str = setting("glove", "The method.")
  dim: int = setting(5, "Numbers of a vector.", former=("size",))
  loss: str = setting("ns", "The loss.", choices=("ns", "hs"))
  lower: bool = setting(True, "Lower the case.", former=("small",))
def main():
  print(flags.FLAGS.config.dim, flags.FLAGS.config.lower)
flags.DEFINE_integer("limit", 0, "Texts to read.")
program.run(main, config="config.py", settings={"glove": Settings})
"""

TYPED_CONFIG = """
import ml_collections
def get_config(dim="5"):
  return ml_collections.ConfigDict({"method": "glove", "dim": int(dim), "loss": "ns", "lower":
  True})
"""

PATHS = os.pathsep.join([str(ROOT / "experiments"), str(ROOT)])


def run(folder, *arguments):
  command = [sys.executable, "program.py", *arguments]
  environment = {**ENV, "PYTHONPATH": PATHS}
  done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
  return done.returncode, done.stdout.strip(), done.stderr.strip()


@pytest.fixture
def start(tmp_path):
  (tmp_path / "program.py").write_text(PROGRAM)
  (tmp_path / "config.py").write_text(CONFIG)
  return lambda *arguments: run(tmp_path, *arguments)


@pytest.fixture
def start_typed(tmp_path):
  (tmp_path / "program.py").write_text(TYPED)
  (tmp_path / "config.py").write_text(TYPED_CONFIG)
  return lambda *arguments: run(tmp_path, *arguments)


def test_success(start):
  status, out, err = start("--config.dim=7", "--config.optim.rate=0.5")
  assert (status, out) == (0, "dim 7")
  assert "ours or not?" not in err  # a message of code outside the project, as this is


def test_another_config_is_the_one_that_overrides_are_of(start, tmp_path):
  (tmp_path / "other.py").write_text(CONFIG.replace("dim", "width"))
  do = "--do=print(FLAGS.config.width); sys.exit(0)"
  assert start(
    "--config=other.py", "--config.width=9", f"{do}".replace("sys", "__import__('sys')")
  ) == (0, "9", "")
  assert (
    "--config.dim=9: there is no key 'dim'" in start("--config", "other.py", "--config.dim=9")[2]
  )


@pytest.mark.parametrize(
  ("arguments", "message"),
  [
    (["--do=raise InputError('v.txt:3: found 2, expected 3.')"], "v.txt:3: found 2, expected 3."),
    (["--do=open('nope.txt')"], "nope.txt: No such file or directory"),
    (["--do=open('\\x1b[31mred')"], "\\x1b[31mred: No such file or directory"),
    (
      ["--do=open('/dev/full', 'w', buffering=1).write('x\\n')"],
      "No space left on device",
    ),
    (["--config.dimm=3"], "--config.dimm=3: there is no key 'dimm'; did you mean dim?"),
    (["--config.optim.zzz=3"], "--config.optim.zzz=3: there is no key 'zzz'."),
    (["--config.corpus.x=1"], "--config.corpus.x=1: string indices must be integers, not 'str'"),
    (
      ["--config.dim=wide"],
      "dim='wide', expected a whole number.",
    ),
    (["--config=other.py"], "other.py: No such file or directory"),
    (["--restrct=3"], "Unknown command line flag 'restrct'. Did you mean: restrict ?"),
    (["--restrict=few"], "--restrict='few', expected a whole number."),
    (["--restrict=1.5: 2"], "--restrict='1.5: 2', expected a whole number."),
    (["--config.optim.rate=fast"], "optim.rate='fast', expected a number."),
    (["--config.verbose=maybe"], "verbose='maybe', expected True or False."),
    (["restrict"], "unexpected argument 'restrict', expected flags only; --restrict=…?"),
  ],
)
def test_the_users_mistakes_are_one_line_and_status_2(start, arguments, message):
  assert start(*arguments) == (2, "", f"error: {message}")


@pytest.mark.parametrize("argument", ["--config.{}=3", "--{}=3", "--config.dim={}"])
def test_very_long_names_and_values_are_one_line(start, argument):
  status, output, message = start(argument.format("long" * 1000))
  assert (status, output) == (2, "")
  assert "Traceback" not in message and len(message) < 1010 and "\n" not in message


def test_a_config_may_refuse_what_follows_its_colon(start, tmp_path):
  check = (
    "get_config(kind):\n  from glove_jax.errors import InputError\n"
    "  raise InputError(f'{kind}, expected small.')"
  )
  (tmp_path / "other.py").write_text(CONFIG.replace("get_config():", check))
  assert start("--config=other.py:tiny") == (2, "", "error: tiny, expected small.")


def test_a_config_without_variants_refuses_one(start):
  message = "error: --config=config.py:x: this recipe has no variants, expected nothing after .py"
  assert start("--config=config.py:x") == (2, "", message)


def test_interruption(start):
  assert start("--do=raise KeyboardInterrupt") == (130, "", "error: interrupted")


def test_a_loss_that_is_not_finite_is_one_line_and_status_1(start):
  assert start("--do=raise NonFiniteLoss('step 3: loss is nan')") == (
    1,
    "",
    "error: step 3: loss is nan",
  )


def test_bugs_are_tracebacks_and_status_1_also_those_in_a_config(start, tmp_path):
  status, _, err = start("--do=1 / 0")
  assert status == 1 and "Traceback" in err and err.endswith("ZeroDivisionError: division by zero")
  bug = CONFIG.replace("return", "ml_collections.ConfigDict().dim\n  return")
  (tmp_path / "config.py").write_text(bug)
  status, _, err = start()
  assert status == 1 and "Traceback" in err and "config.py" in err


def test_a_reader_that_stops_early_is_no_error(tmp_path, start):
  pipe = (
    f"{sys.executable} program.py --do='print(\"x\" * 10**7)' | head -c 1; echo ${{PIPESTATUS[0]}}"
  )
  environment = {**ENV, "PYTHONPATH": PATHS}
  done = subprocess.run(
    ["bash", "-c", pipe], cwd=tmp_path, env=environment, capture_output=True, text=True
  )
  assert (done.stdout, done.stderr) == ("x0\n", "")


def test_old_spellings_of_keys_are_rewritten_with_a_note(start_typed):
  status, out, err = start_typed("--config.size=7", "--noconfig.small")
  assert (status, out) == (0, "7 False")
  assert err.splitlines() == [
    "note: the key 'size' is now called 'dim'",
    "note: the key 'small' is now called 'lower'",
  ]
  assert start_typed("--config=config.py:9", "--config.lower=False") == (0, "9 False", "")


@pytest.mark.parametrize(
  ("arguments", "message"),
  [
    (
      ["--config.vector_size=3"],
      "--config.vector_size=3: there is no key 'vector_size'; did you mean dim?",
    ),
    (
      ["--config.zzz=3"],
      "--config.zzz=3: there is no key 'zzz'; the keys are dim, loss, lower, method.",
    ),
    (["--config=nowhere.py", "--config.dim=3"], "nowhere.py: No such file or directory"),
  ],
)
def test_an_unknown_key_is_answered_with_the_nearest(start_typed, arguments, message):
  assert start_typed(*arguments) == (2, "", f"error: {message}")


def test_help_without_a_config_is_a_success(tmp_path):
  source = PROGRAM.replace(', config="config.py"', "")
  (tmp_path / "program.py").write_text(f"\"\"\"Says something.\"\"\"{source}")
  status, out, err = run(tmp_path, "--help")
  assert (status, err) == (0, "")
  assert out.startswith("Says something.") and "--restrict" in out


def test_computations_are_in_float32_whatever_the_environment_says(tmp_path):
  source = PROGRAM.replace("from absl", "import jax.numpy as jnp\nfrom absl", 1)
  (tmp_path / "program.py").write_text(source.replace('print("dim", FLAGS.config.dim)', ""))
  (tmp_path / "config.py").write_text(CONFIG)
  environment = {**ENV, "PYTHONPATH": PATHS, "JAX_ENABLE_X64": "1"}
  command = [sys.executable, "program.py", "--do=print(jnp.ones(1).dtype)"]
  assert subprocess.check_output(command, cwd=tmp_path, env=environment) == b"float32\n"


@pytest.mark.parametrize("do", ["import jax", "import glove_jax; glove_jax.load"])
def test_a_variable_that_jax_cannot_read_is_one_line_wherever_jax_is_imported(tmp_path, do):
  (tmp_path / "program.py").write_text(PROGRAM)
  (tmp_path / "config.py").write_text(CONFIG)
  environment = {**ENV, "PYTHONPATH": PATHS, "JAX_NUMPY_RANK_PROMOTION": "no"}
  command = [sys.executable, "program.py", f"--do={do}"]
  done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
  message = "error: JAX_NUMPY_RANK_PROMOTION='no', expected one of allow, warn, raise.\n"
  assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_help_tells_flags_configs_and_keys(start_typed):
  status, out, err = start_typed("--help")
  assert (status, err) == (0, "")
  assert out.startswith("Says what its settings are.")
  assert "--limit: Texts to read." in out
  assert "experiments/configs/glove.py" in out
  assert "  dim=5: Numbers of a vector." in out
  assert "  loss=ns: The loss. One of ns, hs." in out


HUGE_PAGES = """
import os, sys
from tools import program
program.use_huge_pages()
print(os.environ.get("GLIBC_TUNABLES"), sys.argv[1:], os.getpid())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
@pytest.mark.parametrize("tunables", [None, "glibc.malloc.tcache_count=7"])
def test_a_program_starts_anew_but_once_with_the_same_arguments(tmp_path, tunables):
  (tmp_path / "program.py").write_text(HUGE_PAGES)
  environment = {**ENV, "PYTHONPATH": PATHS}
  if tunables:
    environment["GLIBC_TUNABLES"] = tunables
  for command in (["-c", HUGE_PAGES], ["-u", str(tmp_path / "program.py")]):
    process = subprocess.Popen(
      [sys.executable, *command, "--a=1", "b c"], env=environment, stdout=subprocess.PIPE, text=True
    )
    out, _ = process.communicate(timeout=120)
    expected = tunables or "glibc.malloc.hugetlb=1"
    assert out == f"{expected} ['--a=1', 'b c'] {process.pid}\n"


@pytest.mark.parametrize(("variable", "devices"), [(None, len(os.sched_getaffinity(0))), ("3", 3)])
def test_each_core_becomes_a_device_unless_the_environment_says_otherwise(variable, devices):
  code = (
    "from tools import program; program.use_device_per_core(); import jax;"
    " print(jax.local_device_count())"
  )
  environment = {**ENV, "PYTHONPATH": PATHS}
  del environment["JAX_NUM_CPU_DEVICES"]
  if variable:
    environment["JAX_NUM_CPU_DEVICES"] = variable
  out = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
  assert int(out) == devices


def test_older_emitters_compile_functions_with_the_same_results():
  code = """
import sys
from tools import program
if "older" in sys.argv:
  program.use_older_emitters()
import jax, jax.numpy as jnp
x = jnp.linspace(0, 1, 1000)
function = jax.jit(lambda x: (jnp.exp(x) * x + 1).at[jnp.array([3, 5])].add(2.0))
print(*function(x).tolist())
"""
  environment = {**ENV, "PYTHONPATH": PATHS}
  environment.pop("XLA_FLAGS", None)
  default, older = (
    subprocess.check_output([sys.executable, "-c", code, *arguments], env=environment, text=True)
    for arguments in ([], ["older"])
  )
  values = [list(map(float, out.split())) for out in (default, older)]
  assert values[0] == pytest.approx(values[1], rel=1e-6)

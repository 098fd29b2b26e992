"""Shared by tests of whole programs: starts pretrain.py, and scripts on N CPU devices."""

import os
import pathlib
import signal
import subprocess
import sys
import time

from glove_jax import checkpoint

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENV = {
  **os.environ,
  "JAX_PLATFORMS": "cpu",
  "JAX_NUM_CPU_DEVICES": "1",
  "GLOVE_JAX_DATA": "/nowhere",
}


def pretrain_command(config, workdir, corpus, *settings):
  """Returns a command of pretrain.py with `key=value` settings; later settings win."""
  return experiment_command("pretrain", config, workdir, f"corpus={corpus}", *settings)


def experiment_command(program, config, workdir, *settings):
  """The same of any program of experiments/ that takes a config."""
  return [
    sys.executable,
    ROOT / "experiments" / f"{program}.py",
    f"--config={ROOT / 'experiments' / 'configs' / config}.py",
    f"--workdir={workdir}",
    *(f"--config.{setting}" for setting in settings),
  ]


def run(command, *, environment=ENV, **kwargs):
  """Runs a command to its end on one device and captures its output."""
  return subprocess.run(command, env=environment, capture_output=True, text=True, **kwargs)


def kill_after_checkpoint(command, workdir, *, number=1):
  """Starts a run on one device and kills it once its folder holds `number` checkpoints."""
  process = subprocess.Popen(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
  while len(checkpoint.steps(workdir / "checkpoints")) < number and process.poll() is None:
    time.sleep(0.01)
  process.send_signal(signal.SIGKILL)
  process.wait()


def on_devices(devices, script, *arguments):
  """Runs Python source, which may import the tests, on a number of CPU devices."""
  path = os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
  env = {**ENV, "JAX_NUM_CPU_DEVICES": str(devices), "PYTHONPATH": path}
  subprocess.run([sys.executable, "-c", script, *map(str, arguments)], check=True, env=env)


def run_program(name, *arguments, **kwargs):
  """Runs a program of experiments/ to its end on one device, with what it says."""
  return run([sys.executable, ROOT / "experiments" / f"{name}.py", *arguments], **kwargs)

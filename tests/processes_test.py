"""Several processes train as one does, and one that is lost ends the run in one line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import finetuning_data
import numpy as np
import processes_worker
import pytest
import small_corpus
from running import ENV, ROOT, pretrain_command

from glove_jax import checkpoint


def free_port():
  with socket.socket() as connection:
    connection.bind(("localhost", 0))
    return connection.getsockname()[1]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
  folder = tmp_path_factory.mktemp("files")
  finetuning_data.write_word_tasks(folder)
  small_corpus.write_text(folder / "corpus.txt")
  for seed, part in enumerate(finetuning_data.SIZES):
    finetuning_data.write_subword_labelled(folder / f"{part}.pairs", 40, seed, pairs=True)
  finetuning_data.write_bert(folder / "bert")
  return folder


def start(script, *arguments, devices):
  path = os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
  env = {**ENV, "JAX_NUM_CPU_DEVICES": str(devices), "PYTHONPATH": path}
  command = [sys.executable, script, *map(str, arguments)]
  return subprocess.Popen(
    command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
  )


@pytest.mark.slow
def test_two_processes_of_two_devices_train_as_one_of_four(files, tmp_path):
  script = ROOT / "tests" / "processes_worker.py"
  one, two = tmp_path / "one", tmp_path / "two"
  one.mkdir()
  two.mkdir()
  address = f"localhost:{free_port()}"
  workers = [start(script, files, one, devices=4)]
  workers += [start(script, files, two, address, 2, index, devices=2) for index in (0, 1)]
  outputs = [worker.communicate(timeout=600)[0] for worker in workers]
  assert [worker.returncode for worker in workers] == [0, 0, 0], "\n".join(outputs)
  for name in [*processes_worker.PRETRAINING, *processes_worker.FINETUNING]:
    expected, params = np.load(one / f"{name}.npz"), np.load(two / f"{name}.npz")
    assert set(params) == set(expected)
    for leaf in expected:
      np.testing.assert_allclose(params[leaf], expected[leaf], rtol=1e-5, atol=1e-5, err_msg=name)
  assert json.loads((two / "scores.json").read_text()) == json.loads(
    (one / "scores.json").read_text()
  )


def start_pair(workdir, corpus):
  """Starts the two processes of a run of pretrain.py, 400 steps long."""
  address = f"localhost:{free_port()}"
  settings = ("min_count=1", "dim=6", "epochs=400", "save_every=20", "log_every=20")
  command = pretrain_command("glove", workdir, corpus, *settings)
  pair = []
  for index in (0, 1):
    several = [f"--coordinator={address}", "--num_processes=2", f"--process_id={index}"]
    pair.append(
      subprocess.Popen(
        [*command, *several], env={**ENV, "JAX_NUM_CPU_DEVICES": "2"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
      )
    )
  return pair


def wait_for_checkpoint(pair, workdir, before):
  """Waits for a checkpoint other than those that were there before."""
  while checkpoint.steps(workdir / "checkpoints") in (before, []):
    assert all(process.poll() is None for process in pair), pair[0].communicate()
    time.sleep(0.02)


def finish(pair, workdir):
  for process in pair:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
  return (workdir / "vectors.txt").read_bytes()


@pytest.mark.slow
def test_a_process_that_is_lost_or_interrupted_ends_the_run_which_goes_on(tmp_path):
  corpus = small_corpus.write_text(tmp_path / "corpus.txt")
  expected = finish(start_pair(tmp_path / "whole", corpus), tmp_path / "whole")
  workdir = tmp_path / "run"

  for victim, number in ((1, signal.SIGKILL), (0, signal.SIGKILL)):
    before = checkpoint.steps(workdir / "checkpoints")
    pair = start_pair(workdir, corpus)
    wait_for_checkpoint(pair, workdir, before)
    pair[victim].send_signal(number)
    _, errors = pair[1 - victim].communicate(timeout=300)  # 100 s where gloo does not notice
    assert pair[1 - victim].returncode == 1
    lines = [line for line in errors.splitlines() if not line.startswith("training:")]
    assert len(lines) == 1, errors
    assert lines[0].startswith(f"error: process {victim} has ended")
    assert "the same command on all processes goes on from" in lines[0]
    pair[victim].communicate()

  before = checkpoint.steps(workdir / "checkpoints")
  pair = start_pair(workdir, corpus)
  wait_for_checkpoint(pair, workdir, before)
  pair[1].send_signal(signal.SIGTERM)
  for process in pair:
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 143, errors
    assert "interrupted; the state of step" in errors.splitlines()[-1]
  assert finish(start_pair(workdir, corpus), workdir) == expected

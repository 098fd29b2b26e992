"""The command lines of count.py, and pretrain.py on what it leaves."""

import pytest
from running import pretrain_command, run, run_program
from small_corpus import write_text

import count
from glove_jax.errors import InputError

SETTINGS = ("dim=4", "epochs=1", "min_count=1", "window=3", "evaluate=False")


def count_command(workdir, corpus, *flags):
  settings = [f"--config.{setting}" for setting in (f"corpus={corpus}", *SETTINGS)]
  return ("count", f"--workdir={workdir}", *settings, *flags)


@pytest.mark.slow
def test_shards_by_command_train_the_vectors_of_one_process(tmp_path):
  for number in range(3):
    write_text(tmp_path / f"{number}.txt", seed=number)
  corpus = tmp_path / "*.txt"
  for stage in ("vocabulary", "pairs"):
    for number in (1, 0):
      flags = (f"--shard={number}/2", f"--stage={stage}")
      done = run_program(*count_command(tmp_path / "counts", corpus, *flags))
      assert done.returncode == 0, done.stderr
      assert f"shard {number}/2" in done.stdout
  done = run_program(*count_command(tmp_path / "counts", corpus, "--stage=merge"))
  assert done.returncode == 0, done.stderr
  direct = pretrain_command("glove_als", tmp_path / "direct", corpus, *SETTINGS)
  counted = pretrain_command(
    "glove_als", tmp_path / "counted", corpus, *SETTINGS, f"counts={tmp_path / 'counts'}")
  for command in (direct, counted):
    done = run(command)
    assert done.returncode == 0, done.stderr
  vectors = [(tmp_path / name / "vectors.txt").read_bytes() for name in ("direct", "counted")]
  assert vectors[0] == vectors[1]


def test_a_whole_corpus_is_counted_by_one_command(tmp_path):
  write_text(tmp_path / "text.txt")
  done = run_program(*count_command(tmp_path / "counts", tmp_path / "text.txt"))
  assert done.returncode == 0, done.stderr
  assert done.stdout.startswith("vocabulary 30 words, 800 tokens of")
  assert (tmp_path / "counts" / "cooccurrence" / "meta.json").exists()


def test_bad_input_is_one_line_and_status_2(tmp_path):
  write_text(tmp_path / "text.txt")
  command = count_command(tmp_path / "counts", tmp_path / "text.txt", "--shard=0/2")
  done = run_program(*command, "--stage=vocabulary")
  assert done.returncode == 2
  assert done.stderr.startswith("error: 2 shards of ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["4/4", "1", "a/b", "-1/4", "0/0", "1/2/3"])
def test_bad_shards_are_refused(text):
  with pytest.raises(InputError, match="expected i/n with i from 0 to n - 1"):
    count.parse_shard(text)


def test_shards_and_stages_go_together():
  assert count.parse_shard("3/4") == (3, 4)
  assert count.parse_shard(None) is None
  for shard, stage in (((0, 2), "pairs"), ((0, 2), "vocabulary"), (None, "merge"), (None, None)):
    count.check_flags(shard, stage)
  for shard, stage in (((0, 2), None), ((0, 2), "merge"), (None, "pairs")):
    with pytest.raises(count.app.UsageError, match="needs"):
      count.check_flags(shard, stage)

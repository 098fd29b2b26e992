"""benchmark.py whole, on small texts: what it runs, prints and writes."""

import json
import random
import sys

import pytest
from running import run_program


def benchmark(*arguments):
  return run_program("benchmark", *arguments)


@pytest.fixture
def text(tmp_path):
  rng = random.Random(0)
  words = [f"w{i}" for i in range(80)]
  weights = [1 / (i + 1) for i in range(80)]
  lines = [" ".join(rng.choices(words, weights, k=40)) for _ in range(300)]
  (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
  return tmp_path / "text.txt"


@pytest.fixture
def build(tmp_path):
  """Programs that take Stanford's flags and leave what they would."""
  folder = tmp_path / "build"
  folder.mkdir()
  glove = """import sys, pathlib
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
pathlib.Path(options["-save-file"] + ".txt").write_text("w0 1 2\\nw1 2 1\\nw2 1 1\\n")"""
  for name in ("vocab_count", "cooccur", "shuffle", "glove"):
    code = glove if name == "glove" else "import sys; sys.stdout.write(sys.stdin.read())"
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)
  return folder


@pytest.mark.slow
def test_rows_name_the_work_both_figures_and_their_ratio(tmp_path, text, build):
  done = benchmark(
    f"--corpus={text}", f"--peers=stanford:{build}", "--seeds=1", "--adagrad_epochs=1",
    "--dims=8,12", f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [row["work"] for row in rows] == [
    "raw text to vectors, 8d", "raw text to vectors, 12d", "counting", "reading and counting",
    "AdaGrad, 8d"]
  for row in rows:
    assert row["ratio"] == pytest.approx(row["ours"] / row["peer"])
    assert row["name"] == "stanford"
    assert row["work"] in done.stdout
  first, second = rows[:2]
  assert first["ours"] > 0 and first["peer"] > 0
  assert not first["extrapolated"]
  assert second["extrapolated"]
  assert 0 < first["peak_gb"] < first["memory_bound_gb"]


@pytest.mark.slow
def test_every_method_is_checked_and_measured_on_this_device(tmp_path):
  done = benchmark("accelerator", "--scale=tiny", f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stdout + done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert not [row for row in rows if "error" in row or "skipped" in row]
  assert rows[0]["work"] == "devices" and rows[0]["unit"] == "cpu"
  works = [row["work"] for row in rows]
  assert sum(work.startswith("check: ") for work in works) >= 17
  assert works[-13:] == [
    "copy, one device", "matmul, float32", "matmul, bfloat16", "skipgram", "cbow", "fasttext",
    "half sweep, 50d", "half sweep, 300d", "gpt training", "bert training", "bert encoding",
    "prediction, cnn", "prediction, bilstm"]
  for row in rows[-13:]:
    assert row["ours"] > 0 and row["first_seconds"] > 0 and row["seconds"] > 0
    if row["peer"] is not None:
      assert row["ratio"] == pytest.approx(row["ours"] / row["peer"])
    assert row["work"] in done.stdout


@pytest.mark.slow
def test_scaling_is_measured_and_drawn(tmp_path, text):
  pytest.importorskip("matplotlib")
  done = benchmark(
    f"--corpus={text}", "--tokens=0.004,0.008", "--dims=8,12", f"--json={tmp_path / 'rows.json'}",
    f"--plot={tmp_path / 'scaling.png'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["tokens"], row["dim"]) for row in rows] == [(4000, 8), (8000, 8), (4000, 12)]
  assert all(row["half_sweep"] > 0 and row["nonzeros"] > 0 for row in rows)
  assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_word2vec_is_measured_beside_gensim(tmp_path, text):
  pytest.importorskip("gensim")
  done = benchmark(
    f"--corpus={text}", "--models=skipgram,cbow", "--peers=gensim", "--dims=8", "--seeds=1",
    f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["work"], row["name"]) for row in rows] == [
    ("skipgram, 8d", "gensim"), ("cbow, 8d", "gensim")]
  for row in rows:
    assert row["unit"] == "s"
    assert row["ours"] > row["stages"]["training"] and row["peer"] > row["peer_stages"]["training"]


@pytest.mark.slow
def test_a_classifier_is_measured_beside_fasttext(tmp_path):
  pytest.importorskip("fasttext")
  rng = random.Random(0)
  for part in ("train", "test"):
    lines = [f"{n % 2} c{n % 2} w{rng.randrange(9)}\n" for n in range(200)]
    (tmp_path / part).write_text("".join(lines))
  done = benchmark(
    f"--train={tmp_path / 'train'}", f"--test={tmp_path / 'test'}", "--peers=fasttext",
    "--dims=8", "--seeds=2", "--settings=ngram_buckets=1000", f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  row, = json.loads((tmp_path / "rows.json").read_text())
  assert row["accuracies"] == row["peer_accuracies"] == [1.0, 1.0]
  assert row["ratio"] == pytest.approx(row["ours"] / row["peer_stages"]["training"])
  stages = [row["stages"][name] for name in ("texts", "model", "training")]
  assert row["ours"] == pytest.approx(sum(stages))
  assert 0 < row["stages"]["compiled"] < row["stages"]["training"]


@pytest.mark.slow
@pytest.mark.parametrize("peers", ["", "transformers"])
def test_a_gpt_is_measured_alone_or_beside_transformers(tmp_path, text, peers):
  if peers:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
  small = ("dim=16,layers=1,heads=2,context_length=24,max_vocab=270,batch_size=4,steps=25,"
           "warmup_steps=2")
  done = benchmark(f"--corpus={text}", "--language=gpt", f"--peers={peers}", f"--settings={small}",
                   f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  row, = json.loads((tmp_path / "rows.json").read_text())
  assert len(row["losses"]) == 25 and row["losses"][-1] < row["losses"][0] - 0.1
  assert len(row["speeds"]) == 2  # 5 steps that compile, then 15 and 5
  assert "gpt, 25 steps" in done.stdout
  if peers:
    assert len(row["peer_losses"]) == 25 and len(row["peer_speeds"]) == 2
    assert 0 < row["difference"] < 1e-3
    assert f"{row['difference']:.5f}" in done.stdout


@pytest.mark.slow
def test_a_gpt_that_cannot_be_compared_is_one_line(text):
  done = benchmark(f"--corpus={text}", "--language=gpt", "--settings=dropout=0.1")
  assert done.returncode == 2
  assert "dropout=0.1, expected 0.0" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("flags", "message"), [
  (
    ["--train=x", "--test=y"],
    "accelerator, --corpus=…, --load=…, --exports=…, --neighbours=…, both --train=… and --test=…",
  ),
  (["--predict=runs/a"], "or both --predict=… and --texts=…"),
  (["--dims=fifty"], "--dims has 'fifty', expected whole numbers"),
  (["--tokens=1,many"], "--tokens has 'many', expected millions of tokens"),
  (["--counting=many"], "--counting has 'many', expected billions of tokens"),
  (["--models=glove"], "--models has 'glove', expected some of skipgram"),
  (["--language=gpt", "--peers=gensim"], "gensim does not do this, expected transformers"),
  (["--models=cbow", "--peers=stanford:/nowhere"], "expected gensim or fasttext"),
  (["--peers=stanford:/nowhere"], "stanford:/nowhere: no program vocab_count"),
  (["--peers=stanford"], "expected stanford:FOLDER"),
  (["--peers=gensim"], "--peers=gensim does not do this, expected stanford:FOLDER"),
])
def test_flags_that_make_no_sense_are_one_line_before_anything_runs(text, flags, message):
  done = benchmark(f"--corpus={text}", *flags)
  assert done.returncode == 2 and done.stdout == ""
  assert message in done.stderr.splitlines()[-1]

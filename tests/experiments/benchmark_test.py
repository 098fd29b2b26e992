"""benchmark.py on a small text, beside programs that stand in for Stanford's: what it runs, prints and writes."""

import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV = {**os.environ, "JAX_PLATFORMS": "cpu", "GLOVE_JAX_DATA": "/nowhere"}


def benchmark(*arguments, **kwargs):
  return subprocess.run([sys.executable, ROOT / "experiments" / "benchmark.py", *arguments], env=ENV,
                        capture_output=True, text=True, **kwargs)


@pytest.fixture
def text(tmp_path):
  rng = random.Random(0)
  words = [f"w{i}" for i in range(80)]
  lines = (" ".join(rng.choices(words, [1 / (i + 1) for i in range(80)], k=40)) for _ in range(300))
  (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
  return tmp_path / "text.txt"


@pytest.fixture
def build(tmp_path):
  """Programs that take Stanford's flags and leave what they would."""
  folder = tmp_path / "build"
  folder.mkdir()
  glove = """import sys, pathlib
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert options["-x-max"] == "10" and options["-model"] == "2" and options["-write-header"] == "0"
print("iterations", options["-iter"])
pathlib.Path(options["-save-file"] + ".txt").write_text("w0 1 2\\nw1 2 1\\nw2 1 1\\n")"""
  for name in ("vocab_count", "cooccur", "shuffle", "glove"):
    code = glove if name == "glove" else "import sys; sys.stdout.write(sys.stdin.read())"
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)
  return folder


@pytest.mark.slow
def test_rows_name_the_work_both_figures_and_their_ratio(tmp_path, text, build):
  done = benchmark(f"--corpus={text}", f"--peers=stanford:{build}", "--seeds=1", "--adagrad_epochs=1", "--dims=8,12",
                   f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [row["work"] for row in rows] == ["raw text to vectors, 8d", "raw text to vectors, 12d", "counting",
                                           "reading and counting", "AdaGrad, 8d"]
  for row in rows:
    assert row["ratio"] == pytest.approx(row["ours"] / row["peer"])
    assert row["name"] == "stanford"
    assert row["work"] in done.stdout
  first, second = rows[:2]
  assert not first["extrapolated"]
  assert second["extrapolated"]
  assert second["peer_stages"]["glove"] > 5 * first["peer_stages"]["glove"]  # one iteration of 15, times 15
  assert 0 < first["peak_gb"] < first["memory_bound_gb"]


@pytest.mark.slow
def test_scaling_is_measured_and_drawn(tmp_path, text):
  pytest.importorskip("matplotlib")
  done = benchmark(f"--corpus={text}", "--tokens=0.004,0.008", "--dims=8,12", f"--json={tmp_path / 'rows.json'}",
                   f"--plot={tmp_path / 'scaling.png'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["tokens"], row["dim"]) for row in rows] == [(4000, 8), (8000, 8), (4000, 12)]
  assert all(row["half_sweep"] > 0 for row in rows)
  assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("peer", "message"), [
  ("stanford:/nowhere", "stanford:/nowhere: no program vocab_count"),
  ("stanford", "expected stanford:FOLDER"),
  ("gensim", "peer 'gensim' does not do this; expected stanford"),
])
def test_a_peer_that_is_not_there_is_told_before_anything_runs(tmp_path, text, peer, message):
  done = benchmark(f"--corpus={text}", f"--peers={peer}")
  assert done.returncode == 2
  assert message in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_word2vec_is_measured_beside_gensim(tmp_path, text):
  pytest.importorskip("gensim")
  done = benchmark(f"--corpus={text}", "--models=skipgram,cbow", "--peers=gensim", "--dims=8", "--seeds=1",
                   f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["work"], row["name"]) for row in rows] == [("skipgram, 8d", "gensim"), ("cbow, 8d", "gensim")]
  for row in rows:
    assert row["ours"] == pytest.approx(5 * 12_000 / row["stages"]["training"] / 1e6)
    assert row["peer"] == pytest.approx(5 * 12_000 / row["peer_stages"]["training"] / 1e6)


@pytest.mark.slow
def test_a_classifier_is_measured_beside_fasttext(tmp_path):
  pytest.importorskip("fasttext")
  rng = random.Random(0)
  for part in ("train", "test"):
    (tmp_path / part).write_text("".join(f"{n % 2} c{n % 2} w{rng.randrange(9)}\n" for n in range(200)))
  done = benchmark(f"--train={tmp_path / 'train'}", f"--test={tmp_path / 'test'}", "--peers=fasttext", "--dims=8",
                   "--seeds=2", "--settings=buckets=1000", f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  row, = json.loads((tmp_path / "rows.json").read_text())
  assert row["accuracies"] == row["peer_accuracies"] == [1.0, 1.0]
  assert row["ratio"] == pytest.approx(row["ours"] / row["peer_stages"]["training"])
  assert row["ours"] == pytest.approx(sum(row["stages"][name] for name in ("texts", "model", "training")))
  assert 0 < row["stages"]["compiled"] < row["stages"]["training"]


@pytest.mark.slow
def test_a_gpt_is_measured_beside_transformers(tmp_path, text):
  pytest.importorskip("torch")
  pytest.importorskip("transformers")
  small = "dim=16,layers=1,heads=2,window=24,max_vocab=270,batch_size=4,steps=25,warmup_steps=2"
  done = benchmark(f"--corpus={text}", "--language=gpt", "--peers=transformers", f"--settings={small}",
                   f"--json={tmp_path / 'rows.json'}")
  assert done.returncode == 0, done.stderr
  row, = json.loads((tmp_path / "rows.json").read_text())
  assert len(row["losses"]) == len(row["peer_losses"]) == 25 and row["losses"][-1] < row["losses"][0] - 0.1
  assert len(row["speeds"]) == len(row["peer_speeds"]) == 2  # 5 steps that compile, then 15 and 5
  assert 0 < row["difference"] < 1e-3
  assert f"{row['difference']:.5f}" in done.stdout


@pytest.mark.slow
def test_a_gpt_that_cannot_be_compared_is_one_line(text):
  done = benchmark(f"--corpus={text}", "--language=gpt", "--settings=dropout=0.1")
  assert done.returncode == 2
  assert "dropout=0.1, expected 0.0" in done.stderr.splitlines()[-1]


def test_texts_for_the_peer_are_as_ours_are_cut(tmp_path):
  import peers
  (tmp_path / "texts").write_text("新闻 标题\t1\nthe __label__x sun\t0\n")
  config = {"train": str(tmp_path / "texts"), "format": "auto", "encoding": "utf-8", "errors": "strict",
            "lowercase": None}
  file = peers.write_labelled({**config, "tokenizer": "characters"}, "train", tmp_path / "out")
  assert file.read_text().startswith("__label__1 新 闻 标 题\n__label__0 t h e _ _ l")
  file = peers.write_labelled({**config, "tokenizer": "whitespace"}, "train", tmp_path / "out")
  assert file.read_text() == "__label__1 新闻 标题\n__label__0 the sun\n"


@pytest.mark.parametrize(("flags", "message"), [
  (["--train=x", "--test=y"], "expected --corpus=…, or both --train=… and --test=…"),
  (["--dims=fifty"], "--dims=fifty; expected whole numbers"),
  (["--models=glove"], "--models=glove; expected some of skipgram"),
  (["--language=gpt", "--peers=gensim"], "peer 'gensim' does not do this; expected transformers"),
  (["--models=cbow", "--peers=stanford:/nowhere"], "expected gensim or fasttext"),
])
def test_flags_that_make_no_sense_are_one_line(text, flags, message):
  done = benchmark(f"--corpus={text}", *flags)
  assert done.returncode == 2
  assert message in done.stderr.splitlines()[-1]

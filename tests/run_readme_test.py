"""The README of a run: what it says of a finished run, and which files it leaves alone."""

import json
import sys

from glove_jax import finetuning, pretraining, run_readme


def write_pretrained(folder, **values):
  settings = pretraining.parse({"method": "word2vec", "corpus": "my text.txt", **values})
  (folder / "vectors.txt").write_text("a 1 2\n")
  (folder / "corpus.json").write_text(json.dumps({"files": ["my text.txt"]}))
  (folder / "metrics.jsonl").write_text('{"step": 7, "time_s": 1, "loss": 0.25}\n')
  run_readme.write(folder, settings, is_finished=True)
  return (folder / "README.md").read_text()


def test_a_finished_run_says_what_it_is_and_how_to_use_it(tmp_path):
  text = write_pretrained(tmp_path, dim=7)
  assert "# Word2vec vectors" in text and "Finished." in text
  assert "python experiments/pretrain.py \\\n    --config=experiments/configs/word2vec.py" in text
  assert "'--config.corpus=my text.txt'" in text and "--config.dim=7" in text
  assert "--config.window" not in text  # the default
  assert "* `my text.txt`" in text
  assert "* step 7, loss 0.25" in text
  assert "| `vectors.txt` |" in text and "| `model/` |" not in text
  assert f"evaluate.py --vectors={tmp_path}" in text
  assert f"gj.load_vectors('{tmp_path}')" in text


def test_keys_that_follow_from_others_are_not_in_the_command(tmp_path):
  text = write_pretrained(tmp_path)
  assert "--config.tokenizer" not in text and "--config.phrases" not in text
  settings = finetuning.parse({"method": "cnn", "train": "t.tsv"})
  assert settings.tokenizer == "whitespace" and settings.phrases == ""
  command = run_readme.command(tmp_path, settings)
  assert command.split(" \\\n    ")[3:] == ["--config.train=t.tsv"]
  other = finetuning.parse({"method": "cnn", "train": "t.tsv", "tokenizer": "unicode"})
  assert "--config.tokenizer=unicode" in run_readme.command(tmp_path, other)


def test_the_interpreter_is_called_as_from_the_current_folder(tmp_path, monkeypatch):
  settings = pretraining.parse({"method": "glove"})
  monkeypatch.chdir(tmp_path)
  monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
  assert run_readme.command(tmp_path, settings).startswith(".venv/bin/python experiments/")
  monkeypatch.setattr(sys, "executable", "/elsewhere/python")
  assert run_readme.command(tmp_path, settings).startswith("python experiments/")


def test_a_fine_tuned_run_has_scores_of_each_part(tmp_path):
  settings = finetuning.parse({"method": "bilstm", "train": "t.tsv"})
  (tmp_path / "metrics.json").write_text('{"test": {"accuracy": 0.81234, "errors": [1]}}')
  run_readme.write(tmp_path, settings, is_finished=True)
  text = (tmp_path / "README.md").read_text()
  assert "* test: accuracy 0.8123\n" in text
  assert "configs/classify.py" in text and "--config.method=bilstm" in text
  assert "--config.predict=new.txt" in text


def test_an_unfinished_run_says_so(tmp_path):
  settings = pretraining.parse({"method": "glove"})
  run_readme.write(tmp_path, settings, is_finished=False)
  text = (tmp_path / "README.md").read_text()
  assert "Not finished" in text and "## Use" not in text


def test_control_characters_are_escaped_and_damaged_files_do_no_harm(tmp_path):
  (tmp_path / "metrics.json").write_text("{")
  assert "\x1b" not in write_pretrained(tmp_path, corpus="a\x1b[31m.txt")


def test_a_readme_of_the_user_is_left_alone(tmp_path):
  (tmp_path / "README.md").write_text("mine")
  write_pretrained(tmp_path)
  assert (tmp_path / "README.md").read_text() == "mine"

"""generate.py with a small random GPT."""

import pytest
from finetuning_data import write_bert, write_gpt
from running import run_program


@pytest.mark.slow
def test_every_prompt_is_continued_as_the_seed_says(tmp_path):
  write_gpt(tmp_path)
  flags = [f"--model={tmp_path}", "--prompt=good w1", "--prompt=bad", "--max_new_tokens=4"]
  done = run_program("generate", *flags, "--temperature=5")
  assert done.returncode == 0, done.stderr
  texts = done.stdout.split("\n\n")
  assert texts[0].startswith("good w1") and len(texts[0]) > len("good w1")
  assert any(text.startswith("bad") for text in texts[1:])
  assert run_program("generate", *flags, "--temperature=5").stdout == done.stdout
  assert run_program("generate", *flags, "--temperature=5", "--seed=2").stdout != done.stdout


@pytest.mark.slow
def test_a_model_that_does_not_write_is_refused(tmp_path):
  write_bert(tmp_path)
  done = run_program("generate", f"--model={tmp_path}")
  assert done.returncode == 2 and "Traceback" not in done.stderr
  assert str(tmp_path) in done.stderr.splitlines()[-1]


def test_bad_flags_are_one_line():
  assert run_program("generate").stderr == "error: --model=… is required; --help shows an example\n"
  done = run_program("generate", "--model=/nowhere")
  assert done.returncode == 2 and "/nowhere" in done.stderr.splitlines()[-1]

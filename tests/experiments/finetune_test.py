"""What finetune.py adds to the library: its process."""

import os
import types

import pytest

import finetune
from tools import program


@pytest.mark.parametrize(
  ("method", "calls"),
  [
    ("cnn", []),
    ("fasttext_supervised", ["emitters"]),
    ("transformer", ["pages"]),
    ("transformer_tagger", ["pages"]),
  ],
)
def test_memory_and_compiler_suit_the_method(monkeypatch, method, calls):
  made = []
  monkeypatch.setattr(program, "use_huge_pages", lambda: made.append("pages"))
  monkeypatch.setattr(program, "use_older_emitters", lambda: made.append("emitters"))
  finetune.prepare_process(types.SimpleNamespace(method=method))
  assert made == calls


OLDER = "--xla_backend_extra_options=xla_cpu_disable_new_fusion_emitters"


@pytest.mark.parametrize(
  ("flags", "expected"),
  [
    (None, OLDER),
    (" --xla_cpu_enable_fast_math=false ", f"--xla_cpu_enable_fast_math=false {OLDER}"),
    ("--xla_backend_extra_options=a=b", "--xla_backend_extra_options=a=b"),
    ("flags.txt", "flags.txt"),
  ],
)
def test_older_emitters_are_added_to_the_flags(monkeypatch, flags, expected):
  monkeypatch.setenv("XLA_FLAGS", flags or "")
  if flags is None:
    monkeypatch.delenv("XLA_FLAGS")
  program.use_older_emitters()
  assert os.environ["XLA_FLAGS"] == expected
  program.use_older_emitters()
  assert os.environ["XLA_FLAGS"] == expected

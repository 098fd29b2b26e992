"""Counts the words and co-occurrences of a corpus, for pretrain.py, in one process or in many.

  python experiments/count.py --config=experiments/configs/glove_als.py \\
      --workdir=runs/counts --config.corpus='wiki*.txt'
  python experiments/pretrain.py --config=experiments/configs/glove_als.py \\
      --workdir=runs/glove --config.counts=runs/counts --config.dim=100

A corpus of many files can be counted by many processes, for example by a job array. They share
the folder --workdir; shard i is counted by the commands

  count.py … --shard=i/n --stage=vocabulary     of all shards, in any order
  count.py … --shard=i/n --stage=pairs          likewise, when all have their words
  count.py … --stage=merge                      once, when all have their pairs

The merged counts are those of one process, byte for byte. A command that was killed is started
again; what a shard has finished is not counted again.
"""

import pathlib
import re

from absl import app, flags

from glove_jax import pretraining
from glove_jax.errors import InputError, quote
from glove_jax.pretraining.count_settings import CountSettings
from tools import program

FLAGS = flags.FLAGS
STAGES = ("vocabulary", "pairs", "merge")
METHODS = [name for name, cls in pretraining.SETTINGS.items() if issubclass(cls, CountSettings)]


def define_flags():
  flags.DEFINE_string("workdir", None, "The folder of the counts.", required=True)
  flags.DEFINE_string("shard", None, "Which part of the files to count: i/n, from 0/n to n-1/n.")
  flags.DEFINE_enum("stage", None, STAGES, "What to do for a shard, or of all shards: merge.")


def main():
  settings = parse_settings()
  shard = parse_shard(FLAGS.shard)
  check_flags(shard, FLAGS.stage)
  workdir = pathlib.Path(FLAGS.workdir)
  from glove_jax.pretraining import count_shards  # imported late: --help needs no more than flags
  if shard:
    number, num_shards = shard
    count_shards.count_shard(
      settings, workdir, stage=FLAGS.stage, number=number, num_shards=num_shards
    )
  elif FLAGS.stage:
    count_shards.merge(settings, workdir)
  else:
    pretraining.count(settings, workdir)


def parse_settings() -> CountSettings:
  """Returns the settings of a method that counts."""
  settings = pretraining.parse(FLAGS.config)
  if not isinstance(settings, CountSettings):
    raise InputError(
      f"method={settings.method}: needs no counts, expected one of {', '.join(METHODS)}."
    )
  if settings.counts:
    raise InputError("counts is a key of pretrain.py, expected none for count.py.")
  return settings


def parse_shard(text: str | None) -> tuple[int, int] | None:
  """Returns (number, number of shards); None for None."""
  if text is None:
    return None
  match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
  if not match or int(match[1]) >= int(match[2]):
    raise InputError(f"--shard={quote(text)}, expected i/n with i from 0 to n - 1, such as 0/4.")
  return int(match[1]), int(match[2])


def check_flags(shard: tuple[int, int] | None, stage: str | None) -> None:
  """Raises UsageError unless a shard has a stage of its own and a merge has no shard."""
  if shard and stage not in ("vocabulary", "pairs"):
    raise app.UsageError("--shard needs --stage=vocabulary or --stage=pairs")
  if not shard and stage not in (None, "merge"):
    raise app.UsageError(f"--stage={stage} needs --shard=i/n, such as --shard=0/4")


if __name__ == "__main__":
  define_flags()
  program.run(
    main, config=program.CONFIGS / "glove_als.py", settings=pretraining.SETTINGS
  )

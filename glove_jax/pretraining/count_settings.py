"""Keys of the methods that learn from co-occurrence counts: what is counted, by what."""

import dataclasses
from dataclasses import dataclass

from glove_jax.errors import InputError
from glove_jax.pretraining import counted_settings
from glove_jax.pretraining.setting_groups import WordTextSettings
from glove_jax.settings import setting


@dataclass(frozen=True, kw_only=True)
class CountSettings(WordTextSettings):
  """What counts as co-occurrence."""

  counts: str = setting(
    "",
    "Folder of count.py, or a run, whose counts are used: the text is not read, and the keys of "
    "text, vocabulary and counting are those of the counts; empty: counted from the corpus.",
    names_files="fingerprinted",
  )
  window: int = setting(15, "Largest distance, in words, at which two words co-occur.", minimum=1)
  symmetric: bool = setting(True, "Count contexts on both sides; else those on the left only.")
  weighting: str = setting(
    "inverse",
    "Weight of a pair at distance d: inverse (1 / d) or flat (1).",
    choices=("inverse", "flat"),
  )
  memory_gb: float = setting(
    4.0, "Memory for counting, in GB; what does not fit is kept on disk.", above=0, resumable=True
  )

  engine: str = setting(
    "local",
    "What counts words and pairs: local (this process) or spark; the counts are the same.",
    choices=("local", "spark"),
    resumable=True,
  )
  spark_master: str = setting(
    "local[*]",
    "With engine=spark, its master: local[2] (two cores), spark://host:7077, yarn, k8s://host.",
    resumable=True,
  )
  spark_folder: str = setting(
    "",
    "With engine=spark, a folder for results on their way that all workers see, such as "
    "hdfs:///tmp; empty: the folder of the run, if they see it.",
    resumable=True,
  )

  def __post_init__(self):
    if self.counts:
      defaults = {field.name: field.default for field in dataclasses.fields(self)}
      values = counted_settings.taken_over(vars(self), defaults, self.counts)
      for key, value in values.items():
        object.__setattr__(self, key, value)
    super().__post_init__()
    if getattr(self, "patience", 0) and not getattr(self, "held_out", 0):
      raise InputError("patience needs a held-out loss; set held_out, for example to 0.01.")

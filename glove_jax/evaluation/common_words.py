"""Words whose neighbours are shown where the user names none."""

from glove_jax.word_vectors import WordVectors

WORDS = (
  "king", "france", "water", "music", "war", "river", "seven", "physics",
  "国家", "经济", "系统", "文件", "宝玉", "曹操", "水", "王",
)


def choose(vectors: WordVectors, count: int) -> list[str]:
  """Returns the first `count` of the words that have a vector."""
  return [word for word in WORDS if word in vectors][:count]

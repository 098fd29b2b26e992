"""Word vectors as a value: `WordVectors`.

`table` looks words up, `comparisons` compares them, `search` finds neighbours, and `vectors`
transforms, evaluates and saves the whole table. `vector_files` loads it.
"""

from glove_jax.word_vectors.cosines import normalize_rows
from glove_jax.word_vectors.search import Neighbours
from glove_jax.word_vectors.table import Query
from glove_jax.word_vectors.vectors import WordVectors

__all__ = ["Neighbours", "Query", "WordVectors", "normalize_rows"]

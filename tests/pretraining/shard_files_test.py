"""Files are dealt to shards of about equal sizes."""

from hypothesis import given
from hypothesis import strategies as st

from glove_jax.pretraining import shard_files


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.integers(1, 8))
def test_each_file_is_in_one_shard_and_shards_are_about_equal(sizes, num_shards):
  shares = shard_files.deal(sizes, num_shards)
  assert len(shares) == num_shards
  assert sorted(position for share in shares for position in share) == list(range(len(sizes)))
  assert all(share == sorted(share) for share in shares)
  loads = [sum(sizes[position] for position in share) for share in shares]
  assert max(loads) - min(loads) <= max(sizes)


def test_the_largest_files_are_dealt_first():
  assert shard_files.deal([1, 1, 1, 3], 2) == [[3], [0, 1, 2]]

"""Fingerprints of files tell their contents and order, not their names."""

from glove_jax.data.text import fingerprints


def write(folder, name, text):
  path = folder / name
  path.write_text(text)
  return path


def test_the_hash_is_of_contents_and_order(tmp_path):
  a, b = write(tmp_path, "a.txt", "ab"), write(tmp_path, "b.txt", "c")
  same = write(tmp_path, "other.txt", "ab")
  first = fingerprints.of_files([a, b])
  assert first == fingerprints.of_files([same, b])
  moved = fingerprints.of_files([write(tmp_path, "d.txt", "a"), write(tmp_path, "e.txt", "bc")])
  assert len({first, moved, fingerprints.of_files([b, a]), fingerprints.of_files([a])}) == 4

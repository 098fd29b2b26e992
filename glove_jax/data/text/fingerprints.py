"""Hashes of the contents of files, which tell whether a corpus is the one that was read before."""

import concurrent.futures
import hashlib
import os
from collections.abc import Iterable, Sequence

from glove_jax.data.text import streams


def of_files(paths: Sequence[str | os.PathLike]) -> str:
  """Returns a hash of the contents of all files in their order, whatever their names.

  Raises:
    InputError: a file cannot be read.
  """
  return combine(digests(paths))


def digests(paths: Sequence[str | os.PathLike]) -> list[bytes]:
  """Returns a hash of the contents of each file.

  Raises:
    InputError: a file cannot be read.
  """
  with concurrent.futures.ThreadPoolExecutor() as pool:  # hashlib releases the interpreter's lock
    return list(pool.map(_file_digest, paths))


def combine(file_digests: Iterable[bytes]) -> str:
  """Returns one hash for several files.

  Args:
    file_digests: of `digests`, in the order of the files.
  """
  return hashlib.blake2b(b"".join(file_digests), digest_size=16).hexdigest()


def _file_digest(path: str | os.PathLike) -> bytes:
  with streams.open_bytes(path) as file:
    return hashlib.file_digest(file, "blake2b").digest()

"""Which files of a corpus belong to which shard, and what the folder of a shard holds.

  WORKDIR/shards/corpus.json      the files of the corpus and the number of shards
  WORKDIR/shards/0-of-4/text.json   hashes of the shard's files, and the number of its tokens
  WORKDIR/shards/0-of-4/words.txt   its words, sorted, each with its count
  WORKDIR/shards/0-of-4/pairs/      its co-occurrence counts (`data.counts.partial_counts`)
"""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.data.text import corpus, fingerprints
from glove_jax.errors import InputError
from glove_jax.files import read_record, write_record

_NAMED = 5  # shards that a message names, at most


class Shard(NamedTuple):
  """A part of a corpus: whole files, so that no document has pairs in two shards."""

  name: str  # such as 0/4
  folder: pathlib.Path
  paths: list[pathlib.Path]
  positions: list[int]  # of the files in the corpus


class TextRecord(NamedTuple):
  """What `text.json` says of the text of a shard."""

  digests: list[str]  # of its files, hexadecimal
  tokens: int | None = None  # None: its words have not been counted
  words: list[int] | None = None  # size and checksum of words.txt


def open_shards(
  workdir: pathlib.Path, paths: Sequence[pathlib.Path], num_shards: int | None
) -> list[Shard]:
  """Returns the shards of a corpus, the same ones in every process of a workdir.

  Args:
    workdir: of the counts.
    paths: files of the corpus, in their order.
    num_shards: None: as many as the processes before had.

  Raises:
    InputError: the workdir was begun with other files or another number of shards.
  """
  record = workdir / "shards" / "corpus.json"
  sizes = list(map(corpus.file_size, paths))
  if record.exists():
    num_shards = _check(record, sizes, num_shards)
  elif num_shards is None:
    raise InputError(f"{workdir}: holds no shards; expected --shard=i/n, such as --shard=0/4.")
  else:
    files = list(zip(map(str, paths), sizes, strict=True))
    _check_number(paths, num_shards)
    write_record(record, {"files": files, "shards": num_shards})
  shards = []
  for number, positions in enumerate(deal(sizes, num_shards)):
    folder = workdir / "shards" / f"{number}-of-{num_shards}"
    share = [paths[position] for position in positions]
    shards.append(Shard(f"{number}/{num_shards}", folder, share, positions))
  return shards


def _check(record: pathlib.Path, sizes: list[int], num_shards: int | None) -> int:
  """Returns the number of shards in the record of a corpus that has files of these sizes."""
  values = read_record(record, remedy="use another --workdir")
  begun = int(values["shards"])
  if num_shards not in (None, begun):
    raise InputError(
      f"--shard=…/{num_shards}: {record.parent} was begun with {begun} shards, expected"
      f" --shard=…/{begun}; use another --workdir for another number."
    )
  earlier = [size for _, size in values["files"]]
  if earlier != sizes:
    raise InputError(
      f"{len(sizes)} files of {sum(sizes):,} bytes, expected {len(earlier)} of"
      f" {sum(earlier):,} bytes as when {record.parent} was begun; use another --workdir for"
      " another corpus."
    )
  return begun


def _check_number(paths: Sequence[pathlib.Path], num_shards: int) -> None:
  if num_shards > len(paths):
    raise InputError(
      f"{num_shards} shards of {corpus.describe(paths)}, expected no more shards than files; a"
      f" large file can be divided between its lines: split -n l/{num_shards} FILE PART-"
    )


def deal(sizes: Sequence[int], num_shards: int) -> list[list[int]]:
  """Deals files to shards of about as many bytes; returns the positions of each shard's files.

  sizes: bytes of each file. The largest are dealt first, each to the shard with the fewest bytes.
  """
  shares = [[] for _ in range(num_shards)]
  loads = [0] * num_shards
  for position in sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True):
    lightest = loads.index(min(loads))
    shares[lightest].append(position)
    loads[lightest] += sizes[position]
  return list(map(sorted, shares))


def read_text_record(shard: Shard) -> TextRecord | None:
  """Returns what is recorded of the text of a shard; None if nothing is.

  Raises:
    InputError: the record is damaged.
  """
  path = shard.folder / "text.json"
  if not path.exists():
    return None
  remedy = f"delete {shard.folder} to have the shard counted again"
  try:
    return TextRecord(**read_record(path, remedy=remedy))
  except TypeError:
    raise InputError(f"{path}: damaged (other keys); {remedy}.") from None


def check_text(shard: Shard, record: TextRecord | None) -> list[str]:
  """Returns the hashes of the files of a shard.

  Raises:
    InputError: they are not those of the record.
  """
  digests = [digest.hex() for digest in fingerprints.digests(shard.paths)]
  expected = digests if record is None else record.digests
  for path, digest, earlier in zip(shard.paths, digests, expected, strict=True):
    if digest != earlier:
      raise InputError(
        f"{path}: the text has changed since shard {shard.name} was begun; use another --workdir."
      )
  return digests


def write_text_record(shard: Shard, record: TextRecord) -> None:
  """Writes `text.json` of a shard."""
  write_record(shard.folder / "text.json", record._asdict())


def missing_error(what: str, stage: str, missing: Sequence[Shard]) -> InputError:
  """Returns the error for shards whose words or pairs are not counted yet."""
  first = missing[0].name
  number = f"shard {first}" if len(missing) == 1 else f"shards {_list_names(missing)}"
  return InputError(
    f"the {what} of {number} are not counted yet; run --stage={stage} --shard={first}."
  )


def _list_names(shards: Sequence[Shard]) -> str:
  """Returns the names of shards for a message: of many, the first."""
  names = [shard.name for shard in shards[:_NAMED]]
  more = len(shards) - len(names)
  return ", ".join(names) + (f" and {more} more" if more else "")

"""Files of word vectors: text, word2vec's binary format, .npy, fastText's, archives of them."""

import functools
import io
import pathlib
import tempfile
import warnings

import fasttext_files
import numpy as np
from safetensors.numpy import save_file

from fuzz import mutators, reference
from fuzz.trials import Files, Reader
from glove_jax import vector_files
from glove_jax.interop import fasttext, fasttext_format
from glove_jax.progress import log_stage
from glove_jax.word_vectors import WordVectors

_TEXT = b"the 0.5 -1 2e-3\ncat 1 2 3\nNew York 1 0 -.5\n\xe4\xb8\xad -0.25 7 8.\n"
_HEADED = b"3 2\nthe 0.5 -1\ncat 1 2\n\xc3\xa9t\xc3\xa9 3 4\n"
_TABS = b"the\t0.5\t-1\ncat\t1\t2\r\n1984\t3\t4\r\n"
_LONG = b"".join(b"word%d %d.5 -%d 1e-%d 0\n" % (n, n, n, n) for n in range(40))
_TOKENS = [b"the 1 2 3\n", b"the 1 2\n", b"1 2\n", b"3 2\n", b" 1", b"\t1", b"a" * 100, b"nan"]


def readers() -> list[Reader]:
  """Returns the readers of vector files."""
  texts = [{"v.txt": data} for data in (_TEXT, _HEADED, _TABS, _LONG)]
  binaries = [{"v.bin": _word2vec(newline)} for newline in (b"\n", b"")]
  tensors = {"tensors.tsv": b"0.5\t1\n2\t3\n4\t-5\n", "metadata.tsv": b"the\ncat\ndog\n"}
  named = {**tensors, "metadata.tsv": b"Word\tCount\nthe\t5\ncat\t4\ndog\t3\n"}
  integers = [mutators.change_integers]
  return [
    Reader("vectors_text", texts, functools.partial(_load, "v.txt"), _check_text, _TOKENS),
    Reader("vectors_word2vec", binaries, functools.partial(_load, "v.bin"), _check_binary, _TOKENS),
    Reader("vectors_tensors", [tensors, named], functools.partial(_load, "tensors.tsv"),
           _check_tensors, _TOKENS),
    Reader("vectors_npy", _npy_seeds(), functools.partial(_load, "v.npy"), _check_npy,
           [b"'descr'", b"'<f4'", b"'|O'", b"(2, 3)", b"(10**9,)", b"True", b"<U9"],
           integers),
    Reader("vectors_safetensors", _safetensors_seeds(), functools.partial(_load, "v.safetensors"),
           _check_safetensors, [b'"F32"', b'"BF16"', b"[2, 3]", b"data_offsets", b"[0, 24]"],
           integers),
    Reader("vectors_archive", _archive_seeds(), functools.partial(_load, "v.zip"), _check_archive,
           [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"],
           [mutators.change_zip, mutators.pack_again, *integers]),
    Reader("fasttext_model", _fasttext_seeds(), _read_fasttext, _check_fasttext,
           [fasttext_format.MAGIC, b"\0" * 8], integers * 2),
  ]  # fmt: skip


def _load(name: str, folder: pathlib.Path) -> WordVectors:
  vectors = vector_files.load(folder / name)
  for note in vectors.notes:
    log_stage("note", note)
  return vectors


def _check_vectors(vectors: WordVectors) -> None:
  matrix = vectors.vectors
  assert matrix.dtype == np.float32 and matrix.shape[0] == len(vectors.words)
  assert np.isfinite(matrix).all()
  assert len(set(vectors.words)) == len(vectors.words)


def _check_text(vectors: WordVectors, files: Files) -> None:
  _check_vectors(vectors)
  data, = files.values()
  _check_data(vectors, data)


def _check_data(vectors: WordVectors, data: bytes) -> None:
  candidates = reference.vector_rows(data, vectors.dim)
  same = any(reference.same_rows(vectors.words, vectors.vectors, rows) for rows in candidates)
  if not same:
    rows = reference.binary_rows(data)
    same = reference.same_rows(vectors.words, vectors.vectors, rows)
  assert same, (vectors.words[:20], vectors.vectors[:5])


def _check_binary(vectors: WordVectors, files: Files) -> None:
  _check_text(vectors, files)


def _check_tensors(vectors: WordVectors, files: Files) -> None:
  _check_vectors(vectors)
  text = reference.decode(files["metadata.tsv"])
  lines = [*text.split("\n"), *text.replace("\r", "\n").split("\n")]
  names = {field for line in lines for field in (line, *line.split("\t"))}
  if not set(vectors.words) <= {*names, *(name.strip() for name in names)}:
    _check_data(vectors, files["tensors.tsv"])


def _word2vec(newline: bytes) -> bytes:
  rows = np.arange(12, dtype="<f4").reshape(4, 3) / 8
  words = ["the", "cat", "été", "中"]
  entries = [word.encode() + b" " + row.tobytes() + newline
             for word, row in zip(words, rows, strict=True)]  # fmt: skip
  return b"4 3\n" + b"".join(entries)


def _npy_seeds() -> list[Files]:
  seeds = []
  for matrix in (np.arange(6.0, dtype="<f4").reshape(2, 3), np.ones((2, 2)), np.ones((2, 2), int)):
    buffer = io.BytesIO()
    np.save(buffer, matrix)
    seeds.append({"v.npy": buffer.getvalue(), "v.words.txt": b"the\ncat\n"})
  return seeds


def _check_npy(vectors: WordVectors, files: Files) -> None:
  _check_vectors(vectors)
  data = files["v.npy"]
  if not data.startswith(b"\x93NUMPY"):
    _check_data(vectors, data)
    return
  with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about headers of Python 2
    matrix = np.load(io.BytesIO(data), allow_pickle=False)
  text = reference.decode(files["v.words.txt"])
  for row, word in zip(vectors.vectors, vectors.words, strict=True):
    assert word in text
    assert any(np.array_equal(row, other) for other in matrix.astype(np.float32))


def _safetensors_seeds() -> list[Files]:
  vectors = WordVectors(["the", "cat"], np.arange(6, dtype=np.float32).reshape(2, 3))
  tokenizer = b'{"model": {"type": "BPE", "vocab": {"the": 0, "cat": 1}}, "added_tokens": []}'
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "v.safetensors")
    vectors.save(path, "safetensors")
    with_words = path.read_bytes()
    save_file({"embeddings": vectors.vectors}, path)
    return [
      {"v.safetensors": with_words},
      {"v.safetensors": path.read_bytes(), "tokenizer.json": tokenizer},
    ]


def _check_safetensors(vectors: WordVectors, files: Files) -> None:
  _check_vectors(vectors)
  if files["v.safetensors"][8:9] != b"{":
    _check_data(vectors, files["v.safetensors"])


def _archive_seeds() -> list[Files]:
  import random
  import zipfile

  buffer = io.BytesIO()
  with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("glove.txt", _TEXT)
  packed = [buffer.getvalue(), _HEADED]
  rng = random.Random(1)
  packed += [mutators.pack_again(rng, _LONG, ()) for _ in range(8)]
  return [{"v.zip": data} for data in packed]


def _check_archive(vectors: WordVectors, files: Files) -> None:
  _check_vectors(vectors)
  data = files["v.zip"]
  if not data.startswith((b"PK", b"\x1f\x8b", b"BZh", b"\xfd7z", b"\x28\xb5")):
    _check_data(vectors, data)


def _fasttext_seeds() -> list[Files]:
  rng = np.random.default_rng(0)
  args = fasttext.Args(dim=4, bucket=20, minn=2, maxn=3)
  model = fasttext.Model(
    args=args, words=["</s>", "the", "cat"], counts=np.array([3, 2, 1]), labels=[],
    label_counts=np.zeros(0, np.int64), tokens=6, prune=None,
    input=rng.normal(size=(23, 4)).astype(np.float32),
    output=rng.normal(size=(3, 4)).astype(np.float32),
  )  # fmt: skip
  labels = fasttext.Model(
    args=args._replace(model="supervised", loss="softmax", bucket=0, minn=0, maxn=0),
    words=["the", "cat"], counts=np.array([2, 1]), labels=["__label__a", "__label__b"],
    label_counts=np.array([2, 1]), tokens=6, prune=None,
    input=rng.normal(size=(2, 4)).astype(np.float32),
    output=rng.normal(size=(2, 4)).astype(np.float32),
  )  # fmt: skip
  seeds = []
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "m")
    for each in (model, labels):
      fasttext.save(each, path)
      seeds.append(path.read_bytes())
  seeds.append(fasttext_files.quantized(labels, normed=True)[0])
  seeds.append(fasttext_files.old(seeds[0], model))
  return [{"m.bin": data} for data in seeds]


def _read_fasttext(folder: pathlib.Path):
  path = folder / "m.bin"
  with open(path, "rb") as file:
    if not fasttext_format.is_fasttext_model(file.read(1 << 16)):
      return None
  model = fasttext.load(path)
  for note in model.notes:
    log_stage("note", note)
  vectors = vector_files.load(path, errors="replace")
  fasttext.vector(model, "unseen")
  if model.args.model == "supervised":
    fasttext.predict(model, "the cat")
  return model, vectors


def _check_fasttext(value, files: Files) -> None:
  if value is None:
    return
  model, vectors = value
  _check_vectors(vectors)
  assert model.input.shape[1] == model.args.dim == model.output.shape[1]
  assert len(model.words) == len(model.counts) and len(model.labels) == len(model.label_counts)
  data = files["m.bin"]
  if data.startswith(fasttext_format.MAGIC):
    words, counts = reference.fasttext_words(data)
    assert [*model.words, *model.labels] == words
    assert [*model.counts, *model.label_counts] == counts

"""Files of evaluation sets: dialects, errors, where they are."""

import importlib.util
import pathlib

import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation import evaluation_sets
from glove_jax.evaluation.evaluation_sets import Section


def write(tmp_path, name, data):
  path = tmp_path / name
  path.write_bytes(data if isinstance(data, bytes) else data.encode())
  return path


@pytest.mark.parametrize(
  "data",
  [
    "Cat\tdog\t1.5\nnew york\tcity\t2\n".replace("new york", "new"),
    "Cat,dog,1.5\r\nnew,city,2\r\n",
    "# a comment\nword 1\tword 2\tmean\nCat\t dog\t1.5\n\nnew\tcity\t2\n",
    "\ufeffCat dog 1.5\nnew  city 2",
  ],
)
def test_pairs_in_every_dialect(tmp_path, data):
  assert evaluation_sets.read_pairs(write(tmp_path, "p", data)) == [
    ("Cat", "dog", 1.5),
    ("new", "city", 2),
  ]


@pytest.mark.parametrize(
  "data, message",
  [
    ("cat dog 1\ncat dog\n", ":2: found 'cat dog', expected two words and a score."),
    ("cat\tdog\t1\ncat\tdog\thigh\n", ":2: found 'cat\\tdog\\thigh', expected"),
    ("cat\n", ":1: found 'cat', expected"),
    ("# nothing\n", ": found no pairs, expected"),
    (b"cat dog 1\nd\xe9j\xe0 vu 2\n", ":2: found byte 0xe9, expected UTF-8."),
  ],
)
def test_bad_pairs_are_named_by_line(tmp_path, data, message):
  path = write(tmp_path, "p", data)
  with pytest.raises(InputError) as caught:
    evaluation_sets.read_pairs(path)
  assert str(caught.value).startswith(f"{path}{message}")


def test_analogies_come_in_sections(tmp_path):
  path = write(
    tmp_path, "mine.txt", "a b c d\r\n: gram1\r\na\tb  c d\r\n: x\r\n: gram1\r\ne f g h\r\n"
  )
  assert evaluation_sets.read_analogies(path) == [
    Section("mine", False, [("a", "b", "c", "d")]),
    Section("gram1", True, [("a", "b", "c", "d"), ("e", "f", "g", "h")]),
  ]
  morphology = write(tmp_path, "CA8-morphological.txt", ": A\n一 二 三 四\n")
  assert evaluation_sets.read_analogies(morphology)[0].syntactic


@pytest.mark.parametrize(
  "data, message",
  [
    (": s\na b c d\na b c\n", ":3: found 3 words, expected four"),
    (": s\n", ": found no questions"),
  ],
)
def test_bad_analogies_are_named_by_line(tmp_path, data, message):
  with pytest.raises(InputError) as caught:
    evaluation_sets.read_analogies(write(tmp_path, "q", data))
  assert message in str(caught.value)


def test_sets_are_found_in_the_data_folder_else_in_gensim_else_nowhere(tmp_path, monkeypatch):
  monkeypatch.setenv("GLOVE_JAX_DATA", str(tmp_path))
  (tmp_path / "intrinsic" / "zh").mkdir(parents=True)
  for name in ("CA8-semantic.txt", "wordsim-240.txt", "README.md"):
    write(tmp_path, f"intrinsic/zh/{name}", "")
  sets = evaluation_sets.find_sets("zh")
  assert [pathlib.Path(path).name for path in sets.similarity] == ["wordsim-240.txt"]
  assert [pathlib.Path(path).name for path in sets.analogy] == ["CA8-semantic.txt"]
  if importlib.util.find_spec("gensim"):
    sets = evaluation_sets.find_sets("en")
    assert [pathlib.Path(path).name for path in sets.similarity] == [
      "simlex999.txt",
      "wordsim353.tsv",
    ]
    assert [len(evaluation_sets.read_pairs(path)) for path in sets.similarity] == [999, 353]
    sections = evaluation_sets.read_analogies(sets.analogy[0])
    assert sum(len(section.questions) for section in sections) == 19544
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert evaluation_sets.find_sets("en") == evaluation_sets.EvaluationSets([], [])


def test_published_folders_are_found_and_expanded(tmp_path, monkeypatch):
  monkeypatch.setenv("GLOVE_JAX_DATA", str(tmp_path))
  names = [
    "BATS_3.0/1_Inflectional_morphology/I01 [noun - plural_reg].txt",
    "BATS_3.0/README.txt",
    "CA8/morphological.txt",
    "MSR/word_relationship.questions",
    "SemEval17/data/en.test.data.txt",
    "SemEval17/keys/en.test.gold.txt",
    "SimLex-999/SimLex-999.txt",
    "set1.csv",
  ]
  for name in names:
    path = tmp_path / "intrinsic/en" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
  sets = evaluation_sets.find_sets("en")
  root = tmp_path / "intrinsic/en"
  assert sets.analogy == [str(root / names[0]), str(root / names[2]), str(root / names[3])]
  assert sets.similarity == [str(root / names[4]), *(str(root / name) for name in names[6:])]
  assert evaluation_sets.expand_folders([root / "BATS_3.0"]) == [root / names[0]]
  assert evaluation_sets.expand_folders([root / names[5], root / names[4]]) == [root / names[4]]
  (tmp_path / "empty").mkdir()
  with pytest.raises(InputError, match="a folder without evaluation sets"):
    evaluation_sets.expand_folders([tmp_path / "empty"])


def test_sets_have_names_that_a_person_understands():
  names = [evaluation_sets.set_name(name) for name in ("240.txt", "a/set1.csv", "RG-65.txt")]
  assert names == ["wordsim-240", "wordsim353-set1", "RG-65"]


@pytest.mark.realdata
def test_every_shared_set_reads_whole(data):
  counts = {
    "MC-30": 30,
    "MTurk-287": 287,
    "MTurk-771": 771,
    "RG-65": 65,
    "SIMLEX-999": 999,
    "WS-353-ALL": 353,
    "WS-353-REL": 252,
    "WS-353-SIM": 203,
  }
  for name, count in counts.items():
    assert len(evaluation_sets.read_pairs(data / f"intrinsic/en/EN-{name}.txt")) == count, name
  chinese = [
    evaluation_sets.read_pairs(data / f"intrinsic/zh/wordsim-{name}.txt") for name in (240, 297)
  ]
  assert [len(pairs) for pairs in chinese] == [240, 297]
  assert ("钱", "现金", 4.58) in chinese[1]  # A stray space in the file is no part of the word.
  sections = [
    evaluation_sets.read_analogies(data / f"intrinsic/{name}.txt")
    for name in ("en/questions-words", "zh/CA8-morphological", "zh/CA8-semantic")
  ]
  assert [sum(len(section.questions) for section in file) for file in sections] == [
    19544,
    10177,
    7636,
  ]
  assert [sum(section.syntactic for section in file) for file in sections] == [9, 4, 0]


def test_the_default_data_folder_lies_beside_the_project(monkeypatch):
  monkeypatch.delenv("GLOVE_JAX_DATA", raising=False)
  project = pathlib.Path(__file__).resolve().parents[2]
  assert (project / "glove_jax" / "evaluation").is_dir()
  assert evaluation_sets.default_data_folder() == project / "../shared/data"

"""Sets of word similarity in the layouts that their authors publish."""

import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation import similarity_sets

PAIRS = [("cat", "dog", 1.5), ("old", "new", 9.25)]

PUBLISHED = {
  "SimLex-999": (
    "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSimAssoc333\tSD(SimLex)\n"
    "cat\tdog\tN\t1.5\t2.72\t2.81\t2\t7.25\t1\t0.41\nold\tnew\tA\t9.25\t2.5\t2.6\t1\t7.11\t1\t0.67\n"
  ),
  "RW": "cat\tdog\t1.5\t7\t7\t6\t1\t4\nold\tnew\t9.25\t9\t9\t10\t8\t9\n",
  "WS-353 csv": "Word 1,Word 2,Human (mean)\ncat,dog,1.5\nold,new,9.25\n",
  "WS-353 tab": "Word 1\tWord 2\tHuman (mean)\r\ncat\tdog\t1.5\r\nold\tnew\t9.25\r\n",
  "WS-353 raters": "Word 1,Word 2,Human (Mean),1,2\ncat,dog,1.5,1,2\nold,new,9.25,9,9.5\n",
  "WS-353 relations": "t\tcat\tdog\t1.5\nS\told\tnew\t9.25\n",
  "WS-353 sim": "cat\tdog\t1.5\nold\tnew\t9.25\n",
  "MEN": "cat dog 1.500000\nold new 9.250000\n",
  "MEN lemmas": "cat-n dog-n 1.500000\nold-j new-j 9.250000\n",
  "MTurk": "cat,dog,1.5\nold,new,9.25\n",
  "SimVerb-3500": "cat\tdog\tV\t1.5\tSYNONYMS\nold\tnew\tV\t9.25\tNONE\n",
  "SCWS": (
    "1\tcat\tn\tdog\tn\tthe <b> cat </b>\tthe <b> dog </b>\t1.5\t1\t2\n"
    "2\told\ta\tnew\ta\tan <b> old </b>\ta <b> new </b>\t9.25\t9\t9\n"
  ),
  "RG-65": "cat;dog;1.5\nold;new;9.25\n",
  "numbered": "ID,Word 1,Word 2,Annotator 1,Average Score\n1,cat,dog,1,1.5\n2,old,new,9,9.25\n",
  "numbered without header": "1\tcat\tdog\t1.5\n2\told\tnew\t9.25\n",
  "pandas": ",word1,word2,similarity\n0,cat,dog,1.5\n1,old,new,9.25\n",
  "quoted": '"word1","word2","score"\n"cat","dog","1.5"\n"old","new","9.25"\n',
  "decimal comma": "cat;dog;1,5\nold;new;9,25\n",
  "Chinese header": "词1\t词2\t分数\ncat\tdog\t1.5\nold\tnew\t9.25\n",
  "CR": "cat\tdog\t1.5\rold\tnew\t9.25\r",
}


def write(tmp_path, data, name="p.txt"):
  path = tmp_path / name
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(data if isinstance(data, bytes) else data.encode())
  return path


def error(path):
  with pytest.raises(InputError) as caught:
    similarity_sets.read_pairs(path)
  return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize("layout", PUBLISHED)
def test_published_layouts(tmp_path, layout):
  assert similarity_sets.read_pairs(write(tmp_path, PUBLISHED[layout])) == PAIRS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_with_a_byte_order_mark(tmp_path, encoding):
  path = write(tmp_path, "李白\t诗\t9.2\n".encode(encoding))
  assert similarity_sets.read_pairs(path) == [("李白", "诗", 9.2)]


def test_words_may_be_names_of_columns(tmp_path):
  path = write(tmp_path, "mean\tindicate\tV\t5.5\tSYNONYMS\nscore\trate\tV\t4\tNONE\n")
  assert similarity_sets.read_pairs(path) == [("mean", "indicate", 5.5), ("score", "rate", 4)]
  path = write(tmp_path, "human\tmean\t5.5\nsun-n\tmoon\t4\n")
  assert similarity_sets.read_pairs(path) == [("human", "mean", 5.5), ("sun-n", "moon", 4)]


def test_words_with_spaces(tmp_path):
  path = write(tmp_path, "New York\tbig apple\t5.5\n\"a, b\"\tc\t4\n")
  assert similarity_sets.read_pairs(path) == [("New York", "big apple", 5.5), ("a, b", "c", 4)]
  path = write(tmp_path, 'word1,word2,score\n"a, b",c,4\n')
  assert similarity_sets.read_pairs(path) == [("a, b", "c", 4)]


def test_gold_scores_in_another_file(tmp_path):
  data = write(tmp_path, "cat\tdog\nold\tnew\n", "semeval/data/en.test.data.txt")
  assert error(data) == "FILE:1: found 'cat\\tdog', expected two words and a score."
  gold = write(tmp_path, "1.5\n9.25\n", "semeval/keys/en.test.gold.txt")
  assert similarity_sets.read_pairs(data) == PAIRS
  assert similarity_sets.gold_file(data).resolve() == gold
  gold.write_text("1.5\n")
  assert error(data).endswith("en.test.gold.txt: 1 scores, expected 2 as FILE has pairs.")
  gold.write_text("1.5\nnan\n")
  assert "FILE:2: found" in error(data)
  beside = write(tmp_path, "cat\tdog\nold\tnew\n", "words.txt")
  write(tmp_path, "cat\tdog\t1.5\nold\tnew\t9.25\n", "gold.txt")
  assert similarity_sets.read_pairs(beside) == PAIRS


@pytest.mark.parametrize("score", ["nan", "NaN", "-inf", "Infinity", "1e999", "1_0", "0x1", "١"])
@pytest.mark.parametrize("before", ["", "cat\tdog\t1\n", "word1\tword2\tscore\n"])
def test_scores_are_finite_decimal_numbers(tmp_path, score, before):
  message = error(write(tmp_path, f"{before}old\tnew\t{score}\nx\ty\t2\n"))
  assert message.startswith(f"FILE:{1 + len(before.splitlines())}: found 'old\\tnew\\t")


def test_a_header_without_a_score_names_its_columns(tmp_path):
  path = write(tmp_path, "word1\tword2\tPOS\tremark\ncat\tdog\tN\tgood\n")
  assert error(path) == (
    "FILE:1: found the columns 'word1, word2, POS, remark', expected one for the score, such as "
    "score, mean or similarity."
  )


def test_messages_show_no_raw_control_characters_and_are_short(tmp_path):
  message = error(write(tmp_path, "cat dog 1\n\x1b[31m" + "x" * 5000 + "\n"))
  assert "\x1b" not in message and "\\x1b[31mxxx" in message
  assert len(message) < 200


def test_numbers_are_no_words(tmp_path):
  path = write(tmp_path, 'pair,English,German\n"old, new",1.58,1.2\n"big, small",9.2,8.8\n')
  with pytest.raises(InputError, match="found '1.58' for a word, expected two words and a score"):
    similarity_sets.read_pairs(path)


def test_words_have_no_white_space_before_their_part_of_speech(tmp_path):
  path = write(tmp_path, "sun -n\tmoon\u00a0-n\t5\nold\u3000-j\tnew-j\t4\n")
  assert similarity_sets.read_pairs(path) == [("sun", "moon", 5), ("old", "new", 4)]

"""The encoding of a text is told from a sample of it, and where it cannot be, candidates are."""

import time

import pytest

from glove_jax.data.text import encodings
from glove_jax.errors import InputError

TEXTS = {
  "zh": "满纸荒唐言，一把辛酸泪。都云作者痴，谁解其中味？此开卷第一回也，\n"
        "作者自云曾历过一番梦幻之后，故将真事隐去。\n",
  "tw": "臺灣的圖書館裡有許多關於歷史與語言的書籍，學生們常常在這裡讀書、\n"
        "寫字、討論問題，直到晚上才回家。\n",
  "ja": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n"
        "何でも薄暗いじめじめした所で泣いていた。\n",
  "ko": "나는 오늘 아침에 일찍 일어나서 산책을 하고 도서관에 갔다.\n"
        "거기에서 오래된 책을 몇 권 빌려 읽었다.\n",
  "ru": "Все счастливые семьи похожи друг на друга,\nкаждая несчастливая несчастлива по-своему.\n",
  "fr": "Le café était fermé à cause de la grève,\net les élèves préférèrent étudier à côté.\n",
}


@pytest.mark.parametrize(("language", "encoding", "name"), [
  ("zh", "gbk", "gb18030"), ("zh", "gb2312", "gb18030"), ("zh", "gb18030", "gb18030"),
  ("tw", "big5", "big5"), ("ja", "shift_jis", "cp932"), ("ja", "euc_jp", "euc_jp"),
  ("ko", "euc_kr", "cp949"), ("ru", "cp1251", "cp1251"), ("ru", "koi8_r", "koi8_r"),
  ("fr", "latin-1", "cp1252"),
])
def test_texts_of_a_few_lines_are_recognized(language, encoding, name):
  text = TEXTS[language] * 4
  names = encodings.candidates(text.encode(encoding))
  assert names[0] == name
  assert text.encode(encoding).decode(names[0]) == text


@pytest.mark.parametrize("cut", range(4))
def test_a_sample_may_end_within_a_character(cut):
  one_line = (TEXTS["zh"].strip() * 1000).encode("gb18030")
  assert encodings.candidates(one_line[: len(one_line) - cut]) == ["gb18030"]


def test_short_samples_have_several_candidates():
  names = encodings.candidates("汉字".encode("gbk"))
  assert names[0] == "gb18030" and 1 < len(names) <= 3
  advice = encodings.advice("汉字".encode("gbk"))
  assert advice.startswith("the file may be gb18030") and "try --config.encoding=gb18030" in advice


def test_advice_says_the_option_of_the_caller():
  sample = (TEXTS["ko"] * 3).encode("euc_kr")
  assert encodings.advice(sample, option="--encoding=") == (
    "the file looks like cp949 (EUC-KR): --encoding=cp949")


def test_a_byte_that_is_wrong_in_utf8_does_not_change_the_encoding():
  sample = (TEXTS["fr"].encode() * 3)[:-1] + b"\xb5\n"
  assert encodings.advice(sample) == (
    "the rest of the file looks like utf-8: --config.errors=replace")


def test_bytes_that_are_no_text_have_no_candidate():
  advice = encodings.advice(bytes(range(128, 256)) * 40)
  assert "looks like" not in advice and "--config.errors=replace" in advice


def test_detection_is_bounded():
  sample = bytes(range(1, 256)) * 40_000
  start = time.process_time()
  encodings.candidates(sample)
  assert time.process_time() - start < 2


def test_check_names_the_setting():
  encodings.check("GB18030", "replace", "x")
  with pytest.raises(InputError, match="dev: unknown encoding: 'klingon'"):
    encodings.check("klingon", "strict", "dev")


def test_a_stray_zero_byte_is_not_utf16():
  assert encodings.utf16_advice(b"text,label\ngood\0 1,a\nbad,b\n") == ""
  for name in ("utf-16-le", "utf-16-be", "utf-32-le"):
    assert name in encodings.utf16_advice("text,label\ngood 1,a\n".encode(name))
  assert "utf-16-le" in encodings.utf16_advice("这部电影很好看\n很 好\n".encode("utf-16-le"))


@pytest.mark.parametrize("text", [
  "Le café était fermé à Noël, déjà.\n",
  "Perché la città è più bella di così, però non va là.\n",
  "El niño comió la piña mañana después del año, ¿qué más?\n",
  "Jag är på väg över ån till en ö där åldern är hög.\n",
])
def test_a_short_text_in_latin_1_is_not_only_baltic(text):
  assert encodings.candidates(text.encode("cp1252"))[0] == "cp1252"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_states_an_encoding(encoding):
  assert encodings.marked("a".encode(encoding)) == encoding.removesuffix("-sig")
  assert encodings.marked(b"a") is None

"""Texts without spaces between words are told from segmented ones, whatever their script."""

import pytest

from glove_jax.data.text import script_check

UNSEGMENTED = {
  "Han": "满纸荒唐言，一把辛酸泪。都云作者痴，谁解其中味？此开卷第一回也。\n",
  "Kana": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n",
  "Thai": "ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน และมีคำยืมจากภาษาอื่นจำนวนมาก\n",
  "Lao": "ພາສາລາວເປັນພາສາທີ່ໃຊ້ໃນປະເທດລາວແລະມີວັນນະຍຸດ\n",
  "Khmer": "ភាសាខ្មែរជាភាសាផ្លូវការរបស់ព្រះរាជាណាចក្រកម្ពុជា\n",
  "Burmese": "မြန်မာဘာသာစကားသည်မြန်မာနိုင်ငံ၏ရုံးသုံးဘာသာစကားဖြစ်သည်\n",
}
SEGMENTED = [
  "满 纸 荒唐 言 ， 一 把 辛酸 泪 。 都 云 作者 痴 ， 谁 解 其中 味 ？\n",
  "吾輩 は 猫 で ある 。 名前 は まだ 無い 。\n",
  "ภาษา ไทย เป็น ภาษา ที่ มี ระดับ เสียง ของ คำ\n",
]
SPACED = [
  "The river is wide.\n",
  "한국어는 띄어쓰기를 합니다 그리고 조사가 있습니다\n",
  "Все счастливые семьи\n",
]


@pytest.mark.parametrize("script", UNSEGMENTED)
@pytest.mark.parametrize("tokenizer", ["words", "unicode", "whitespace"])
def test_unsegmented_texts_need_another_tokenizer(script, tokenizer):
  lines = script_check.advice(UNSEGMENTED[script] * 5 + "some English words\n" * 2, tokenizer)
  assert len(lines) == 1
  better = "jieba or characters" if script == "Han" else "characters"
  assert f"most letters are {script}" in lines[0]
  assert lines[0].endswith(f"try --config.tokenizer={better}")


@pytest.mark.parametrize("tokenizer", ["unicode", "whitespace"])
@pytest.mark.parametrize("text", SEGMENTED + SPACED)
def test_texts_with_spaces_between_words_need_none(text, tokenizer):
  assert script_check.advice(text * 5, tokenizer) == []


@pytest.mark.parametrize("tokenizer", ["jieba", "characters"])
def test_tokenizers_for_such_scripts_are_fine(tokenizer):
  assert script_check.advice(UNSEGMENTED["Han"], tokenizer) == []


def test_a_few_foreign_names_need_nothing():
  assert script_check.advice("The novel 红楼梦 by 曹雪芹 is long and famous.\n" * 9, "words") == []


def test_words_is_not_for_combining_marks():
  hindi = "हिन्दी भाषा भारत में बोली जाती है\n"
  assert "try --config.tokenizer=unicode" in script_check.advice(hindi, "words")[0]
  assert script_check.advice(hindi, "unicode") == []
  assert script_check.advice("İstanbul İzmir".lower() + " ve Ankara", "words") == []


def test_characters_that_could_not_be_decoded_are_reported():
  text = "红楼梦第一回".encode("gbk").decode(errors="replace")
  lines = script_check.advice(text * 9, "jieba")
  assert len(lines) == 1 and "could not be decoded" in lines[0]


def test_a_sample_is_bounded_and_has_texts_of_all_parts():
  texts = [f"text {number} " + "x" * 10_000 for number in range(5000)]
  sample = script_check.sample_of(texts)
  assert len(sample) <= script_check.SAMPLE + 1000
  assert "text 0 " in sample and "text 4975 " in sample
  assert script_check.sample_of([]) == ""

"""Fine-tuned transformers leave as folders with their heads, and come back as they were.

`exports_live_test` has transformers and sentence-transformers read them.
"""

import json

import exported_folders
import family_folders
import numpy as np
import pytest
from safetensors.numpy import load_file

import glove_jax as gj
from glove_jax import finetuning
from glove_jax.errors import InputError
from glove_jax.finetuning import pretrained_transformers, transformer_exports
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.interop import huggingface

pytestmark = pytest.mark.usefixtures("quick_compilation")

TEXTS = exported_folders.TEXTS
SENTENCES = exported_folders.SENTENCES


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  return tmp_path_factory.mktemp("models")


def read(folder, name="config.json"):
  return json.loads((folder / name).read_text())


def check_reloaded(folder, trained, texts):
  loaded = gj.load(folder)
  assert isinstance(loaded, gj.Classifier) and loaded.labels == trained.model.labels
  np.testing.assert_allclose(
    np.log(loaded.predict_proba(texts)), trained.logits(texts), atol=1e-5
  )
  return loaded


@pytest.mark.slow
def test_a_linear_head_on_the_first_token_is_berts_class(root, tmp_path):
  trained = exported_folders.finetune(root, "bert", pooling="first", max_length=16)
  loader = trained.export(tmp_path / "out")
  assert loader == "transformers.BertForSequenceClassification"
  config = read(tmp_path / "out")
  assert config["architectures"] == ["BertForSequenceClassification"]
  assert config["id2label"] == {"0": "bad", "1": "good"}
  assert config["label2id"] == {"bad": 0, "good": 1}
  assert config["problem_type"] == "single_label_classification"
  tensors = load_file(tmp_path / "out" / "model.safetensors")
  heads = {name: array.shape for name, array in tensors.items() if "layer" not in name}
  assert {name: shape for name, shape in heads.items() if "embeddings" not in name} == {
    "bert.pooler.dense.weight": (16, 16), "bert.pooler.dense.bias": (16,),
    "classifier.weight": (2, 16), "classifier.bias": (2,),
  }  # fmt: skip
  tokenizer = read(tmp_path / "out", "tokenizer_config.json")
  assert tokenizer["model_max_length"] == 16 and tokenizer["cls_token"] == "[CLS]"
  special = read(tmp_path / "out", "special_tokens_map.json")
  assert special["pad_token"] == "[PAD]" and special["mask_token"] == "[MASK]"
  loaded = check_reloaded(tmp_path / "out", trained, TEXTS)
  assert loaded.settings.max_length == 16
  trained.export(tmp_path / "out")  # again, in its place
  assert {path.name for path in tmp_path.iterdir()} == {"out"}


@pytest.mark.slow
def test_other_poolings_leave_as_sentence_transformers(root, tmp_path):
  trained = exported_folders.finetune(root, "bert", pooling="mean_max")
  assert "SentenceTransformer" in trained.export(tmp_path / "out")
  assert read(tmp_path / "out")["architectures"] == ["BertModel"]
  assert read(tmp_path / "out")["id2label"] == {"0": "bad", "1": "good"}
  names = {path.name for path in (tmp_path / "out").iterdir()}
  assert {"modules.json", "1_Pooling", "2_Dense", "sentence_bert_config.json"} <= names
  check_reloaded(tmp_path / "out", trained, TEXTS)


@pytest.mark.slow
def test_adapters_are_merged_and_the_pooler_begins_pretrained(root, tmp_path, capsys):
  trained = exported_folders.finetune(
    root, "bert", pooling="first", head="dense", lora_rank=2, steps=2
  )
  assert "the dense layer of the head is that of the pretraining" in capsys.readouterr().out
  trained.export(tmp_path / "out")
  check_reloaded(tmp_path / "out", trained, TEXTS)
  ours = huggingface.load(tmp_path / "out", heads=False)
  init = exported_folders.init_folder(root, "bert")
  before = huggingface.load(init, heads=False).params["layers"]["0"]["attention"]["out"]["w"]
  assert (ours.params["layers"]["0"]["attention"]["out"]["w"] != before).any()
  # A dense layer that stands for a linear head is none to begin with.
  linear = exported_folders.finetune(root, "bert", pooling="first")
  linear.export(tmp_path / "linear")
  capsys.readouterr()
  exported_folders.finetune(
    root, "bert", pooling="first", head="dense", init=tmp_path / "linear"
  )
  out = capsys.readouterr().out
  assert "the dense layer of the head" not in out
  assert "heads that are not needed are left out: classifier.bias, classifier.weight" in out


@pytest.mark.slow
def test_a_gpt_leaves_without_a_bias(root, tmp_path):
  trained = exported_folders.finetune(root, "gpt", pooling="last")
  assert trained.export(tmp_path / "out") == "transformers.GPT2ForSequenceClassification"
  tensors = load_file(tmp_path / "out" / "model.safetensors")
  assert tensors["score.weight"].shape == (2, 16) and "score.bias" not in tensors
  assert isinstance(read(tmp_path / "out")["pad_token_id"], int)
  check_reloaded(tmp_path / "out", trained, TEXTS[:3])


@pytest.mark.slow
def test_a_modernbert_needs_its_dense_layer(root, tmp_path):
  trained = exported_folders.finetune(root, "modernbert", pooling="mean", head="dense")
  assert trained.export(tmp_path / "out") == "transformers.ModernBertForSequenceClassification"
  assert read(tmp_path / "out")["classifier_pooling"] == "mean"
  check_reloaded(tmp_path / "out", trained, TEXTS)
  trained = exported_folders.finetune(root, "modernbert", pooling="first")
  assert "SentenceTransformer" in trained.export(tmp_path / "linear")
  trained = exported_folders.finetune(root, "modernbert", pooling="max", head="dense")
  with pytest.raises(InputError, match="pooling=first or mean or without head=dense can"):
    trained.export(tmp_path / "none")
  assert not (tmp_path / "none").exists()
  tagger = exported_folders.finetune(root, "modernbert", "transformer_tagger", use_crf=False)
  with pytest.raises(InputError, match="no head=dense: transformers has no such tagger of modern"):
    tagger.export(tmp_path / "none")


@pytest.mark.slow
def test_a_tagger_leaves_with_iob2_names_and_comes_back_with_its_own(root, tmp_path):
  trained = exported_folders.finetune(root, "bert", "transformer_tagger", use_crf=False)
  assert trained.export(tmp_path / "out") == "transformers.BertForTokenClassification"
  config = read(tmp_path / "out")
  assert set(config["id2label"].values()) == {"O", "B-LOC", "I-LOC", "B-PER", "I-PER"}
  assert config["label2id"].keys() == set(trained.model.labels)
  loaded = gj.load(tmp_path / "out")
  assert isinstance(loaded, gj.Tagger) and loaded.labels == trained.model.labels
  expected = trained.model.predict(trained.params, SENTENCES)
  assert loaded.predict_spans(SENTENCES) == expected
  loaded.save(tmp_path / "saved")
  assert gj.load(tmp_path / "saved").predict_spans(SENTENCES) == expected


@pytest.mark.slow
def test_what_cannot_leave_says_so_and_which_settings_can(root, tmp_path):
  with pytest.raises(InputError, match="GPT2ForSequenceClassification has no dense layer"):
    exported_folders.finetune(root, "gpt", head="dense")
  with pytest.raises(InputError, match="BertForTokenClassification has no dense layer"):
    exported_folders.finetune(root, "bert", "transformer_tagger", head="dense")
  words = gj.finetune(
    (["good", "bad"] * 4, ["a", "b"] * 4), method="fasttext_supervised", dim=4, verbose=False,
    ngram_buckets=10,
  )  # fmt: skip
  with pytest.raises(InputError, match=r"method=fasttext_supervised has no class .* model\.bin is"):
    words.export(tmp_path / "out")
  assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
  """A BERT with a drawn head of 2 classes; nothing is compiled."""
  folder = family_folders.write(tmp_path_factory.mktemp("bert") / "model", "bert", head=False)
  settings = BertClassifySettings(init=str(folder))
  pretrained = pretrained_transformers.read(settings, folder)
  rng = np.random.default_rng(0)
  head = {"w": rng.normal(size=(16, 2)), "b": rng.normal(size=2)}
  return transformer_exports.Finetuned(pretrained, pretrained.params, head, ("bad", "good"))


def export(bert, folder, **values):
  return transformer_exports.export_classifier(BertClassifySettings(**values), bert, folder)


def test_the_files_of_a_class_of_transformers(bert, tmp_path):
  assert export(bert, tmp_path / "out", pooling="first") == (
    "transformers.BertForSequenceClassification"
  )
  assert {path.name for path in (tmp_path / "out").iterdir()} == {
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json",
  }  # fmt: skip
  assert finetuning.has_head(tmp_path / "out")
  export(bert, tmp_path / "out", pooling="mean")  # another one takes its place
  assert read(tmp_path / "out")["architectures"] == ["BertModel"]
  assert (tmp_path / "out" / "2_Dense").is_dir() and finetuning.has_head(tmp_path / "out")


def test_more_classes_than_units_leave_as_sentence_transformers(bert, tmp_path):
  labels = tuple(f"class {number}" for number in range(17))
  head = {"w": np.ones((16, 17)), "b": np.ones(17)}
  many = bert._replace(head=head, labels=labels)
  assert "SentenceTransformer" in export(many, tmp_path / "out", pooling="first")


def test_taggers_leave_with_iob2_names_or_say_what_could(bert, tmp_path):
  tags = ("O", "S-PER", "B-PER", "I-PER", "E-PER")
  head = {"w": np.ones((16, 5)), "b": np.ones(5)}
  tagger = bert._replace(head=head, labels=tags)
  settings = BertTagSettings(use_crf=False)
  loader = transformer_exports.export_tagger(settings, tagger, tmp_path / "out")
  assert loader == "transformers.BertForTokenClassification"
  names = read(tmp_path / "out")["id2label"]
  assert list(names.values()) == ["O", "B-PER", "B-PER", "I-PER", "I-PER"]
  assert gj.load(tmp_path / "out").labels == tags
  with pytest.raises(InputError) as caught:
    settings = BertTagSettings(char_filters=2)
    transformer_exports.export_tagger(settings, tagger, tmp_path / "none")
  assert str(caught.value) == (
    "use_crf=True, char_filters=2: transformers has no such tagger of bert; only runs with "
    "use_crf=False, char_filters=0 can be exported."
  )


def test_other_folders_are_not_overwritten(bert, tmp_path):
  (tmp_path / "file").write_text("x")
  with pytest.raises(InputError, match="found a file, expected a new folder"):
    export(bert, tmp_path / "file", pooling="first")
  (tmp_path / "run").mkdir()
  (tmp_path / "run" / "lexicon.json").write_text("{}")
  with pytest.raises(InputError, match=r"found 'lexicon.json', expected a new folder"):
    export(bert, tmp_path / "run", pooling="first")
  model = bert.pretrained.folder  # no export
  before = {path.name: path.read_bytes() for path in model.iterdir()}
  with pytest.raises(InputError, match="expected a new folder, or an earlier export"):
    export(bert, model, pooling="first")
  assert before == {path.name: path.read_bytes() for path in model.iterdir()}
  (tmp_path / "empty").mkdir()
  (tmp_path / "link").symlink_to("empty")
  export(bert, tmp_path / "link", pooling="first")
  assert (tmp_path / "link").is_symlink() and finetuning.has_head(tmp_path / "empty")

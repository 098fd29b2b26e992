"""word2vec of other libraries: the text that they read, and their runs."""

import pytest
from small_corpus import write_text

from glove_jax import vector_files
from tools.peers import word2vec


def test_the_text_is_a_document_a_line_as_ours_is_cut(tmp_path):
  (tmp_path / "raw").write_text("The cat, the mat!\n\nIt's 1999.\n")
  text = word2vec.write_text(str(tmp_path / "raw"), tmp_path / "text")
  assert text.read_text() == "the cat the mat\nit's 1999\n"


@pytest.mark.slow
@pytest.mark.parametrize("peer", word2vec.PEERS)
@pytest.mark.parametrize("model", ["skipgram", "cbow", "fasttext"])
def test_a_peer_trains_and_its_vectors_are_scored(peer, model, tmp_path, monkeypatch):
  pytest.importorskip(peer)
  monkeypatch.setattr(
    word2vec, "intrinsic_scores", lambda path: {"words": len(vector_files.load(path))}
  )
  text = write_text(tmp_path / "text")
  run = word2vec.train(peer, model, text, tmp_path, dim=8, seed=1)
  assert 0 < run.stages["training"] < run.wall
  assert run.scores["words"] >= 20
  assert vector_files.load(tmp_path / f"{peer}.{model}.8.txt").dim == 8

"""Names of metrics for people."""

import pytest

from tools import metric_names


@pytest.mark.parametrize(
  ("name", "expected"),
  [
    ("dev_macro_f1", "dev macro F1"),
    ("accuracy", "training accuracy"),
    ("loss", "training loss"),
    ("word_perplexity", "training word perplexity"),
    ("held_out_word_loss", "held-out word loss"),
    ("grad_norm", "grad norm"),
    ("", ""),
  ],
)
def test_a_metric_is_named_with_the_texts_that_it_is_of(name, expected):
  assert metric_names.readable(name) == expected


def test_a_score_of_a_part_has_no_part_in_its_own_name():
  assert metric_names.plain("macro_f1") == "macro F1"
  assert metric_names.plain("accuracy of the baseline") == "accuracy of the baseline"

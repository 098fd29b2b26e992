"""Names of metrics for people: those of metrics.jsonl say less."""

_PARTS = {"dev_": "dev", "held_out_": "held-out"}  # prefix -> the texts that a metric is of
_OF_TRAINING = ("loss", "accuracy", "perplexity", "f1")  # ends of names that may lack a prefix


def readable(name: str) -> str:
  """Returns the name of a metric with the part of the texts that it is of.

  Args:
    name: in metrics.jsonl, such as `dev_macro_f1` (dev macro F1) or `accuracy` (training accuracy).
  """
  for prefix, part in _PARTS.items():
    if name.startswith(prefix):
      return f"{part} {plain(name.removeprefix(prefix))}"
  if name.endswith(_OF_TRAINING):
    return f"training {plain(name)}"
  return plain(name)


def plain(name: str) -> str:
  """Returns a name without underscores, F1 in upper case."""
  words = ["F1" if word == "f1" else word for word in name.split("_")]
  return " ".join(words)

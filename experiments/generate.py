r"""Writes text with a GPT that continues each prompt.

python experiments/generate.py --model=runs/gpt --prompt='The river' --prompt='Once upon a time' \
    --temperature=0.8
"""

from tools import checked_environment  # noqa: F401  before JAX is imported

# isort: split
import sys

from absl import flags

from glove_jax.api.language_models import CausalLanguageModel
from glove_jax.errors import printable_lines
from glove_jax.models import transformer
from tools import program

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string(
    "model",
    None,
    "A run of gpt.py, or the folder of a GPT-2 as transformers saves it.",
    required=True,
  )
  flags.DEFINE_multi_string(
    "prompt", [""], "What the text begins with; several prompts are continued at once."
  )
  flags.DEFINE_integer(
    "max_new_tokens",
    100,
    "Most tokens that follow a prompt; fewer where the model's context ends.",
    lower_bound=1,
  )
  flags.DEFINE_alias("write", "max_new_tokens")
  flags.DEFINE_float(
    "temperature", 0.8, "What logits are divided by; 0: always the best token.", lower_bound=0
  )
  flags.DEFINE_integer(
    "top_k", 0, "Draw from this many best tokens; 0: from all.", lower_bound=0
  )
  flags.DEFINE_float(
    "top_p", 0.95, "Draw from the fewest tokens that have this probability together."
  )
  flags.DEFINE_integer("seed", 1, "Seed of the draws.", lower_bound=0)
  flags.DEFINE_enum("dtype", "float32", transformer.DTYPES, "Type of the computation.")


def main():
  model = CausalLanguageModel(FLAGS.model)
  model.config = model.config._replace(dtype=FLAGS.dtype)
  for number, prompt in enumerate(FLAGS.prompt, 1):
    room = model.room(prompt)
    if 0 < room < FLAGS.max_new_tokens:
      program.note(f"the model has positions for {room} more tokens after prompt {number}")
  texts = model.generate(
    FLAGS.prompt,
    max_new_tokens=FLAGS.max_new_tokens,
    temperature=FLAGS.temperature,
    top_k=FLAGS.top_k,
    top_p=FLAGS.top_p,
    seed=FLAGS.seed,
  )
  written = "\n\n".join(texts)
  # A model may write terminal escapes; a file gets them as they are.
  print(printable_lines(written) if sys.stdout.isatty() else written)


if __name__ == "__main__":
  define_flags()
  program.run(main)

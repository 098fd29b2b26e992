r"""Writes text with a GPT that continues each prompt.

python experiments/generate.py --model=runs/gpt --prompt='The river' --prompt='Once upon a time' \
    --temperature=0.8
"""

from absl import flags

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import gpt2, transformer
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
  folder = huggingface.model_folder(FLAGS.model)
  model = huggingface.load(folder)
  if not model.config.causal:
    raise InputError(f"{folder}: found a BERT, which fills in masks, expected a GPT to write text.")
  tokenizer = subword_tokenizers.load(folder)
  special = subword_tokenizers.special_tokens(tokenizer)
  if special.start is None:
    raise InputError(
      f"{folder}: the tokenizer has no {subword_tokenizers.END_OF_TEXT}, which begins a text."
    )
  prompts = [[special.start, *tokenizer.encode(prompt).ids] for prompt in FLAGS.prompt]
  room = model.config.positions - max(map(len, prompts))
  continuations = gpt2.generate(
    model.params,
    prompts,
    config=model.config._replace(dtype=FLAGS.dtype),
    max_new_tokens=max(1, min(FLAGS.max_new_tokens, room)),
    sampling=gpt2.Sampling(FLAGS.temperature, FLAGS.top_k, FLAGS.top_p),
    seed=FLAGS.seed,
    stop_id=special.end,
  )
  texts = map(tokenizer.decode, continuations)
  print("\n\n".join(map(str.__add__, FLAGS.prompt, texts)))


if __name__ == "__main__":
  define_flags()
  program.run(main)

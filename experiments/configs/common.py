"""Keys that several recipes have: how a text is read, counted, or cut into windows."""

from ml_collections import ConfigDict, config_dict


def add_text(config: ConfigDict) -> None:
  """What the text is, and which of its words count."""
  config.corpus = "sample"  # a file, a glob, several separated by commas, or sample
  config.encoding = "utf-8"
  config.errors = "strict"  # or replace, ignore: what to do about bytes that are not text
  config.tokenizer = "words"
  config.lowercase = config_dict.placeholder(bool)  # none: as the tokenizer does
  config.vocab = ""         # a file of `word count` lines to use; else counted from the corpus
  config.min_count = 5
  config.max_vocab = 0      # 0: no bound
  config.phrases = 0        # passes that join words into phrases: new_york, then new_york_times
  config.phrase_score = "mikolov"  # or npmi
  config.phrase_threshold = 100.0  # for npmi from -1 to 1
  config.phrase_min_count = 5


def add_counts(config: ConfigDict) -> None:
  """What counts as co-occurrence."""
  config.window = 15
  config.symmetric = True
  config.weighting = "inverse"  # 1 / distance, or flat
  config.memory_gb = 4.0


def add_windows(config: ConfigDict, *, sample: float, block: int, shared: int = 32) -> None:
  """Windows in blocks of text."""
  config.window = 5
  config.dynamic = True     # windows of 1 to so many words, evenly
  config.sample = sample    # words above this frequency are thinned out; 0: none
  config.block = block      # words that are learnt together, and share their negative samples
  config.shared = shared    # negative samples of a block


def add_labelled(config: ConfigDict) -> None:
  """Labelled texts to fine-tune on."""
  _add_parts(config)
  config.format = "auto"    # fasttext, jsonl, csv, tsv, label_tab_text, text_tab_label, label_text
  config.names = ""         # a file of names of classes, one a line, that labels 0, 1, ... stand for


def add_tagged(config: ConfigDict) -> None:
  """Tagged texts to fine-tune on: a token a line, and an empty line after each sentence."""
  _add_parts(config)
  config.token_column = 0
  config.tag_column = -1    # the last


def _add_parts(config: ConfigDict) -> None:
  config.train = ""         # a file, or of labelled texts a folder with a folder for each label
  config.dev = ""           # to choose by; none: a part of `train`
  config.dev_fraction = 0.1  # which part; 0: none
  config.test = ""          # to look at in the end, once
  config.fold = ""          # 3/10: the third tenth of `train` is `test`
  config.limit = 0          # texts of `train` to learn from, of every class alike; 0: all
  config.encoding = "utf-8"
  config.errors = "strict"  # or replace, ignore: what to do about bytes that are not text


def add_regularisers(config: ConfigDict) -> None:
  """What holds an encoder back."""
  config.input_dropout = 0.0  # of vectors
  config.variational = False  # the same numbers of all words of a text
  config.word_dropout = 0.0  # words taken for the unknown one
  config.recurrent_dropout = 0.0
  config.layer_dropout = 0.0  # between the layers of a bilstm
  config.smoothing = 0.0    # of labels
  config.weight_decay = 0.0


def add_learning(config: ConfigDict) -> None:
  """How an encoder learns."""
  config.seed = 1
  config.buckets = 4        # lengths that texts are padded to
  config.optimizer = "adam"
  config.schedule = "constant"  # or linear, cosine, step: down to 0 over all epochs
  config.warmup = 0.0       # epochs until the learning rate is reached
  config.clip_norm = 0.0
  config.rates = ""         # factors on the learning rate by name: words=0.1,head=2; words=0 freezes
  config.thaw = ""          # epochs until params begin to move, by name: words=2
  config.average = 0.0      # decay of a running mean of params, to use in their stead: 0.99
  config.log_every = 50
  config.save_every = 500


def add_fine_tuning(config: ConfigDict) -> None:
  """How a pretrained transformer learns on (Devlin et al. 2019, app. A.3)."""
  add_learning(config)
  config.weight_decay = 0.01
  config.buckets = 6
  config.schedule = "linear"
  config.warmup = 0.1
  config.clip_norm = 1.0


def add_pretrained_transformer(config: ConfigDict) -> None:
  """A pretrained transformer to fine-tune, and how much of it."""
  config.init = ""          # a folder as transformers saves it, a run of bert or gpt, or minilm
  config.from_scratch = False  # random numbers in the place of the pretrained ones, to compare with
  config.max_length = 0     # pieces of a text that are read; 0: as many as the model has positions
  config.dtype = "float32"  # of the computation; or bfloat16, for accelerators, and CPUs with AVX-512 BF16 or AMX
  config.remat = False      # less memory, a third more time
  config.word_dropout = 0.0  # how likely a piece is masked while learning; not of a GPT, which has no [MASK]
  config.layer_dropout = 0.1  # inside the transformer
  config.layer_decay = 1.0  # factor on the learning rate from each layer to the one below
  config.lora_rank = 0      # columns of low-rank adapters, which learn in the place of the transformer; 0: none
  config.lora_alpha = 16.0  # their sum is taken alpha / rank times
  config.lora_adapt = r"attention/(qkv|out)/w$"  # which matrices


def add_pieces(config: ConfigDict, *, tokenizer: str, max_vocab: int) -> None:
  """What the text is, and how it is cut into pieces of words."""
  config.corpus = "sample"  # a file, a glob, several separated by commas, or sample
  config.encoding = "utf-8"
  config.errors = "strict"  # or replace, ignore: what to do about bytes that are not text
  config.dev = ""           # more text, to measure the loss on
  config.documents = "lines"  # a text is a line, or what stands between empty lines (blocks)
  # wordpiece, bpe, characters: of the corpus, or of `init` where there is one; or tokenizer.json, vocab.txt,
  # …encoder.json.
  config.tokenizer = tokenizer
  config.lowercase = config_dict.placeholder(bool)  # none: wordpiece does, the others do not
  config.max_vocab = max_vocab  # pieces, of a tokenizer that is trained
  config.min_count = 2      # of two pieces side by side, to become one


def add_transformer(config: ConfigDict) -> None:
  """How large the model is, and how it learns."""
  config.layers = 4
  config.dim = 256
  config.heads = 4
  config.hidden = 0         # width inside the feed-forward parts; 0: four times dim
  config.window = 128       # tokens that the model sees at once
  config.dropout = 0.0      # 0.1 for many epochs of little text
  config.dtype = "float32"  # of the computation; or bfloat16, for accelerators, and CPUs with AVX-512 BF16 or AMX
  config.remat = False      # less memory, a third more time

  config.seed = 1
  config.epochs = 1
  config.steps = 0          # updates; 0: as many as epochs need
  config.batch_size = 32    # rows of `window` tokens
  config.optimizer = "adam"
  config.learning_rate = 1e-3
  config.schedule = "linear"  # down to 0; or constant, cosine, step
  config.warmup_steps = 100
  config.weight_decay = 0.01
  config.clip_norm = 1.0

  config.log_every = 20
  config.save_every = 500

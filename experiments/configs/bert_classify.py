"""Classification of texts, or of pairs of them, by fine-tuning a pretrained transformer (Devlin et al. 2019).

  python experiments/finetune.py --config=experiments/configs/bert_classify.py --workdir=runs/sst2 \
      --config.init=minilm --config.train=SST2.train.txt --config.dev=SST2.dev.txt --config.test=SST2.test.txt

Measured on SST-2 with learning_rate=1e-4 layer_decay=0.9, by repeat.py with 3 seeds: accuracy 89.4 +- 0.6 % on test
(88.8, 89.4, 90.0), 88.3 % on dev, with dtype=bfloat16 in 10 minutes a run of one core; in float32 (1 seed) 88.8 % and
88.1 %.

From small BERTs of our own (bert.py has how they were pretrained), 5 seeds by repeat.py, dtype=bfloat16; test accuracy
in per cent with its deviation over seeds (3 seeds for 56.8, 65.4 and 65.9), and on dev the mean:

                                      all labels              limit=300
  from_scratch=True                   79.3 +- 0.6 (dev 78.7)  61.4 +- 1.6 (dev 63.3)
  init= BERT from random numbers      80.0 +- 0.9 (dev 79.5)  62.3 +- 1.5 (dev 65.5)
  init= BERT from own GloVe           80.1 +- 0.6 (dev 80.2)  63.2 +- 0.7 (dev 64.0)
 16,384 pieces, pooling=max:
  from_scratch=True                   79.9 +- 0.5 (dev 78.6)  56.8 +- 1.1 (dev 58.3)
  init= BERT from own GloVe (A)       81.1 +- 0.6 (dev 80.9)  66.0 +- 0.8 (dev 66.9)
  init= A, gone on with sample=1e-4   81.3 +- 0.5 (dev 81.3)  65.4 +- 1.4 (dev 66.9)
  init= B from own PPMI-SVD, the same 80.6 +- 0.6 (dev 81.2)  65.9 +- 1.8 (dev 67.5)
 30,522 pieces, pooling=max:
  init= C from own PPMI-SVD, the same 80.5 +- 0.7 (dev 80.2)

with learning_rate=5e-4 epochs=3, from_scratch 3e-4 and epochs=4; limit=300 epochs=10 patience=10. Learning rates were
tried with 1 seed each, on dev, 2e-4 and 5e-4, and from scratch 3e-4 and 1e-3, most of them on a BERT of half as long a
pretraining. Two seeds each (dev, test), of the BERT of 8,192 pieces from own GloVe: 80.2 and 79.5; pooling=max 80.6 and
80.5; layer_decay=0.7 80.1 and 77.4; 1,200 more updates on the sentences of train, without labels, 80.3 and 80.6. Of A:
layer_dropout=0.2 dropout=0.3 epochs=4 80.7 and 79.7. Of A gone on with: word_dropout=0.15 80.4 and 80.4. A pretrained
once more, for 12,000 updates and 6,000 with sample=1e-4, and then 1,000 on the sentences of train without their labels
(init= corpus=… learning_rate=2e-4 mask_rate=0.3 sample=1e-4 warmup_steps=100): 81.0 and 80.4 +- 0.6 (4 seeds). With the
vectors of PPMI-SVD alone, nothing pretrained after them, as B: 79.4 and 80.4, as C 79.8 and 81.0 (1 seed). A gone on
with: pooling=mean_max 81.8 and 81.5 (1 seed). From scratch with 16,384 pieces and the mean, one seed, 77.9 and 80.7.
"""

from configs import common
from ml_collections import ConfigDict


def get_config():
  config = ConfigDict()
  config.method = "transformer"
  config.predict = ""       # a file of texts, one a line, to label with a finished run

  common.add_labelled(config)  # a tab in a text parts a pair
  config.clean = ""         # steps of glove_jax.data.text.cleaning, as html,nfkc,urls,users,numbers,repeats

  common.add_pretrained_transformer(config)
  config.pooling = "mean"   # over pieces; or first ([CLS]), last (for GPT-2), max, mean_max
  config.dropout = 0.1      # of what is pooled
  config.smoothing = 0.0    # of labels
  config.class_weights = ""  # or balanced: all classes count alike
  config.mixup = 0.0        # alpha of the Beta distribution of how texts are mixed

  common.add_fine_tuning(config)
  config.epochs = 3
  config.batch_size = 32
  config.learning_rate = 5e-5
  config.patience = 3
  return config

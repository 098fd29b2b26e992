"""What other libraries call our keys, for suggestions when a key is unknown."""

# Without underscores: gensim, fastText, transformers, PyTorch, scikit-learn.
SYNONYMS = {
  "learning_rate": "lr rate stepsize eta learningrateinit",
  "lstm_size": "hiddensize hiddendim hiddenunits units",
  "dim": "dimension dimensions size vectorsize hiddensize hiddendim embeddingdim embeddingsize"
  " embeddim nembd dmodel ncomponents",
  "epochs": "epoch iter iters iterations maxiter niter nepochs numepochs maxepochs numtrainepochs",
  "batch_size": "batch bs batchsize perdevicetrainbatchsize trainbatchsize",
  "window": "windowsize ws contextsize contextwindow",
  "negatives": "negative neg numnegatives numsampled",
  "min_count": "minfreq minfrequency mindf minwordcount",
  "max_vocab": "vocabsize maxvocabsize maxfinalvocab maxfeatures numwords",
  "layers": "nlayers nlayer numlayers numhiddenlayers depth",
  "heads": "nheads nhead numheads numattentionheads",
  "feedforward_dim": "ffndim intermediatesize ninner dimfeedforward mlpdim",
  "context_length": "blocksize seqlen seqlength maxlen maxlength maxseqlen maxseqlength npositions"
  " maxpositionembeddings contextsize nctx",
  "max_length": "blocksize seqlen seqlength maxlen maxseqlen maxseqlength",
  "max_words": "seqlen seqlength maxlen maxseqlen maxseqlength",
  "ngram_buckets": "bucket numbuckets",
  "word_ngrams": "wordngram ngrams ngramrange",
  "dropout": "dropoutrate dropoutprob hiddendropoutprob pdrop",
  "weight_decay": "wd decay l2reg",
  "clip_norm": "gradclip gradientclipping maxgradnorm clip",
  "clip": "gradclip gradientclipping maxgradnorm",
  "optimizer": "optim optimiser solver",
  "schedule": "scheduler lrscheduler lrschedulertype lrschedule",
  "warmup_steps": "warmup warmupratio warmupepochs numwarmupsteps",
  "warmup_epochs": "warmupsteps warmupratio numwarmupsteps",
  "patience": "earlystopping earlystoppingpatience",
  "mask_rate": "mlmprobability maskprob maskingrate",
  "steps": "maxsteps numsteps iterations maxiters",
  "seed": "randomseed randomstate rngseed",
  "save_every": "savesteps saveinterval checkpointevery",
  "log_every": "loggingsteps loginterval",
  "track": "reportto logger loggers logto tracker trackers",
  "corpus": "input text texts data file files corpusfile trainfile traindata sentences path",
  "train": "input data file trainfile traindata trainset traincsv corpus",
  "dev": "valid val validation eval devfile validfile validationfile evalfile",
  "test": "testfile testdata testset",
  "dev_fraction": "validationsplit valfraction devsplit valsplit",
  "max_train_texts": "numsamples maxtrainsamples maxsamples",
  "init": "pretrained pretrainedvectors embeddings embedding vectors modelname model"
  " modelnameorpath wordvectors",
  "label_names": "labels classes classnames id2label",
  "lowercase": "lower dolowercase uncased",
  "class_weights": "classweight",
  "device_per_core": "workers threads thread numworkers njobs",
  "method": "algorithm algo architecture modeltype",
}


def keys_called(name: str) -> list[str]:
  """Returns the keys, of whatever method, that other libraries call `name`."""
  plain = name.lower().replace("_", "").replace("-", "")
  return [key for key, others in SYNONYMS.items() if key == name or plain in others.split()]

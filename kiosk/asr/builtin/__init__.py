"""Build a Vosk model on this machine, in seconds, from what installed packages carry.

The parts, in the order in which `build` uses them:

``vocabulary``      which words and which questions to expect
``lexicon``         how each word sounds (dictionary, plain letters, espeak-ng's rules)
``language_model``  how likely each word is after the words before it
``sphinx_model``    CMU Sphinx's acoustic model, read from the pocketsphinx package
``network``         the same Gaussians as a Kaldi nnet3 network
``graph``           words, sounds and model states as one decoding graph
``kaldi_format``    Kaldi's binary notation
``build``           puts the folder together
``cache``           keeps it until the persona changes
"""

"""Put the built-in Vosk model together.

Source of the folder's layout: Vosk, "Model structure"; of the figures below: measured with
``kiosk bench asr``, see docs/measurements-asr.md.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import numpy as np
import pocketsphinx

from kiosk.asr.builtin import kaldi_format as kaldi
from kiosk.asr.builtin import vocabulary
from kiosk.asr.builtin.graph import build_graph, number_words
from kiosk.asr.builtin.language_model import END, START, LanguageModel
from kiosk.asr.builtin.lexicon import Lexicon, make_lexicon, read_dictionary
from kiosk.asr.builtin.network import network_bytes
from kiosk.asr.builtin.openfst_format import transducer_bytes
from kiosk.asr.builtin.phones import PHONES, SILENCE_ID, UNKNOWN_SPEECH, word_boundary_lines
from kiosk.asr.builtin.report import BuildReport
from kiosk.asr.builtin.sentences import WeightedSentence, weighted_sentences
from kiosk.asr.builtin.sphinx_model import read_sphinx_model
from kiosk.asr.builtin.text import spoken_words
from kiosk.asr.builtin.vocabulary import UNKNOWN_WORD
from kiosk.asr.model_folder import ENGINE_FILE
from kiosk.asr.spec import VocabularySpec

COMMON_WORDS = 6000
GAUSSIANS = 12
ORDER = 3
HISTORY_STRENGTH = 2.0  # seen words that make a history as trustworthy as the shorter one
ACOUSTIC_SCALE = 0.08
BEAM = 11.0
LATTICE_BEAM = 12.0
# Everything that adds up to a path's cost times this: the same best path, but posteriors of words
# that say how sure they are. Frames are not independent of one another, so taken as they are nearly
# every word would have a posterior of one.
# Source: Evermann, Woodland, "Large vocabulary decoding and confidence estimation using word
# posterior probabilities" (2000).
POSTERIOR_SCALE = 0.4
GENERAL_HISTORIES = 600
CANDIDATES = 1500
GENERAL_WORDS = 8.0

# Share of each source in the probability of a word regardless of history.
ASKED_SHARE, COMMON_SHARE, EVERY_WORD_SHARE = 0.6, 0.3, 0.1
WORDS_PER_SENTENCE = 6
UNKNOWN_SHARE = 0.01

# Mean of the cepstra before any speech was heard; found on close microphones.
CEPSTRAL_MEAN = (80.0, -8.0, 8.0, 13.0, -3.0, 0.0, -2.0, -1.0, -1.0, 1.0, 0.0, 1.0, 2.0)
CEPSTRAL_MEAN_FRAMES = 1000.0
CEPSTRAL_VARIANCE = 50.0

# Faint noise keeps digital silence from ruining the mean; much more would drown quiet visitors.
# Kaldi's own is drawn anew each time, so that the same question was now heard and now not.
DITHER = 4.0

# Paths kept alive however far behind: where speech fits the model badly, one wrong word stretched
# over a sentence leaves all others behind, and with few paths the sentence never comes back.
MIN_ACTIVE = "800"

# Sphinx's front end in Kaldi's terms.
MFCC_OPTIONS = {
    "use-energy": "false",
    "sample-frequency": "16000",
    "frame-length": "25.625",
    "window-type": "hamming",
    "preemphasis-coefficient": "0.97",
    "remove-dc-offset": "false",
    "num-mel-bins": "25",
    "num-ceps": "13",
    "low-freq": "130",
    "high-freq": "6800",
    "cepstral-lifter": "22",
    "dither": "0",
    "snip-edges": "true",
}
DECODER_OPTIONS = {
    "min-active": MIN_ACTIVE,
    "max-active": "5000",
    "beam": str(BEAM * POSTERIOR_SCALE),
    "lattice-beam": str(LATTICE_BEAM * POSTERIOR_SCALE),
    "acoustic-scale": str(ACOUSTIC_SCALE * POSTERIOR_SCALE),
    "frame-subsampling-factor": "1",
    "frames-per-chunk": "20",
    "endpoint.silence-phones": str(SILENCE_ID),
    "endpoint.rule2.min-trailing-silence": "0.5",
    "endpoint.rule3.min-trailing-silence": "0.75",
    "endpoint.rule4.min-trailing-silence": "1.0",
}


def build_model(out_dir: Path, spec: VocabularySpec) -> BuildReport:
    """Write a Vosk model for ``spec`` to ``out_dir``, which must not exist or be empty.

    Raises:
        ModelBroken: The acoustic model inside the pocketsphinx package cannot be read.
    """
    started_s = time.perf_counter()
    sphinx_dir = Path(pocketsphinx.get_model_path("en-us"))
    acoustics = read_sphinx_model(sphinx_dir / "en-us")
    sentences = weighted_sentences(spec)
    general = vocabulary.GeneralEnglish()
    dictionary = read_dictionary(sphinx_dir / "cmudict-en-us.dict")
    lexicon, unigram = _vocabulary(spec, sentences, general.frequencies(dictionary), dictionary)
    model = LanguageModel(unigram, order=ORDER, strength=HISTORY_STRENGTH)
    for words, weight in sentences:
        model.add(words, weight)
    candidates = _likeliest(unigram, CANDIDATES)
    for word in _likeliest(unigram, GENERAL_HISTORIES):
        history = START if word == END else word
        following = general.following((history,), candidates)
        model.add_general((history,), following, GENERAL_WORDS)
    word_ids = number_words(tuple(lexicon.pronunciations))
    graph = build_graph(
        lexicon.pronunciations, model, word_ids, acoustics.definition, acoustics.transitions
    )

    for folder in ("am", "conf", "graph/phones"):
        (out_dir / folder).mkdir(parents=True, exist_ok=True)
    (out_dir / "am/final.mdl").write_bytes(
        kaldi.BINARY_MARK
        + kaldi.transition_model(len(PHONES), graph.states)
        + network_bytes(acoustics, graph.senones, GAUSSIANS)
    )
    (out_dir / "am/global_cmvn.stats").write_bytes(
        kaldi.BINARY_MARK + kaldi.double_matrix(_cepstral_statistics())
    )
    transducer = graph.transducer.scaled(POSTERIOR_SCALE)
    (out_dir / "graph/HCLG.fst").write_bytes(transducer_bytes(transducer))
    _write_lines(out_dir / "graph/words.txt", (f"{w} {i}" for w, i in word_ids.items()))
    _write_lines(out_dir / "graph/phones/word_boundary.int", word_boundary_lines())
    _write_options(out_dir / "conf/mfcc.conf", MFCC_OPTIONS)
    _write_options(out_dir / "conf/model.conf", DECODER_OPTIONS)
    # Vosk takes every model's frames for 30 ms long; these are 10 ms.
    properties = {
        "name": "built-in",
        "time_scale": 1 / 3,
        "noise_removal": True,
        "dither": DITHER,
        "trim_lead": True,
    }
    (out_dir / ENGINE_FILE).write_text(json.dumps(properties))
    _write_notice(out_dir / "NOTICE")

    museum = vocabulary.museum_words()
    return BuildReport(
        folder=out_dir,
        seconds=time.perf_counter() - started_s,
        bytes=sum(file.stat().st_size for file in out_dir.rglob("*") if file.is_file()),
        words=len(lexicon.pronunciations),
        pronounced_by_rule=tuple(w for w in lexicon.by_rule if w not in museum),
        without_pronunciation=(*lexicon.missing, *_unspoken(spec)),
    )


def _vocabulary(
    spec: VocabularySpec,
    sentences: Iterable[WeightedSentence],
    general: Mapping[str, float],
    dictionary: Mapping[str, tuple[tuple[str, ...], ...]],
) -> tuple[Lexicon, dict[str, float]]:
    """Pronunciations of all words, and each word's probability regardless of history."""
    asked: dict[str, float] = {}
    for sentence, weight in sentences:
        for word in sentence:
            if word == UNKNOWN_WORD:
                continue  # its share is its own
            asked[word] = asked.get(word, 0.0) + weight
    common = [
        word
        for word in general
        if word not in vocabulary.OBSCENE and (len(word) > 1 or word in ("a", "i"))
    ][:COMMON_WORDS]
    named = [word for name in spec.words for word in spoken_words(name)]
    wanted = [*asked, *named, *vocabulary.museum_words(), *common]
    lexicon = make_lexicon(wanted, dictionary, spec.pronunciations)

    words = list(lexicon.pronunciations)
    asked_total = math.fsum(asked.get(word, 0.0) for word in words)
    common_total = math.fsum(general.get(word, 0.0) for word in words)
    word_share = 1 - 1 / (WORDS_PER_SENTENCE + 1)
    unigram = {
        word: word_share
        * (
            ASKED_SHARE * asked.get(word, 0.0) / asked_total
            + COMMON_SHARE * general.get(word, 0.0) / common_total
            + EVERY_WORD_SHARE / len(words)
        )
        for word in words
    }
    unigram[END] = 1 - word_share
    unigram = {word: probability * (1 - UNKNOWN_SHARE) for word, probability in unigram.items()}
    unigram[UNKNOWN_WORD] = UNKNOWN_SHARE
    lexicon.pronunciations[UNKNOWN_WORD] = ((UNKNOWN_SPEECH,),)
    return lexicon, unigram


def _unspoken(spec: VocabularySpec) -> tuple[str, ...]:
    """Names and questions without any letter that English could read out."""
    return tuple(text for text in (*spec.words, *spec.phrasings) if not spoken_words(text))


def _likeliest(unigram: Mapping[str, float], count: int) -> dict[str, float]:
    words = sorted(unigram, key=lambda word: (-unigram[word], word))[:count]
    return {word: unigram[word] for word in words}


def _cepstral_statistics() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Kaldi's CMVN statistics, shape (2, 14): sums and count, sums of squares."""
    mean = np.array(CEPSTRAL_MEAN)
    sums = np.append(mean * CEPSTRAL_MEAN_FRAMES, CEPSTRAL_MEAN_FRAMES)
    squares = np.append((mean**2 + CEPSTRAL_VARIANCE) * CEPSTRAL_MEAN_FRAMES, 0.0)
    return np.stack([sums, squares])


def _write_options(path: Path, options: Mapping[str, str]) -> None:
    _write_lines(path, (f"--{name}={value}" for name, value in options.items()))


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_notice(path: Path) -> None:
    """The acoustic model's licence asks that its notice goes with every copy."""
    package = metadata.distribution("pocketsphinx")
    notices = [
        Path(str(package.locate_file(file))).read_text(encoding="utf-8")
        for file in package.files or ()
        if file.name == "LICENSE" or file.match("en-us/README")
    ]
    path.write_text("\n\n".join(notices), encoding="utf-8")

"""espeak-ng's formant synthesis: a hundred voices from one library, called through ctypes."""

from __future__ import annotations

import ctypes
import ctypes.util
import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.lips.mouths import Sound, from_ipa
from studio.lips.readers import Reader, Utterance, at_16k, drawn, missing

PACE = (130, 190)  # words a minute
PITCH = (25, 75)

ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029",
                  "en-gb-x-gbcwmd")  # fmt: skip
_VARIANTS = (
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 klatt klatt2 klatt4 klatt5 klatt6 linda steph "
    "steph2 steph3 michael Michael john grandma grandpa zac belinda benjamin anika edward "
    "edward2 travis adam Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo "
    "Jacky Lee Marco Mario Mike Nguyen antonio aunty boris caleb david ed gustave iven iven2 "
    "iven3 iven4 kaukovalta marcelo max michel miguel norbert pablo paul pedro quincy rob "
    "robert sandro shelby victor"
)
VARIANTS = tuple(_VARIANTS.split())


def espeak(voices: Sequence[str]) -> Reader:
    """espeak-ng's formant synthesis, another voice and variant for each text."""
    library = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"

    def read(texts: Sequence[str], chance: random.Random | None) -> Iterator[Utterance]:
        speak = _Espeak(library)
        for index, text in enumerate(texts):
            voice = voices[index % len(voices)]
            said = speak.say(
                text, voice, round(drawn(chance, PACE, 165)), round(drawn(chance, PITCH, 50))
            )
            if said is not None:
                yield Utterance("espeak", text, said[0], from_ipa(said[1]))

    return read


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h."""

    _fields_ = (
        ("kind", ctypes.c_int), ("identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p), ("name", ctypes.c_char * 8),
    )  # fmt: skip


class _Espeak:
    """The library, told to hand over samples and phoneme events instead of playing."""

    _SYNCHRONOUS, _PHONEMES_AS_IPA, _PHONEME_EVENT = 2, 3, 7
    _RATE, _PITCH, _UTF8 = 1, 3, 1

    def __init__(self, library: str) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise missing("espeak-ng") from error
        self._rate_hz = self._library.espeak_Initialize(
            self._SYNCHRONOUS, 0, None, self._PHONEMES_AS_IPA
        )
        self._sound: list[NDArray[np.int16]] = []
        self._begun: list[tuple[str, float]] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )
        self._callback = kind(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: object) -> int:
        if count > 0:
            self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        for event in iter(events):  # type: ignore[call-overload]
            if event.kind == 0:
                break
            if event.kind == self._PHONEME_EVENT:
                self._begun.append((event.name.decode("utf-8", "ignore"), event.audio_ms / 1000))
        return 0

    def say(
        self, text: str, voice: str, words_a_minute: int, pitch: int
    ) -> tuple[NDArray[np.float32], list[Sound]] | None:
        self._sound.clear()
        self._begun.clear()
        self._library.espeak_SetVoiceByName(voice.encode())
        self._library.espeak_SetParameter(self._RATE, words_a_minute, 0)
        self._library.espeak_SetParameter(self._PITCH, pitch, 0)
        said = text.encode() + b"\0"
        self._library.espeak_Synth(said, len(said), 0, 1, 0, self._UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._sound or not self._begun:
            return None
        samples = np.concatenate(self._sound).astype(np.float32) / np.float32(32768)
        ends_s = [begin_s for _, begin_s in self._begun[1:]] + [len(samples) / self._rate_hz]
        sounds = [
            (name or "_", begin_s, end_s)
            for (name, begin_s), end_s in zip(self._begun, ends_s, strict=True)
        ]
        return at_16k(samples, self._rate_hz), sounds

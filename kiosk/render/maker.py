"""Make one film: speech, lips, pictures and encoding, each on a thread of its own.

::

    text ─ voice ─┬─ sound ────────────────────────────┐
                  └─ lips ── patches ──┐               │
    loop ─ decoder ──── planes ────────┴─ picture ── encoder ── film.mp4

Stages run a few items ahead of one another (``ahead``), so memory does not grow with the film.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kiosk.audio import read_wav
from kiosk.engine.parts import PartsLoader
from kiosk.errors import BadInput, MediaError
from kiosk.lipsync import LipsTrack, LipSync, Patch
from kiosk.messages import Shape, Speaking
from kiosk.persona import LoadedPersona
from kiosk.render.ahead import ahead
from kiosk.render.lettering import missing_letters
from kiosk.render.planes import Framing, Planes
from kiosk.render.reel import Reel
from kiosk.render.request import FilmRequest, Subtitles
from kiosk.render.script import LEAD_IN_TICKS, REST_TICKS, VISEMES, Script
from kiosk.render.sound import LIPS_RATE_HZ, SOUND_RATE_HZ, RateChange, Soundtrack
from kiosk.render.subtitles import Title
from kiosk.timing import CancelToken
from kiosk.tts import PiperVoiceEngine, SpeechChunk
from kiosk.video import LOOP_FPS, FilmWriter, LoopReader, Marking, open_loop, part_of

T = TypeVar("T")
Report = Callable[[float, float], None]
"""Told (pictures made, of about how many)."""

RECORDING = "recording"

_RECORDING_BLOCK_S = 2
_CHARACTERS_PER_S = 14  # of speech; only for the progress bar, until the voice has spoken

_CHUNKS_AHEAD = 4
_PATCHES_AHEAD = 32
_PICTURES_AHEAD = 12

_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Made:
    """Attributes:
    duration_s: Of the film.
    files: What may lie beside the film, by kind (see ``Script.files``).
    """

    duration_s: float
    files: dict[str, str]


class FilmMaker:
    """Makes films of one persona, one at a time; models are loaded when they are first needed.

    Args:
        loaded: The persona.
        threads: For each model.
    """

    def __init__(self, loaded: LoadedPersona, threads: int) -> None:
        self.loaded = loaded
        self._loader = PartsLoader(loaded, threads)
        self._voices: dict[Speaking, PiperVoiceEngine] = {}
        self._upright = PartsLoader(loaded, threads, Shape.UPRIGHT)
        self._lips: dict[Shape, LipSync] = {}

    @property
    def faults(self) -> list[str]:
        """What had to be replaced, for staff."""
        return [*self._loader.faults, *self._upright.faults]

    @property
    def lips(self) -> LipSync:
        """Over the wide loop."""
        return self._lips_over(self._loader)

    def _lips_over(self, loader: PartsLoader) -> LipSync:
        shape = loader.footage.shape  # an upright screen may show the wide loop
        if shape not in self._lips:
            self._lips[shape] = loader.lips()
        return self._lips[shape]

    def voice(self, speaking: Speaking) -> PiperVoiceEngine:
        """The persona's voice, or the kiosk's own."""
        if speaking not in self._voices:
            self._voices[speaking] = self._loader.voice(speaking)
        return self._voices[speaking]

    def make(
        self,
        request: FilmRequest,
        cancel: CancelToken,
        report: Report,
        *,
        spoken: Sequence[SpeechChunk] | None = None,
    ) -> Made:
        """Write the film, and what was asked for beside it.

        Args:
            request: Checked.
            cancel: Calls the work off; nothing stays behind then.
            report: Told how far it is.
            spoken: The request's text as it was already spoken; None to speak it here.

        Raises:
            Cancelled: Called off.
            MediaError: Loop or recording cannot be used, or the film cannot be written.
            ModelBroken: A model failed.
            BadInput: The voice has no sounds for the text, or the subtitles no letters.
        """
        loader = self._upright if request.shape is Shape.UPRIGHT else self._loader
        footage = loader.footage
        info = open_loop(footage.idle)
        size = (info.width, info.height)
        framing = Framing.fill(size, request.size or size, footage.focus)
        with ExitStack() as stack:

            def start(items: Iterable[T], room: int, name: str) -> Iterator[T]:
                return stack.enter_context(ahead(items, room, name))

            # Decoder and voice are at work while the lips are loaded here.
            reader = stack.enter_context(LoopReader(footage.idle, out_format="nv12"))
            pictures = start(_endless(reader), _PICTURES_AHEAD, "loop")
            said = self._speech(request, cancel) if spoken is None else spoken
            speech = start(said, _CHUNKS_AHEAD, "voice")
            moves_lips = request.voice is Speaking.PERSONA
            track = self._lips_over(loader).track(LEAD_IN_TICKS) if moves_lips else None
            titles: Sequence[Title] = ()
            if request.subtitles is Subtitles.BURN:  # where to break depends on what follows
                chunks = list(speech)
                titles = _script_of(chunks).titles()
                _check_letters(titles)
                speech = iter(chunks)
            moments = start(_with_lips(speech, track, cancel), _PATCHES_AHEAD, "lips")
            film = stack.enter_context(self._film(request, framing))
            label = self.loaded.persona.disclosure.text
            reel = Reel(film, pictures, framing, request.fps, label, titles)
            made = self._shoot(moments, reel, Soundtrack(film), request, cancel, report)
            # Before the film has its name: where there is a film, everything is there.
            write_beside(request, made.files)
        return made

    def _speech(self, request: FilmRequest, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """What is said, piece by piece."""
        if request.wav is None:
            yield from self.voice(request.voice).speak(_PARAGRAPHS.split(request.text), cancel)
            return
        samples, rate_hz = read_wav(request.wav, SOUND_RATE_HZ)
        block = _RECORDING_BLOCK_S * rate_hz
        for start in range(0, len(samples), block):
            yield SpeechChunk("", samples[start : start + block], rate_hz, (), (), aligned=False)

    def _film(self, request: FilmRequest, framing: Framing) -> FilmWriter:
        persona = self.loaded.persona
        return FilmWriter(
            request.out,
            *framing.size,
            request.fps,
            SOUND_RATE_HZ,
            marking=Marking(persona.identity.name, persona.disclosure.text),
        )

    def _shoot(
        self,
        moments: Iterator[SpeechChunk | Patch],
        reel: Reel,
        sound: Soundtrack,
        request: FilmRequest,
        cancel: CancelToken,
        report: Report,
    ) -> Made:
        """Bring sound and pictures into the film, in the order of their time."""
        moves_lips = request.voice is Speaking.PERSONA
        script = Script()
        guessed_s = len(request.text) / _CHARACTERS_PER_S
        for moment in moments:
            cancel.check()
            if isinstance(moment, SpeechChunk):
                script.add(moment)
                sound.add(moment)
                if not moves_lips:
                    reel.show_until(script.ticks - REST_TICKS)
            else:
                reel.show_until(LEAD_IN_TICKS + moment.frame)
                reel.show(moment)
            report(reel.tick, max(script.ticks, guessed_s * LOOP_FPS))
        if not sound.heard:
            raise BadInput(
                f"The voice {self.voice(request.voice).name} has no sounds for this text.",
                remedy="Write it in the voice's language.",
            )
        reel.show_until(script.ticks)
        report(reel.tick, reel.tick)
        duration_s = reel.frames / request.fps
        sound.finish(duration_s)
        voice = RECORDING if request.wav else self.voice(request.voice).name
        return Made(duration_s, script.files(duration_s, request.fps, voice))


def write_beside(request: FilmRequest, files: Mapping[str, str]) -> None:
    """Write what was asked for beside the film.

    Raises:
        MediaError: A file cannot be written.
    """
    wanted = {request.titles: str(request.subtitles), request.visemes: VISEMES}
    for path, kind in wanted.items():
        if path is None:
            continue
        part = part_of(path)
        try:
            part.write_text(files[kind], encoding="utf-8")
            os.replace(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise cannot_be_written(path, error) from error


def cannot_be_written(path: Path, error: OSError) -> MediaError:
    """What is told of a file that the disk refused."""
    return MediaError(
        f"The file cannot be written ({error.strerror}).",
        where=path,
        remedy="Check that the folder may be written and has space.",
    )


def _check_letters(titles: Sequence[Title]) -> None:
    missing = missing_letters("".join(line for title in titles for line in title.lines))
    if missing:
        raise BadInput(
            f"The subtitles' typeface has no letters for '{missing}'.",
            remedy="Put the subtitles into a file instead: --subtitles srt.",
        )


def _script_of(chunks: Iterable[SpeechChunk]) -> Script:
    script = Script()
    for chunk in chunks:
        script.add(chunk)
    return script


def _with_lips(
    speech: Iterator[SpeechChunk], track: LipsTrack | None, cancel: CancelToken
) -> Iterator[SpeechChunk | Patch]:
    """Each stretch of speech, followed by the patches that can be drawn with it."""
    stream = RateChange(LIPS_RATE_HZ)
    for chunk in speech:
        yield chunk
        if track is not None:
            track.feed(stream.feed(chunk))
            yield from track.patches(cancel)
    if track is not None:
        track.feed(stream.finish())
        track.finish()
        yield from track.patches(cancel)


def _endless(reader: LoopReader) -> Iterator[Planes]:
    while True:
        yield reader.next()[1]

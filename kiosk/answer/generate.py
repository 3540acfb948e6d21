"""From a model's stream of tokens to sentences that may be spoken, in time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kiosk.answer.chat import Chat
from kiosk.answer.clean import clean_sentence, opens_other_turn
from kiosk.answer.prompt import Message
from kiosk.answer.sentences import SentenceSplitter
from kiosk.errors import Cancelled, EngineFault
from kiosk.timing import CancelToken

MOST_SENTENCES = 4  # of a reply: people stand, and a small model wanders
_THOUGHT = ("<think>", "</think>")
_QUEUED_SENTENCES = 4
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Late:
    """No sentence came in time."""


@dataclass(frozen=True, slots=True)
class Done:
    """The reply came to its own end; missing where it was called off."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The model failed; ``fault`` says how, for the log."""

    fault: EngineFault


ModelEvent = str | Late | Failed | Done
"""A sentence, or what came in its place."""


def model_sentences(
    chat: Chat,
    messages: Sequence[Message],
    allows: Callable[[str], bool],
    *,
    name: str,
    max_tokens: int,
    cancel: CancelToken,
) -> Iterator[str]:
    """Clean sentences of a reply, at most four; ends before the first one that must not be said.

    What follows a forbidden sentence leans on it, so it is not spoken either.

    Args:
        chat: The model.
        messages: The prompt.
        allows: Whether a clean sentence may be spoken.
        name: The persona's, which some models write before their lines.
        max_tokens: Most tokens of the reply.
        cancel: Stops it.
    """
    splitter = SentenceSplitter()
    spoken = 0

    def complete() -> Iterator[str]:
        pieces = chat.reply(messages, max_tokens=max_tokens, cancel=cancel)
        for piece in without_thoughts(pieces):
            yield from splitter.feed(piece)
        yield from splitter.flush()

    for raw in complete():
        if opens_other_turn(raw):
            return
        sentence = clean_sentence(raw, name)
        if not sentence:
            continue
        if not allows(sentence):
            return
        yield sentence
        spoken += 1
        if spoken == MOST_SENTENCES:
            return


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """Text without what a reasoning model writes between ``<think>`` and ``</think>``.

    A thought that is never closed is never spoken. Text is held back only as long as it may be the
    beginning of a mark.
    """
    held, thinking = "", False
    for piece in pieces:
        held += piece
        while (place := held.find(_THOUGHT[thinking])) >= 0:
            if not thinking:
                yield held[:place]
            held = held[place + len(_THOUGHT[thinking]) :]
            thinking = not thinking
        begun = _begun_mark(held, _THOUGHT[thinking])
        if not thinking and len(held) > begun:
            yield held[: len(held) - begun]
        held = held[len(held) - begun :]
    if not thinking:
        yield held


def _begun_mark(text: str, mark: str) -> int:
    """How many characters at the text's end may be the mark's beginning."""
    longest = min(len(text), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(mark[:n])), 0)


def paced(
    work: Callable[[CancelToken], Iterator[str]],
    *,
    bridge_s: float,
    deadline_s: float,
    cancel: CancelToken | None,
    inner: CancelToken,
) -> Generator[ModelEvent, None, None]:
    """Run a source of sentences on a thread of its own and never wait too long for the next.

    Args:
        work: Makes the source, given the token that stops it.
        bridge_s: After so long without the first sentence, a ``Late`` comes in its place.
        deadline_s: After so long without the first sentence, the second ``Late``; after the first
            sentence, a ``Late`` for each such span without the next.
        cancel: Ends the stream, and the work, at once.
        inner: The token given to ``work``; its owner can stop work whose stream nobody reads.

    The thread is stopped and joined before this generator ends, also when it is closed early.
    """
    ready: queue.Queue[str | Failed | None] = queue.Queue(maxsize=_QUEUED_SENTENCES)

    def offer(item: str | Failed | None) -> None:
        while not inner.cancelled:
            try:
                ready.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    def run() -> None:
        try:
            for sentence in work(inner):
                offer(sentence)
        except Cancelled:
            pass
        except EngineFault as fault:
            offer(Failed(fault))
        offer(None)

    thread = threading.Thread(target=run, name="answer-model", daemon=True)
    thread.start()
    try:
        waited_s, limits_s = 0.0, [bridge_s, max(bridge_s, deadline_s)]
        while not (inner.cancelled or (cancel is not None and cancel.cancelled)):
            try:
                item = ready.get(timeout=_POLL_S)
            except queue.Empty:
                waited_s += _POLL_S
                if waited_s >= limits_s[0]:
                    if len(limits_s) > 1:
                        del limits_s[0]
                    else:
                        waited_s = 0.0
                    yield Late()
                continue
            if item is None:
                yield Done()
                return
            waited_s, limits_s = 0.0, [deadline_s]
            yield item
    finally:
        inner.cancel()
        thread.join()

"""The language model path: how long a visitor waits for a word, and how soon it can be stopped.

A model that persona.toml names is measured as it is; without one, stand-ins of the shapes of
Qwen2.5 0.5B and 1.5B, on prompts with as many tokens as Qwen's own tokenizer would make of the real
ones.
"""

from __future__ import annotations

import contextlib
import itertools
import resource
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kiosk import paths
from kiosk.answer import ChatModel, Embedder
from kiosk.answer.knowledge import Knowledge
from kiosk.answer.native import open_llama
from kiosk.answer.prompt import Message, PromptWriter
from kiosk.engine.bench.figures import THREADS, spread
from kiosk.engine.bench.standins import CHATS, NOTE, chat_standin
from kiosk.engine.parts import BUILTIN_EMBEDDER
from kiosk.errors import Cancelled, Missing
from kiosk.persona import LoadedPersona, resolve_asset
from kiosk.timing import CancelToken

PROMPT_TOKENS = 128
REPLY_TOKENS = 32
SENTENCE_TOKENS = 16  # of a short English sentence
CHARACTERS_A_TOKEN = 4.3  # of English prose in Qwen2.5's vocabulary
KNOWN_WORDS = ("sea", "stone", "cliff", "shore", "fossil", "bone", "beach", "winter", "storm")
CANCEL_AFTER_S = 0.1  # in the middle of a prompt
CANCEL_AFTER_PIECES = 4
QUESTIONS = (
    "what would you say to a girl who wants to study stones",
    "did you ever dream of crossing the sea",
    "were you ever angry with the gentlemen",
)


def llm(loaded: LoadedPersona) -> dict[str, Any]:
    """Speed of the chat model, by model.

    A stand-in that cannot be made is left out, and the report says why; it is an error only if
    nothing could be measured.

    Raises:
        Missing: No model is named, and no stand-in can be made.
    """
    report: dict[str, Any] = {"threads": THREADS}
    named = loaded.persona.chat.model
    if named:
        path = resolve_asset(loaded, named, builtin="", key="chat.model")
        return {**report, path.stem: _measure(path, loaded, invented=False)}
    report["note"] = NOTE
    reasons = []
    for shape in CHATS:
        try:
            with chat_standin(shape) as path:
                report[path.stem] = _measure(path, loaded, invented=True)
        except Missing as reason:
            reasons.append(reason)
            report[f"{shape}-shaped"] = {"left_out": str(reason)}
    if len(reasons) == len(CHATS):
        raise reasons[0]
    return report


def _measure(path: Path, loaded: LoadedPersona, *, invented: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {"megabytes": round(path.stat().st_size / 1e6)}
    figures |= _network(path, loaded.persona.chat.context_tokens)
    return figures | _replies(path, loaded, invented=invented)


def _network(path: Path, context_tokens: int) -> dict[str, float]:
    """llama.cpp alone: tokens read and tokens written in a second."""
    began_s = time.perf_counter()
    llama = open_llama(path, threads=THREADS, context_tokens=context_tokens)
    load_s = time.perf_counter() - began_s
    words = llama.tokenize(b" fossil stone and sea" * PROMPT_TOKENS, add_bos=False)
    prompt = words[:PROMPT_TOKENS]
    llama.eval(prompt[:8])  # the first evaluation reads the weights from the disk
    llama.reset()
    began_s = time.perf_counter()
    llama.eval(prompt)
    prompt_s = time.perf_counter() - began_s
    stream = llama.generate(prompt, reset=True)
    next(stream)
    began_s = time.perf_counter()
    written = sum(1 for _ in itertools.islice(stream, REPLY_TOKENS))
    reply_s = time.perf_counter() - began_s
    llama.close()
    return {
        "load_s": round(load_s, 2),
        "prompt_ms_a_token": round(1e3 * prompt_s / len(prompt), 2),
        "prompt_tokens_a_second": round(len(prompt) / prompt_s, 1),
        "reply_tokens_a_second": round(written / reply_s, 1),
    }


def _replies(path: Path, loaded: LoadedPersona, *, invented: bool) -> dict[str, Any]:
    """From a question to its first piece of text, and from a cancel to the end."""
    persona = loaded.persona
    embedder = Embedder(
        paths.builtin_models_dir() / BUILTIN_EMBEDDER, threads=1, cache_dir=paths.cache_dir()
    )
    writer, knowledge = PromptWriter(persona), Knowledge(persona, embedder)
    notes = [knowledge.fitting(question, persona.answers[:2]) for question in QUESTIONS]
    prompts = [writer.messages(q, (), known) for q, known in zip(QUESTIONS, notes, strict=True)]
    characters = statistics.mean(sum(len(m.text) for m in prompt) for prompt in prompts)
    if invented:
        prompts = [_in_known_words(prompt, at) for at, prompt in enumerate(prompts)]
    chat = ChatModel(path, context_tokens=persona.chat.context_tokens, threads=THREADS)
    began_s = time.perf_counter()
    chat.warm(prompts[0][0])
    warm_ms = 1e3 * (time.perf_counter() - began_s)
    kept_ms = [_first_piece_ms(chat, prompt) for prompt in prompts]
    stopped_reply_ms = [_stopped_reply_ms(chat, prompt) for prompt in prompts]
    plain_ms, stopped_prompt_ms = [], []
    other = Message("system", "Another beginning, so that nothing of the state can be kept.")
    for prompt in prompts:
        _first_piece_ms(chat, (other, Message("user", "hello")))
        stopped_prompt_ms.append(_stopped_prompt_ms(chat, prompt))
        _first_piece_ms(chat, (other, Message("user", "hello")))
        plain_ms.append(_first_piece_ms(chat, prompt))
    first_sentence_ms = [_first_sentence_ms(chat, prompt) for prompt in prompts]
    resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "prompt_characters": round(characters),
        "warm_up_ms": round(warm_ms, 1),
        "first_piece_ms": spread(kept_ms),
        f"first_{SENTENCE_TOKENS}_tokens_ms": spread(first_sentence_ms),
        "plain_first_piece_ms": spread(plain_ms),
        "plain_ratio": round(statistics.median(plain_ms) / statistics.median(kept_ms), 2),
        "cancel_in_prompt_ms": spread(stopped_prompt_ms),
        "cancel_between_tokens_ms": spread(stopped_reply_ms),
        "peak_memory_mb_so_far": round(resident_mb),
    }


def _in_known_words(prompt: Sequence[Message], turn: int) -> tuple[Message, ...]:
    """The same number of tokens in words that the stand-in has a token for.

    Its small vocabulary would spell the real text out, and so make the prompt three times as long.
    """
    return tuple(
        Message(
            message.role,
            "".join(
                f" {KNOWN_WORDS[(at + turn * (message.role != 'system')) % len(KNOWN_WORDS)]}"
                for at in range(int(len(message.text) / CHARACTERS_A_TOKEN))
            ),
        )
        for message in prompt
    )


def _pieces(chat: ChatModel, prompt: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
    return chat.reply(prompt, max_tokens=REPLY_TOKENS, cancel=cancel)


def _first_piece_ms(chat: ChatModel, prompt: Sequence[Message]) -> float:
    began_s = time.perf_counter()
    pieces = _pieces(chat, prompt, CancelToken())
    next(pieces, "")
    took_ms = 1e3 * (time.perf_counter() - began_s)
    del pieces  # closes the reply
    return took_ms


def _first_sentence_ms(chat: ChatModel, prompt: Sequence[Message]) -> float:
    """Until a sentence of usual length is there: then speech could begin."""
    began_s = time.perf_counter()
    pieces = _pieces(chat, prompt, CancelToken())
    for _ in itertools.islice(pieces, SENTENCE_TOKENS):
        pass
    took_ms = 1e3 * (time.perf_counter() - began_s)
    del pieces
    return took_ms


def _stopped_reply_ms(chat: ChatModel, prompt: Sequence[Message]) -> float:
    cancel = CancelToken()
    pieces = _pieces(chat, prompt, cancel)
    for _ in itertools.islice(pieces, CANCEL_AFTER_PIECES):
        pass
    cancel.cancel()
    return _ms_to_end(pieces, time.perf_counter())


def _stopped_prompt_ms(chat: ChatModel, prompt: Sequence[Message]) -> float:
    cancel = CancelToken()
    cancelled_at_s: list[float] = []

    def call_off() -> None:
        cancelled_at_s.append(time.perf_counter())
        cancel.cancel()

    timer = threading.Timer(CANCEL_AFTER_S, call_off)
    timer.start()
    pieces = _pieces(chat, prompt, cancel)
    with contextlib.suppress(Cancelled):
        for _ in pieces:
            pass
    ended_at_s = time.perf_counter()
    timer.join()
    return 1e3 * (ended_at_s - cancelled_at_s[0])


def _ms_to_end(pieces: Iterator[str], since_s: float) -> float:
    with contextlib.suppress(Cancelled):
        for _ in pieces:
            pass
    return 1e3 * (time.perf_counter() - since_s)

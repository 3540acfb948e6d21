"""A language model for what no prepared answer covers: any instruct GGUF on llama.cpp."""

from __future__ import annotations

import codecs
import ctypes
import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from kiosk.answer.native import open_llama
from kiosk.answer.prompt import Message
from kiosk.errors import ModelBroken
from kiosk.timing import CancelToken

_TEMPERATURE = 0.6
_TOP_P = 0.9
_REPEAT_PENALTY = 1.1
_REMEDY = "Run 'kiosk models verify', or remove chat.model from persona.toml."


class Chat(Protocol):
    """What the answerer needs of a language model."""

    name: str

    def reply(
        self, messages: Sequence[Message], *, max_tokens: int, cancel: CancelToken
    ) -> Iterator[str]:
        """Pieces of the reply's text as they come; raises ``Cancelled`` when called off."""

    def warm(self, system: Message) -> None:
        """Evaluate the beginning that all prompts share."""

    def forget(self) -> None:
        """Drop everything that came from a visitor."""


class ChatModel:
    """Aim: stream replies of a GGUF chat model, stoppable at any moment.

    One reply at a time. The state of the prompt's unchanged beginning is kept from one reply to the
    next. A cancelled token also stops the evaluation of a long prompt, between two of llama.cpp's
    graph nodes.
    """

    def __init__(
        self, gguf: Path, *, context_tokens: int = 2048, threads: int = 2, seed: int = 0
    ) -> None:
        """Load the model.

        Args:
            gguf: Model with a chat template in its metadata; without one, plain role labels.
            context_tokens: Size of the context, tokens.
            threads: Threads of llama.cpp.
            seed: Of the sampler.

        Raises:
            ModelMissing: There is no such file.
            ModelBroken: llama.cpp refuses it, or its template cannot be read.
        """
        self.name = f"llama.cpp {gguf.stem}"
        self._path = gguf
        self._llama = open_llama(gguf, threads=threads, context_tokens=context_tokens, seed=seed)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        self._bos = self._special_text(self._llama.token_bos())
        self._formatter = self._load_template()
        self._system: tuple[int, ...] = ()
        self._busy = threading.Lock()
        self._cancel = CancelToken()
        # llama.cpp keeps the callback's address only: the object must live as long as the context.
        self._abort = llama_cpp.ggml_abort_callback(self._called_off)
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort, ctypes.c_void_p(0))

    def warm(self, system: Message) -> None:
        """Evaluate the beginning that all prompts share, so that no visitor waits for it."""
        with self._busy:
            one, other = (
                self._tokens([system, Message("user", word)]) for word in ("yes", "no one")
            )
            shared = 0
            while shared < min(len(one), len(other)) and one[shared] == other[shared]:
                shared += 1
            self._system = tuple(one[: min(shared, self._llama.n_ctx() // 2)])
            self._cancel = CancelToken()
            self._llama.reset()
            if self._system:
                self._llama.eval(self._system)

    def reply(
        self, messages: Sequence[Message], *, max_tokens: int, cancel: CancelToken
    ) -> Iterator[str]:
        """Pieces of the reply's text as they are generated.

        Args:
            messages: System message first; the oldest turns are dropped if they do not fit.
            max_tokens: Most tokens of the reply.
            cancel: Stops within one token, or within one step of the prompt's evaluation.

        Raises:
            Cancelled: ``cancel`` was cancelled.
            ModelBroken: llama.cpp failed.
        """
        with self._busy:
            self._cancel = cancel
            decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
            try:
                for token in self._generate(messages, max_tokens):
                    piece = decoder.decode(self._llama.detokenize([token]))
                    if piece:
                        yield piece
            except (RuntimeError, ValueError) as error:
                cancel.check()  # an aborted evaluation surfaces as a RuntimeError
                raise ModelBroken(
                    f"The chat model failed ({error}).", where=self._path, remedy=_REMEDY
                ) from error
            cancel.check()

    def forget(self) -> None:
        """Drop the visit's tokens; the persona's own beginning stays evaluated."""
        with self._busy:
            kept = len(self._system)
            self._llama.n_tokens = min(self._llama.n_tokens, kept)
            self._llama.input_ids[kept:] = 0
            self._llama._ctx.kv_cache_seq_rm(-1, kept, -1)
            if tuple(self._llama.input_ids[:kept].tolist()) != self._system:
                self._llama.reset()
                self._llama.input_ids[:] = 0
            self._cancel = CancelToken()

    def _generate(self, messages: Sequence[Message], max_tokens: int) -> Iterator[int]:
        room = self._llama.n_ctx()
        most = min(max_tokens, room // 2)
        prompt = self._fit(messages, room - most)
        stream = self._llama.generate(
            prompt, temp=_TEMPERATURE, top_p=_TOP_P, repeat_penalty=_REPEAT_PENALTY
        )
        for token in itertools.islice(stream, most):
            self._cancel.check()
            if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                return
            yield token

    def _fit(self, messages: Sequence[Message], most: int) -> list[int]:
        """Tokens of the prompt, at most ``most``: the oldest turns go first, then long texts."""
        kept = list(messages)
        tokens = self._tokens(kept)
        while len(tokens) > most and len(kept) > 2:
            del kept[1 : 3 if len(kept) > 3 else 2]
            tokens = self._tokens(kept)
        while len(tokens) > most and max(len(message.text) for message in kept) > 40:
            longest = max(range(len(kept)), key=lambda index: len(kept[index].text))
            text = kept[longest].text
            # Keep a message's end: that is where the question stands.
            kept[longest] = Message(kept[longest].role, text[len(text) // 3 :])
            tokens = self._tokens(kept)
        return tokens[-most:]

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        prompt = self._render([{"role": m.role, "content": m.text} for m in messages])
        has_bos = bool(self._bos) and prompt.startswith(self._bos)
        tokens = self._llama.tokenize(prompt.encode("utf-8"), add_bos=not has_bos, special=True)
        return [int(token) for token in tokens]

    def _render(self, turns: list[dict[str, str]]) -> str:
        if self._formatter is None:
            lines = [f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns]
            return "\n\n".join([*lines, "Assistant:"])
        try:
            return self._filled_in(turns)
        except ValueError:
            # Templates without a system role (Gemma's) refuse it: it opens the first turn instead.
            system, first, *rest = turns
            joined = {"role": "user", "content": f"{system['content']}\n\n{first['content']}"}
            return self._filled_in([joined, *rest])

    def _filled_in(self, turns: list[dict[str, str]]) -> str:
        assert self._formatter is not None
        # Qwen3's template lets the model think aloud first; nobody waits for that.
        return str(self._formatter(messages=turns, enable_thinking=False).prompt)

    def _load_template(self) -> Jinja2ChatFormatter | None:
        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            return None
        try:
            return Jinja2ChatFormatter(
                template=template,
                eos_token=self._special_text(self._llama.token_eos()),
                bos_token=self._bos,
            )
        except Exception as error:  # Jinja raises a family of its own
            raise ModelBroken(
                f"The model's chat template cannot be read ({error}).",
                where=self._path,
                remedy="Use a model whose chat template llama.cpp supports.",
            ) from error

    def _special_text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = self._llama.detokenize([token], special=True)
        return text.decode("utf-8", errors="ignore")

    def _called_off(self, _data: object) -> bool:
        return self._cancel.cancelled

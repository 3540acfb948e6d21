"""The language model as the answerer uses it: grounded, guarded and in time."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence

from kiosk.answer.chat import Chat
from kiosk.answer.embedder import Embedder
from kiosk.answer.generate import ModelEvent, model_sentences, paced
from kiosk.answer.grounding import Grounding
from kiosk.answer.guard import Guard
from kiosk.answer.injection import InjectionDetector
from kiosk.answer.knowledge import Knowledge
from kiosk.answer.prompt import PromptWriter, Turn
from kiosk.persona.schema import Answer, Persona
from kiosk.timing import CancelToken

log = logging.getLogger(__name__)


class GroundedChat:
    """Aim: sentences of a language model that may be spoken in the persona's name.

    One reply at a time; a new one stops the one before.
    """

    def __init__(self, persona: Persona, embedder: Embedder, chat: Chat) -> None:
        """Prepare a persona, and let the model read the beginning that all prompts share.

        Args:
            persona: Whose manner, facts and limits.
            embedder: Sentence embedding.
            chat: The model.
        """
        self._persona = persona
        self._chat = chat
        self._knowledge = Knowledge(persona, embedder)
        self._grounding = Grounding(persona)
        self._guard = Guard(persona.limits.never_say, embedder)
        self._injections = InjectionDetector(embedder)
        self._prompts = PromptWriter(persona)
        self._running = CancelToken()
        chat.warm(self._prompts.system)

    def new_visit(self) -> None:
        """Forget the visitor; a reply that nobody reads any more would keep the model busy."""
        self._running.cancel()
        self._chat.forget()

    def may_be_asked(self, text: str) -> bool:
        """Whether a visitor's words are a question, and no order to the model."""
        return not self._injections.detects(text)

    def reply(
        self,
        question: str,
        turns: Sequence[Turn],
        related: Sequence[Answer],
        cancel: CancelToken | None,
    ) -> Generator[ModelEvent, None, None]:
        """Sentences as they come, with a ``Late`` where one is missed, and a ``Done`` at the end.

        Args:
            question: Whole (a follow-up as rewritten); untrusted.
            turns: The visit so far, as far as it was really heard.
            related: Prepared answers near the question, best first.
            cancel: Ends the reply at once.
        """
        notes = self._knowledge.fitting(question, related)
        messages = self._prompts.messages(question, turns, notes)
        settings = self._persona.chat
        self._running.cancel()
        inner = self._running = CancelToken()

        def allows(sentence: str) -> bool:
            if not self._guard.allows(sentence):
                log.info("a sentence of the model was kept back: forbidden")
                return False
            fault = self._grounding.fault(sentence, question, notes)
            if fault is not None:
                log.info("a sentence of the model was kept back: %s not borne out", fault)
            return fault is None

        def work(token: CancelToken) -> Iterator[str]:
            return model_sentences(
                self._chat,
                messages,
                allows,
                name=self._persona.identity.name,
                max_tokens=settings.max_tokens,
                cancel=token,
            )

        return paced(
            work,
            bridge_s=settings.bridge_s,
            deadline_s=settings.deadline_s,
            cancel=cancel,
            inner=inner,
        )

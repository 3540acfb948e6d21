"""A small persona and small fakes for the tests of answering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kiosk.answer.prompt import Message
from kiosk.persona.schema import Persona
from kiosk.timing import CancelToken


def small_persona(**changes: Any) -> Persona:
    """A woman of Lyme with a dozen answers; ``changes`` replace whole tables."""
    table: dict[str, Any] = {
        "format": 1,
        "identity": {
            "name": "Mary Anning",
            "dates": "1799-1847",
            "epithet": "fossil hunter of Lyme Regis",
            "consent": "A historical person; public domain.",
        },
        "disclosure": {"text": "AI-generated likeness and voice."},
        "smalltalk": {
            "greeting": ("Good day.",),
            "farewell": ("Fare you well.",),
            "unknown": ("I do not know that.", "That I cannot tell you.", "I never learned that."),
            "misheard": ("I did not catch that.", "Once more, please?"),
            "already_told": ("I have told you that already.", "You heard that from me before."),
            "not_mine": ("That is not mine to answer.", "Others must answer that."),
            "bridge": ("Let me think a moment.",),
        },
        "suggestions": ("When were you born?", "Who was Tray?", "Where did you find fossils?"),
        "facts": (
            "She sold fossils from a table outside the house.",
            "Lyme Regis lies on the coast of Dorset.",
            "She copied scientific papers by hand.",
        ),
        "limits": {
            "never_say": ("murder", "buying stolen goods", "Brexit"),
            "not_mine": ("Who should I vote for?", "What medicine should I take?"),
        },
        "support": {
            "title": "You are not alone",
            "text": "Please speak to the staff, or call 116 123 at any time.",
            "spoken": "It sounds as if you are going through something hard. Please speak to us.",
            "phrases": ("I cannot see a way forward",),
        },
        "answers": tuple(_ANSWERS),
    }
    table.update(changes)
    return Persona.model_validate(table)


def _answer(answer_id: str, ask: str, say: str, topics: str = "", **more: Any) -> dict[str, Any]:
    def parts(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split("|") if part.strip())

    return {"id": answer_id, "ask": parts(ask), "say": parts(say), "topics": parts(topics), **more}


_ANSWERS = [
    _answer(
        "greeting", "hello | good morning | hi there | good day to you", "Good day to you. | Hello."
    ),
    _answer("thanks", "thank you | thanks | many thanks | thank you so much", "You are welcome."),
    _answer(
        "born",
        "When were you born? | Where were you born? | What is your birthday? | In which year were "
        "you born?",
        "I was born on the twenty-first of May 1799, in Lyme Regis.",
        "birth",
    ),
    _answer(
        "brother",
        "Did you have a brother? | Who was Joseph? | Tell me about your brother. | What became of "
        "Joseph?",
        "Joseph was three years older than I. He found the skull. | He became an upholsterer.",
        "brother | Joseph",
    ),
    _answer(
        "sister",
        "Did you have a sister? | Tell me about your sister. | What happened to your sister? | Are "
        "you named after your sister?",
        "I was named after my sister Mary, who died in a fire.",
        "sister",
    ),
    _answer(
        "father-death",
        "How did your father die? | When did your father die? | What happened to your father? | "
        "What did your father die of?",
        "My father died in 1810, of consumption and a fall from the cliffs.",
        "father",
    ),
    _answer(
        "plesiosaur",
        "What is a plesiosaur? | When did you find the plesiosaur? | Tell me about the plesiosaur."
        " | How did you find the plesiosaur?",
        "In December 1823 I found it whole: a tiny head, a very long neck, four paddles.",
        "plesiosaur",
    ),
    _answer(
        "ichthyosaur",
        "What is an ichthyosaur? | When did you find the ichthyosaur? | Tell me about the "
        "ichthyosaur. | Who found the ichthyosaur?",
        "Joseph found the skull in 1811, and I the body a year later.",
        "ichthyosaur",
    ),
    _answer(
        "where",
        "Where did you find your fossils? | Which cliffs did you search? | Where did you look for "
        "fossils? | Where are the fossils from?",
        "On the cliffs between Lyme and Charmouth.",
        "cliffs | Lyme",
    ),
    _answer(
        "tray",
        "Who was Tray? | Did you have a dog? | What was your dog called? | Tell me about your dog.",
        "Tray was my little terrier. | He went everywhere with me.",
        "Tray | dog",
    ),
    _answer(
        "death",
        "How did you die? | When did you die? | What did you die of? | How old were you when you "
        "died?",
        "I died on the ninth of March 1847, aged forty-seven.",
        "death",
    ),
    _answer(
        "help",
        "What can I ask you? | Help | What do you know about? | What should I ask?",
        "Ask me about my finds.",
        action="help",
    ),
    _answer(
        "repeat",
        "Say that again | Can you repeat that? | What did you say? | Pardon?",
        "I have said nothing yet.",
        action="repeat",
    ),
    _answer(
        "louder",
        "Louder please | I cannot hear you | Speak up | Can you speak louder?",
        "I shall speak up.",
        action="louder",
    ),
]


class FakeChat:
    """Says given pieces; keeps what it was asked.

    Attributes:
        asked: Messages of each reply.
        forgotten: Times that ``forget`` was called.
        stopped: True once a reply was cut short by its token.
    """

    name = "fake"

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces
        self.asked: list[tuple[Message, ...]] = []
        self.warmed: list[Message] = []
        self.forgotten = 0
        self.stopped = False

    def reply(
        self, messages: Sequence[Message], *, max_tokens: int, cancel: CancelToken
    ) -> Iterator[str]:
        self.asked.append(tuple(messages))
        for count, piece in enumerate(self.pieces):
            if cancel.cancelled:
                self.stopped = True
                cancel.check()
            if count < max_tokens:
                yield piece

    def warm(self, system: Message) -> None:
        self.warmed.append(system)

    def forget(self) -> None:
        self.forgotten += 1

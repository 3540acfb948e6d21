"""What staff can do with the kept questions, from the dialogue and from options alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk import paths
from kiosk.answer import Embedder
from kiosk.engine.parts import BUILTIN_EMBEDDER
from kiosk.errors import BadInput
from kiosk.persona import LoadedPersona
from kiosk.review import Group, PersonaEditor, Phrasings, QuestionStore, group_questions

SHOWN_WORDINGS = 6
FEWEST_PHRASINGS = 4  # the persona file's own rule
_INDENT = " " * 15


class Review:
    """Aim: one review of the kept questions; what is decided is done at once.

    Attributes:
        groups: Questions that mean the same, most asked first.
        loaded: The persona as it was at the beginning.
    """

    def __init__(self, store: QuestionStore, loaded: LoadedPersona) -> None:
        """Group the kept questions; the embedding model is loaded only if there are any."""
        self.loaded = loaded
        self._store = store
        self._editor: PersonaEditor | None = None
        self.groups = _grouped(store, loaded)

    def named(self, group_id: str) -> Group:
        """A group by its id.

        Raises:
            BadInput: There is none.
        """
        for group in self.groups:
            if group.group_id == group_id:
                return group
        known = ", ".join(group.group_id for group in self.groups[:8]) or "none"
        raise BadInput(
            f"There is no group {group_id!r}.",
            remedy=f"Groups now: {known}. List them: kiosk persona review --list",
        )

    def add_phrasing(self, group: Group, answer_id: str, wordings: Sequence[str]) -> None:
        """Let the group find an existing answer: by the wordings, else by its leading question.

        Raises:
            BadInput: There is no such answer, or a wording cannot be used.
            PersonaError: The file would be wrong with it; it is as it was.
        """
        chosen = tuple(wordings) or (group.question,)
        editor = self._edit()
        editor.add_phrasing(answer_id, chosen)
        shown = ", ".join(f"'{wording}'" for wording in chosen)
        self._done(group, editor, f"Added to {answer_id}: {shown}")

    def add_answer(
        self,
        group: Group,
        answer_id: str,
        say: Sequence[str],
        wordings: Sequence[str],
        source: str = "",
    ) -> None:
        """Make a new answer, asked by the given wordings and the group's own.

        Raises:
            BadInput: There are too few ways to ask, or a wording cannot be used.
            PersonaError: The file would be wrong with it; it is as it was.
        """
        ask = tuple(dict.fromkeys((*wordings, *group.phrasings)))
        if len(ask) < FEWEST_PHRASINGS:
            raise BadInput(
                f"An answer needs at least {FEWEST_PHRASINGS} ways to ask for it; "
                f"there are {len(ask)}.",
                remedy="Give more, as visitors would say it: --wording TEXT --wording TEXT",
            )
        editor = self._edit()
        editor.add_answer(answer_id, ask, say, source=source)
        self._done(group, editor, f"New answer: {answer_id}, asked in {len(ask)} ways")

    def dismiss(self, group: Group) -> None:
        """Delete the group's questions. If they are asked again, they come again."""
        print(f"Questions deleted: {self._forget(group)}")

    def _edit(self) -> PersonaEditor:
        """One editor for the whole review, so that there is one copy of the file before it."""
        if self._editor is None:
            self._editor = PersonaEditor(self.loaded.path)
        return self._editor

    def _done(self, group: Group, editor: PersonaEditor, what: str) -> None:
        self._forget(group)
        print(what)
        print(f"The file as it was before: {editor.backup}")

    def _forget(self, group: Group) -> int:
        return self._store.remove(group.texts)


def as_record(group: Group) -> dict[str, Any]:
    """A group as JSON."""
    near = group.nearest
    nearest = None
    if near is not None:
        nearest = {
            "answer": near.answer_id,
            "phrasing": near.phrasing,
            "likeness": near.likeness,
        }
    return {
        "group": group.group_id,
        "question": group.question,
        "count": group.count,
        "why": dict(group.why),
        "last_day": group.last_day.isoformat(),
        "wordings": dict(group.wordings),
        "nearest": nearest,
    }


def lines_of(group: Group) -> list[str]:
    """A group as staff read it."""
    why = ", ".join(f"{times} {reason}" for reason, times in group.why.items())
    lines = [f"{group.group_id} {group.count:4} x  {group.question}   ({why})"]
    others = [text for text, _ in group.wordings if text != group.question]
    lines += [f"{_INDENT}also: {text}" for text in others[:SHOWN_WORDINGS]]
    if len(others) > SHOWN_WORDINGS:
        lines.append(f"{_INDENT}and {len(others) - SHOWN_WORDINGS} more")
    if (near := group.nearest) is not None:
        lines.append(f"{_INDENT}nearest: {near.answer_id}, '{near.phrasing}' ({near.likeness:.2f})")
    return lines


def _grouped(store: QuestionStore, loaded: LoadedPersona) -> tuple[Group, ...]:
    questions = store.all()
    if not questions:
        return ()
    model = paths.builtin_models_dir() / BUILTIN_EMBEDDER
    embedder = Embedder(model, threads=1, cache_dir=paths.cache_dir())
    asks = {answer.id: answer.ask for answer in loaded.persona.answers}
    # The persona's phrasings are pinned: the kiosk has most of their vectors on disk already.
    phrasings = Phrasings(asks, lambda texts: embedder.embed(texts, pin=True), embedder.embed)
    groups = group_questions(questions, embedder.embed, phrasings)
    embedder.save_pinned()
    return groups

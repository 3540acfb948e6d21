"""From a question to an answer: the one place where it is decided what the portrait says."""

from __future__ import annotations

import logging
import random
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace

from kiosk.answer.chat import Chat
from kiosk.answer.choosing import LEAST_ASR, Choice, Chooser, sureness, topic_of, unfinished
from kiosk.answer.distress import DistressDetector
from kiosk.answer.embedder import Embedder
from kiosk.answer.generate import Done, Failed, Late, ModelEvent
from kiosk.answer.grounded import GroundedChat
from kiosk.answer.matcher import Match, Matcher
from kiosk.answer.prompt import Turn
from kiosk.answer.reply import Guess, Reply
from kiosk.answer.sentences import split_sentences
from kiosk.answer.suggest import Suggester, is_social
from kiosk.answer.visit import Spoken, Visit
from kiosk.answer.words import normalise
from kiosk.messages import Speaking, SupportNotice
from kiosk.persona.schema import Answer, Persona
from kiosk.timing import CancelToken

log = logging.getLogger(__name__)

_CERTAIN_ABOVE_THRESHOLD = 0.25
_CERTAIN_AT_MOST = 0.95
_CERTAIN_MARGIN = 0.12
# Under these, the next-best readings of a spoken question are offered too (measurements-asr.md: of
# the answers one in a hundred is wrong above 0.95, three in ten below 0.85).
_CERTAIN_ASR = 0.9
_CERTAIN_CHOICE = 0.6
_USUAL_AFTER_MISSES = 2


class Answerer:
    """Aim: one reply to anything a visitor says, never the same line twice in a visit.

    In this order: a visitor in distress gets the support notice; then service phrases, small talk
    and prepared answers; then topics that are not the persona's; then, if the words were hardly
    understood, "I did not catch that"; then the language model, grounded in what is known; else an
    honest "I do not know" with questions that can be answered.

    Used from one thread at a time.
    """

    def __init__(
        self,
        persona: Persona,
        embedder: Embedder,
        chat: Chat | None = None,
        seed: int | None = None,
    ) -> None:
        """Prepare a persona (all its phrasings are embedded now).

        Args:
            persona: The persona.
            embedder: Sentence embedding.
            chat: Language model; None for none.
            seed: Of the order of the small-talk lines; None for a random one.
        """
        self._persona = persona
        self._embedder = embedder
        self._random = random.Random(seed)
        self._matcher = Matcher(persona, embedder)
        self._suggester = Suggester(persona, self._matcher)
        self._distress = DistressDetector(embedder, persona.support.phrases)
        self._chooser = Chooser(persona, embedder, self._matcher)
        self._model = GroundedChat(persona, embedder, chat) if chat is not None else None
        embedder.save_pinned()
        self.new_visit()

    def new_visit(self) -> None:
        """Forget the visitor."""
        self._visit = Visit()
        self._embedder.forget()
        if self._model is not None:
            self._model.new_visit()
        talk = self._persona.smalltalk
        self._lines = {
            name: self._random.sample(lines, len(lines))
            for name, lines in (
                ("unknown", talk.unknown),
                ("misheard", talk.misheard or talk.unknown),
                ("already_told", talk.already_told),
                ("not_mine", talk.not_mine),
                ("bridge", talk.bridge),
            )
        }

    def guess(self, partial: str) -> Guess | None:
        """What would be answered to the words heard so far; changes nothing."""
        if self._distress.detects(partial):
            return None
        both = self._chooser.choose_both(partial, self._visit)
        if both is not None:
            answers = [choice.best.answer for choice in both if choice.best is not None]
            said = " ".join(self._words_of(answer).say for answer in answers)
            return Guess(answers[0].id, said, self._certain(both[1], partial))
        choice = self._chooser.choose(partial, self._visit)
        if choice.best is None:
            return None
        spoken = self._words_of(choice.best.answer)
        return Guess(choice.best.answer.id, spoken.say, self._certain(choice, partial))

    def _certain(self, choice: Choice, partial: str) -> bool:
        """Whether an answer would also be given if the words were heard as badly as may be."""
        least = max(
            self._persona.timings.match_threshold,
            min(self._persona.timings.match_threshold + _CERTAIN_ABOVE_THRESHOLD, _CERTAIN_AT_MOST),
        )
        return (
            choice.best is not None
            and choice.confidence * sureness(LEAST_ASR) >= least
            and choice.best.margin >= _CERTAIN_MARGIN
            and not unfinished(partial)
        )

    def candidates(self, text: str) -> Choice:
        """How a question would be read at this point of the visit; changes nothing."""
        return self._chooser.choose(text, self._visit)

    def answer(
        self, text: str, *, asr_confidence: float = 1.0, cancel: CancelToken | None = None
    ) -> Reply:
        """Reply to a question; never raises for any text.

        Args:
            text: Question as heard or typed.
            asr_confidence: 0..1, how sure recognition is of the words.
            cancel: Stops a reply that is still being generated.
        """
        if self._distress.detects(text):
            return self._support(text)
        both = self._chooser.choose_both(text, self._visit, asr_confidence)
        if both is not None:
            return self._both(*both, text)
        choice = self._chooser.choose(text, self._visit, asr_confidence)
        if choice.best is not None:
            reply = self._prepared(choice, choice.best)
            if asr_confidence >= _CERTAIN_ASR and choice.confidence >= _CERTAIN_CHOICE:
                return reply
            return replace(reply, instead=self._meant(choice, choice.best.answer))
        if choice.not_mine:
            return self._declined(choice, text)
        if asr_confidence < LEAST_ASR:
            return self._misheard(choice, text)
        if self._model is not None and choice.candidates and self._model.may_be_asked(text):
            return self._generated(self._model, choice, text, cancel)
        return self._unknown(choice, text)

    def heard(self, reply: Reply, heard_text: str) -> None:
        """Note how much of a reply was really heard; the history holds nothing else.

        Args:
            reply: From ``answer``.
            heard_text: The words that left the loudspeaker; empty if none did.
        """
        heard = heard_text.strip()
        if heard:
            self._visit.turns.append(Turn(reply.question, heard))
            if reply.source == "model":
                self._visit.spoken = Spoken(heard)
        else:
            for answer_id in (reply.answer_id, reply.second_id):
                if answer_id and self._visit.told[answer_id] > 0:
                    self._visit.told[answer_id] -= 1  # not a word was heard: it is still untold

    # --- wording ----------------------------------------------------------------------------

    def _prepared(self, choice: Choice, match: Match) -> Reply:
        visit, answer = self._visit, match.answer
        spoken = self._words_of(answer)
        again = answer.action == "repeat" and spoken is visit.spoken
        visit.misses = 0
        if not again:
            visit.told[answer.id] += 1
        if not is_social(answer):
            visit.topic = topic_of(match, choice.question)
        if answer.action == "none":
            visit.spoken = spoken
        return Reply(
            answer_id=answer.id,
            source="prepared",
            confidence=choice.confidence,
            sentences=iter(split_sentences(spoken.say)),
            speaking=spoken.speaking,
            suggestions=self._suggester.after(answer.id, self._asked()),
            action=answer.action,
            support=spoken.support,
            matched=match.phrasing,
            say=spoken.say,
            question=choice.question,
        )

    def _both(self, first: Choice, second: Choice, text: str) -> Reply:
        """Two answers to a question with two parts, as one."""
        assert first.best is not None
        assert second.best is not None
        one, other = self._prepared(first, first.best), self._prepared(second, second.best)
        said = f"{one.say} {other.say}"
        self._visit.spoken = Spoken(said)
        return replace(
            one,
            confidence=min(one.confidence, other.confidence),
            sentences=iter(split_sentences(said)),
            suggestions=other.suggestions,
            say=said,
            question=normalise(text),
            second_id=other.answer_id or "",
        )

    def _words_of(self, answer: Answer) -> Spoken:
        """What an answer says at this point of the visit; changes nothing.

        Its lines in order; asked once more, that it was told already; asked yet again, the visitor
        wants to hear it again. Small talk begins anew at once.
        """
        if answer.action == "repeat" and self._visit.spoken is not None:
            return self._visit.spoken
        count, lines = self._visit.told[answer.id], answer.say
        if is_social(answer):
            return Spoken(lines[count % len(lines)])
        place = count % (len(lines) + 1)
        if place < len(lines):
            return Spoken(lines[place])
        told = self._lines["already_told"]
        return Spoken(told[self._times_already_told() % len(told)])

    def _times_already_told(self) -> int:
        told = self._visit.told
        return sum(
            told[answer.id] // (len(answer.say) + 1)
            for answer in self._persona.answers
            if not is_social(answer)
        )

    def _support(self, text: str) -> Reply:
        support = self._persona.support
        notice = SupportNotice(support.title, support.text)
        self._visit.spoken = Spoken(support.spoken, Speaking.KIOSK, notice)
        return Reply(
            answer_id=None,
            source="support",
            confidence=1.0,
            sentences=iter(split_sentences(support.spoken)),
            speaking=Speaking.KIOSK,
            support=notice,
            say=support.spoken,
            question=text,
        )

    def _declined(self, choice: Choice, text: str) -> Reply:
        """Politely not answered: politics, advice, other people."""
        line = self._next_line("not_mine")
        self._visit.misses = 0
        return self._said(choice, text, line, self._suggester.usual(self._asked()))

    def _unknown(self, choice: Choice, text: str) -> Reply:
        """Honestly not known, with questions that can be answered."""
        self._visit.misses += 1
        return self._said(choice, text, self._next_line("unknown"), self._way_out(choice))

    def _misheard(self, choice: Choice, text: str) -> Reply:
        """Asked to say it again, with the questions it may have been."""
        self._visit.misses += 1
        reply = self._said(choice, text, self._next_line("misheard"), self._way_out(choice))
        return replace(reply, instead=self._meant(choice, None))

    def _meant(self, choice: Choice, chosen: Answer | None) -> tuple[str, ...]:
        """Questions that may have been asked instead of the one understood."""
        others = (match.answer for match in choice.candidates)
        return self._suggester.wording(answer for answer in others if answer is not chosen)

    def _said(self, choice: Choice, text: str, line: str, suggestions: tuple[str, ...]) -> Reply:
        self._visit.spoken = Spoken(line)
        return Reply(
            answer_id=None,
            source="unknown",
            confidence=choice.confidence,
            sentences=iter(split_sentences(line)),
            suggestions=suggestions,
            matched=choice.candidates[0].phrasing if choice.candidates else "",
            say=line,
            question=text,
        )

    def _generated(
        self, model: GroundedChat, choice: Choice, text: str, cancel: CancelToken | None
    ) -> Reply:
        related = [match.answer for match in choice.candidates if not is_social(match.answer)]
        events = model.reply(choice.question, tuple(self._visit.turns), related, cancel)
        self._visit.topic = None
        return Reply(
            answer_id=None,
            source="model",
            confidence=choice.confidence,
            sentences=self._model_words(events),
            suggestions=self._suggester.near(related, self._asked()),
            matched=choice.candidates[0].phrasing,
            question=text,
        )

    def _model_words(self, events: Generator[ModelEvent, None, None]) -> Iterator[str]:
        """A model's sentences; a bridge if it thinks for long, an honest line if nothing comes."""
        visit = self._visit
        spoken = bridged = over = False
        with closing(events):
            for event in events:
                match event:
                    case Done():
                        over = True
                    case Failed(fault):
                        log.warning("chat model: %s", fault)
                        over = True
                    case Late() if spoken or bridged:
                        over = True
                    case Late():
                        bridged = True
                        yield self._next_line("bridge")
                    case str() if normalise(event) not in visit.generated:
                        spoken = True
                        visit.misses = 0
                        visit.generated.add(normalise(event))
                        yield event
                if over:
                    break
        if over and not spoken:
            visit.misses += 1
            yield self._next_line("unknown")

    def _next_line(self, name: str) -> str:
        """Lines of small talk in turn, so that none comes twice in a row."""
        lines = self._lines[name]
        line = lines[self._visit.lines[name] % len(lines)]
        self._visit.lines[name] += 1
        return line

    def _way_out(self, choice: Choice) -> tuple[str, ...]:
        if self._visit.misses >= _USUAL_AFTER_MISSES:
            return self._suggester.usual(self._asked())
        near = [match.answer for match in choice.candidates]
        return self._suggester.near(near, self._asked())

    def _asked(self) -> frozenset[str]:
        return frozenset(answer_id for answer_id, times in self._visit.told.items() if times)

"""The chat model on llama.cpp, with a small model of true format made for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.answer import ChatModel
from kiosk.answer.prompt import Message
from kiosk.errors import Cancelled, ModelBroken, ModelMissing
from kiosk.timing import CancelToken
from scripts.make_chat_standin import SHAPES, write_standin

SYSTEM = Message("system", "You are Mary Anning of Lyme Regis. Answer in plain words.")
LONG = Message("user", "the sea and the stone and the fossil of the shore " * 60)


def ask(text: str) -> tuple[Message, ...]:
    return (SYSTEM, Message("user", text))


class CountingToken(CancelToken):
    """Cancels itself after it was looked at a number of times."""

    __slots__ = ("looks_left",)

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks_left = looks

    @property
    def cancelled(self) -> bool:
        self.looks_left -= 1
        if self.looks_left < 0:
            self.cancel()
        return super().cancelled


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chat") / "tiny.gguf"
    write_standin(path, SHAPES["tiny"])
    return path


@pytest.fixture
def chat(tiny: Path) -> ChatModel:
    return ChatModel(tiny, context_tokens=1024, threads=1)


def tokens_of(pieces: Iterator[str]) -> int:
    return sum(1 for _ in pieces)


def test_it_streams(chat: ChatModel) -> None:
    pieces = chat.reply(ask("What did you find?"), max_tokens=12, cancel=CancelToken())
    first = next(pieces)
    rest = list(pieces)
    assert first.strip()
    assert len(rest) >= 5


@pytest.mark.parametrize("limit", [1, 5, 20])
def test_token_limit(chat: ChatModel, limit: int) -> None:
    reply = chat.reply(ask("What did you find?"), max_tokens=limit, cancel=CancelToken())
    assert 1 <= tokens_of(reply) <= limit


def test_same_seed_same_file(tiny: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.gguf", tmp_path / "other.gguf"
    write_standin(again, SHAPES["tiny"])
    write_standin(other, SHAPES["tiny"], seed=1)
    assert again.read_bytes() == tiny.read_bytes() != other.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.gguf", "other.gguf"]


def test_cancelled_between_tokens(chat: ChatModel) -> None:
    cancel = CancelToken()
    pieces = chat.reply(ask("What did you find?"), max_tokens=400, cancel=cancel)
    next(pieces)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(pieces)
    assert tokens_of(chat.reply(ask("And then?"), max_tokens=4, cancel=CancelToken())) > 0


def test_cancelled_while_the_prompt_is_evaluated(chat: ChatModel) -> None:
    cancel = CountingToken(looks=40)
    with pytest.raises(Cancelled):
        next(chat.reply((SYSTEM, LONG), max_tokens=8, cancel=cancel))
    # A whole evaluation looks at the token thousands of times: this one was cut short.
    assert chat._llama.n_tokens < 600
    assert tokens_of(chat.reply(ask("And then?"), max_tokens=4, cancel=CancelToken())) > 0


def test_a_cancelled_token_yields_nothing(chat: ChatModel) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(chat.reply(ask("What?"), max_tokens=8, cancel=cancel))


def test_the_common_beginning_is_evaluated_once(
    chat: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.warm(SYSTEM)
    evaluated: list[int] = []
    real_eval = chat._llama.eval

    def counting_eval(tokens: list[int]) -> None:
        evaluated.append(len(tokens))
        real_eval(tokens)

    monkeypatch.setattr(chat._llama, "eval", counting_eval)
    tokens_of(chat.reply(ask("What?"), max_tokens=2, cancel=CancelToken()))
    whole = len(chat._tokens(ask("What?")))
    assert evaluated[0] == whole - len(chat._system) < whole // 2
    evaluated.clear()
    tokens_of(chat.reply(ask("And where was the dog?"), max_tokens=2, cancel=CancelToken()))
    assert evaluated[0] <= len(chat._tokens(ask("And where was the dog?"))) - len(chat._system)


def test_oldest_turns_are_dropped_first(chat: ChatModel) -> None:
    turns = [Message(role, f"{role} {n} " + "stone " * 30) for n in range(12) for role in _PAIR]
    prompt = chat._fit([SYSTEM, *turns, Message("user", "the newest question")], 400)
    text = chat._llama.detokenize(prompt, special=True).decode()
    assert len(prompt) <= 400
    assert "Mary Anning" in text
    assert "the newest question" in text
    assert "user 0 " not in text
    assert "user 11 " in text


_PAIR = ("user", "assistant")


def test_a_question_longer_than_the_context_still_gets_a_reply(chat: ChatModel) -> None:
    endless = Message("user", "sea " * 5000)
    assert tokens_of(chat.reply((SYSTEM, endless), max_tokens=3, cancel=CancelToken())) > 0


def test_forget_leaves_no_word_of_the_visitor(chat: ChatModel) -> None:
    chat.warm(SYSTEM)
    tokens_of(chat.reply(ask("my name is Tom Secret"), max_tokens=6, cancel=CancelToken()))
    chat.forget()
    left = [int(token) for token in chat._llama.input_ids]
    assert tuple(left[: len(chat._system)]) == chat._system
    assert not any(left[len(chat._system) :])
    assert chat._llama.n_tokens == len(chat._system)
    assert tokens_of(chat.reply(ask("And you?"), max_tokens=4, cancel=CancelToken())) > 0


def test_a_template_without_system_role(chat: ChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}{% endfor %}"
    )
    formatter = Jinja2ChatFormatter(template=template, eos_token="", bos_token="")
    monkeypatch.setattr(chat, "_formatter", formatter)
    rendered = chat._render([{"role": m.role, "content": m.text} for m in ask("Why?")])
    assert rendered == f"[user] {SYSTEM.text}\n\nWhy?"


def test_a_reasoning_model_is_told_not_to_think_aloud(
    chat: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    template = (
        "{% for m in messages %}{{ m['content'] }} {% endfor %}"
        "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}"
    )
    formatter = Jinja2ChatFormatter(template=template, eos_token="", bos_token="")
    monkeypatch.setattr(chat, "_formatter", formatter)
    rendered = chat._render([{"role": "user", "content": "Why?"}])
    assert rendered.endswith("<think></think>")


@pytest.mark.parametrize(
    "content",
    [b"", b"GGUF", b"GGML" + bytes(5000), b"GGUF\x63\0\0\0" + bytes(5000), b"\xff" * 5000],
)
def test_no_gguf_never_reaches_llama(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelBroken) as caught:
        ChatModel(path)
    assert "broken.gguf" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_a_cut_gguf_is_refused(tiny: Path, tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.gguf"
    whole = tiny.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelBroken):
        ChatModel(path)


def test_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        ChatModel(tmp_path / "none.gguf")


def test_llama_stays_silent(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tokens_of(ChatModel(tiny).reply(ask("Why?"), max_tokens=3, cancel=CancelToken()))
    assert capfd.readouterr() == ("", "")

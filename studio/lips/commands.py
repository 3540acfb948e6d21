"""The command line of the recipe: speech, hear, faces, see, join, truth, measure.

Each step leaves its work in a folder and goes on there when it is called again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.progress import bar
from kiosk.errors import BadInput, KioskError
from kiosk.training.torchless import require_torch
from studio.lips.sets import ADD, JUDGE, LEARN, parts_of
from studio.lips.work import Work

if TYPE_CHECKING:
    from studio.lips.hearing import Hearing
    from studio.lips.truth import Sentence

HELD_BACK = 20  # one sitting of so many is not learnt from
JUDGED_S = {"slt24": 7.0, "festival-kdl": 3.0}
"""Seconds of each voice that are rendered to judge by."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step; faults become one message and the kiosk's exit codes (2 input, 3 missing)."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except KioskError as error:
        print(f"studio.lips: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studio.lips", description=__doc__)
    steps = parser.add_subparsers(metavar="STEP", required=True)

    def step(
        name: str, run: Callable[[argparse.Namespace], None], say: str
    ) -> argparse.ArgumentParser:
        one = steps.add_parser(name, help=say)
        one.set_defaults(run=run)
        one.add_argument("--work", type=Path, default=Path("lips-work"), help="folder of work")
        one.add_argument("--seed", type=int, default=1)
        return one

    one = step("speech", _speech, "let every voice read")
    one.add_argument("--scale", type=float, default=1.0, help="of the number of sentences (1)")

    one = step("hear", _hear, "train the network that hears")
    one.add_argument("--minutes", type=float, default=25.0, help="in all, over every run (25)")
    one.add_argument("--threads", type=int, default=1)
    one.add_argument("--every-voice", action="store_true",
                     help="go on from there with the voices kept back so far")  # fmt: skip

    one = step("faces", _faces, "render faces to learn from")
    one.add_argument("--poses", type=int, default=400, help="of 8 pictures each (400)")
    one.add_argument("--workers", type=int, default=2, help="processes that draw (2)")
    one.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")

    one = step("see", _see, "train the network that draws")
    one.add_argument("--minutes", type=float, default=45.0, help="in all, over every run (45)")
    one.add_argument("--threads", type=int, default=1)

    one = step("join", _join, "write the model")
    one.add_argument("--out", type=Path, required=True, help="the model (.onnx)")
    one.add_argument("--before", action="store_true", help="with the unseen voices unheard")

    one = step("truth", _truth, "render sentences to judge by")
    one.add_argument("--share", default="0/1", help="this process's part of the work (0/1)")

    one = step("measure", _measure, "judge a model by its pixels")
    one.add_argument("model", type=Path, help="the model (.onnx)")
    one.add_argument("--recording", type=Path, help="a person speaking (.wav)")
    one.add_argument("--out", type=Path, required=True, help="folder of figures and clips")
    return parser


def _speech(arguments: argparse.Namespace) -> None:
    from studio.lips.speech import write_part

    work = Work(arguments.work)
    for name in (JUDGE, LEARN, ADD):
        minutes = 0.0
        for part in parts_of(name, arguments.seed, arguments.scale):
            with bar(f"Speaking {name}/{part.name}") as report:
                minutes += write_part(
                    part, work.speech(name), seed=arguments.seed,
                    keep_sound=name == JUDGE, report=report,
                )  # fmt: skip
        print(f"{name}: {minutes:.0f} minutes")


def _hear(arguments: argparse.Namespace) -> None:
    require_torch()
    import torch

    from kiosk.training.checkpoint import Checkpoints
    from studio.lips.hearing import RATE, RATE_LATER, Hearing, Lessons, train
    from studio.lips.openings import hearing_figures
    from studio.lips.rounds import Rounds

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    work, everyone = Work(arguments.work), arguments.every_voice
    folders = [work.speech(LEARN)] + ([work.speech(ADD)] if everyone else [])
    network = Hearing()
    if everyone:
        _require_state(work.hearing, network, "hear")
    lessons = Lessons(folders, arguments.seed)
    state = Checkpoints(work.hearing_all if everyone else work.hearing, "hearing")
    with bar("Hearing") as report:
        rounds = Rounds(state, arguments.minutes, lambda done, of, _: report(done, of))
        train(network, lessons, rounds, RATE_LATER if everyone else RATE)
    print(f"{rounds.step} steps, loss {rounds.loss:.4f}")
    print(json.dumps(hearing_figures(network, work.speech(JUDGE)), indent=1))


def _faces(arguments: argparse.Namespace) -> None:
    from studio.lips.faces import mouths_of_speech, render, sittings

    work = Work(arguments.work)
    pool = mouths_of_speech(work.speech(LEARN))
    every = list(sittings(arguments.poses, pool, arguments.seed))
    with bar("Rendering faces") as report:
        there = render(every, work.faces, workers=arguments.workers, report=report,
                       until_s=60 * arguments.minutes)  # fmt: skip
    print(f"{there} of {len(every)} poses in {work.faces}")


def _see(arguments: argparse.Namespace) -> None:
    require_torch()
    import torch

    from kiosk.training.checkpoint import Checkpoints
    from studio.lips.drawing import Drawing
    from studio.lips.faces import read_faces
    from studio.lips.rounds import Rounds
    from studio.lips.seeing import Pictures, likeness_db, train

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    work, network = Work(arguments.work), Drawing()
    pictures = Pictures(work.faces, lambda number: not _held_back(number), arguments.seed)
    with bar("Seeing") as report:
        rounds = Rounds(Checkpoints(work.drawing, "drawing"), arguments.minutes,
                        lambda done, of, _: report(done, of))  # fmt: skip
        train(network, pictures, rounds)
    drawn_db, resting_db = likeness_db(network, read_faces(work.faces, _held_back))
    print(
        f"{rounds.step} steps, {len(pictures.faces)} faces; poses never learnt from, given their "
        f"true code: {drawn_db:.1f} dB where the face moves (left at rest: {resting_db:.1f})"
    )


def _held_back(number: int) -> bool:
    return number % HELD_BACK == HELD_BACK // 2


def _join(arguments: argparse.Namespace) -> None:
    require_torch()
    from kiosk.training.export import export_onnx, multiplications
    from studio.lips.drawing import Drawing
    from studio.lips.faces import SIZE
    from studio.lips.join import Lips, write_description

    work = Work(arguments.work)
    hearing, drawing = _heard(work, before=arguments.before), Drawing()
    _require_state(work.drawing, drawing, "see")
    apart = export_onnx(Lips(hearing, drawing), SIZE, arguments.out)
    write_description(arguments.out, {})
    print(
        f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB, "
        f"{multiplications(arguments.out):.0f} million multiplications a frame, "
        f"{apart:.1g} from PyTorch"
    )


def _heard(work: Work, *, before: bool) -> Hearing:
    from studio.lips.hearing import Hearing

    network = Hearing()
    path = work.hearing if before or not work.hearing_all.exists() else work.hearing_all
    _require_state(path, network, "hear")
    return network


def _require_state(path: Path, network: Any, step: str) -> None:
    from kiosk.training.checkpoint import Checkpoints
    from studio.lips.rounds import averaged

    name = "drawing" if step == "see" else "hearing"
    if not averaged(Checkpoints(path, name), network):
        raise BadInput("This network has not been trained.", where=path,
                       remedy=f"Run `{step}` first.")  # fmt: skip


def _truth(arguments: argparse.Namespace) -> None:
    from studio.lips.truth import render_truth

    work = Work(arguments.work)
    number, _, of = arguments.share.partition("/")
    with bar("Rendering truth") as report:
        render_truth(_sentences(work), work.truth, report, (int(number), int(of)))


def _sentences(work: Work) -> list[Sentence]:
    from studio.lips.speech import read_part
    from studio.lips.truth import sentences_for

    sentences = []
    for name, seconds in JUDGED_S.items():
        sentences += sentences_for(name, read_part(work.speech(JUDGE), name), seconds)
    return sentences


def _measure(arguments: argparse.Namespace) -> None:
    require_torch()
    from studio.lips import measure
    from studio.lips.join import write_description
    from studio.lips.openings import hearing_figures
    from studio.lips.truth import judged_by, resting_faces

    work, out = Work(arguments.work), arguments.out
    out.mkdir(parents=True, exist_ok=True)
    sentences = _sentences(work)
    judged = judged_by(arguments.model, sentences, work.truth)
    shown = resting_faces(work.truth, 100)
    figures = {"voices": measure.voices(judged), "at_rest": measure.at_rest(arguments.model, shown)}
    if arguments.recording is not None:
        faces = resting_faces(work.truth, 1000)
        figures["recording"], drawn = measure.real_speech(
            arguments.model, arguments.recording, faces
        )
        sound = measure.read_recording(arguments.recording)
        measure.write_clip(None, drawn, sound, out / "recording.mp4")
    figures["by_code"] = {
        name: hearing_figures(_heard(work, before=before), work.speech(JUDGE))
        for name, before in (("voices unseen", True), ("as shipped", False))
    }
    for number, (sentence, run) in enumerate(zip(sentences, judged, strict=True)):
        clip = out / f"{number:02d}-{sentence.part}.mp4"
        measure.write_clip(run.truth, run.drawn, sentence.said.samples, clip)
    measure.write_strip(judged, out / "strip.png")
    write_description(arguments.model, figures)
    print(json.dumps(figures, indent=1))

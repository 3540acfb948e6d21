"""The command line of the recipe: corpus, teach, train, export, measure, look.

Each step leaves its work in a folder and goes on there when it is called again.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.progress import bar
from kiosk.errors import KioskError, Missing
from kiosk.persona import load_persona
from kiosk.tts.pronounce import Pronouncer
from studio.voice.measure import Figures
from studio.voice.settings import Work

MODELS = Path(__file__).resolve().parents[2] / "models"
PERSONA = MODELS.parent / "persona.toml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step; faults become one message and the kiosk's exit codes (2 input, 3 missing)."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except KioskError as error:
        print(f"studio.voice: {error}", file=sys.stderr)
        return error.exit_code
    except ImportError as error:
        missing = Missing(
            f"the package {error.name} is not installed.",
            remedy="Use an environment with PyTorch and the kiosk's packages (docs/voice.md).",
        )
        print(f"studio.voice: {missing}", file=sys.stderr)
        return missing.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studio.voice", description=__doc__)
    steps = parser.add_subparsers(metavar="STEP", required=True)

    step = steps.add_parser("corpus", help="write the sentences")
    step.add_argument("--train", type=int, default=6000, help="sentences to learn from (6000)")
    step.add_argument("--check", type=int, default=120, help="to choose the best state (120)")
    step.add_argument("--measured", type=int, default=80, help="to judge, besides hers (80)")
    step.add_argument("--seed", type=int, default=1)
    step.add_argument("--candidates", type=int, default=6000, help="words to try (6000)")
    step.add_argument("--persona", type=Path, default=PERSONA, help="whose answers are kept out")
    step.set_defaults(run=_corpus)

    step = steps.add_parser("teach", help="have the teacher read them")
    step.set_defaults(run=_teach)

    step = steps.add_parser("train", help="teach the network")
    step.add_argument("--steps", type=int, default=4000)
    step.add_argument("--check-every", type=int, default=250, help="steps to a checkpoint (250)")
    step.add_argument("--threads", type=int, default=1)
    step.add_argument("--seed", type=int, default=0)
    step.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate (0.0015)")
    step.add_argument("--average", type=float, default=0.99, help="of the weights (0.99)")
    step.add_argument("--batch-hops", type=int, default=4500, help="hops of 10 ms (4500)")
    step.add_argument("--questions", type=int, default=1, help="how often each comes (1)")
    step.add_argument("--from", dest="start", type=Path, help="a voice to train on (.onnx)")
    step.add_argument("--full-precision", action="store_true", help="no bfloat16")
    step.set_defaults(run=_train)

    step = steps.add_parser("export", help="write the voice")
    step.add_argument("--weights", type=Path, help="of this voice (.onnx), not of the training")
    step.add_argument("--out", type=Path, required=True, help="the voice (.onnx)")
    _add_timbre(step)
    step.set_defaults(run=_export)

    step = steps.add_parser("measure", help="let a recogniser listen")
    step.add_argument("voices", nargs="+", type=Path, help="voices to compare (.onnx)")
    step.add_argument("--set", choices=("measured", "check"), default="measured")
    step.add_argument("--general", type=int, default=80, help="drawn sentences (80)")
    step.add_argument("--hers", type=int, default=120, help="sentences of the persona (120)")
    step.add_argument("--no-teacher", action="store_true", help="the voices alone")
    step.add_argument("--show", action="store_true", help="what was heard where it was wrong")
    step.set_defaults(run=_measure)

    step = steps.add_parser("look", help="draw spectrograms")
    step.add_argument("voices", nargs="+", type=Path, help="voices to compare (.onnx)")
    step.add_argument("--text", default="Was the ichthyosaur found at Lime Reejiss?")
    step.add_argument("--out", type=Path, default=Path("spectrograms.png"))
    step.set_defaults(run=_look)

    for step in steps.choices.values():
        step.add_argument("--work", type=Path, default=Path("voice-work"), help="folder of work")
    return parser


def _corpus(arguments: argparse.Namespace) -> None:
    from studio.voice.corpus import Templates, write_corpus
    from studio.voice.names import Phonemizer, common_words, names_to_learn
    from studio.voice.teacher import dictionary_lines, require_teacher

    require_teacher()
    work = Work(arguments.work)
    phonemizer = Phonemizer()
    answers = persona_speech(arguments.persona)
    dictionary = list(dictionary_lines())
    with bar("Choosing words") as report:
        words = common_words(
            dictionary,
            phonemizer,
            seed=arguments.seed,
            candidates=arguments.candidates,
            report=report,
        )
    names = names_to_learn(
        {*Templates.load().names(), *" ".join(answers).split()}, dictionary, phonemizer
    )
    with bar("Writing sentences") as report:
        counts = {name: getattr(arguments, name) for name in ("train", "check", "measured")}
        write_corpus(work.corpus, words, answers, counts=counts, seed=arguments.seed, report=report)
    work.counts.write_text(json.dumps(counts) + "\n", encoding="utf-8")
    work.names.write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
    print(f"{len(words)} words, {len(names)} names, sentences in {work.corpus}")


def _teach(arguments: argparse.Namespace) -> None:
    from studio.voice.corpus import read_set
    from studio.voice.targets import build_targets
    from studio.voice.teacher import Teacher

    work = Work(arguments.work)
    texts = {name: read_set(work.corpus, name) for name in ("check", "train")}
    teacher = Teacher(json.loads(work.names.read_text(encoding="utf-8")))
    for name, of_set in texts.items():
        with bar(f"Reading {name}") as report:
            reasons = build_targets(of_set, work.targets(name), teacher, report)
        print(f"{name}: " + ", ".join(f"{count} {why}" for why, count in reasons.most_common()))


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from studio.voice.training import Trainer, TrainSettings, load_examples
    from studio.voice.weights import read_weights

    torch.set_num_threads(arguments.threads)
    work = Work(arguments.work)
    settings = TrainSettings(
        steps=arguments.steps,
        seed=arguments.seed,
        rate=arguments.rate,
        check_every=arguments.check_every,
        average=arguments.average,
        batch_hops=arguments.batch_hops,
        questions=arguments.questions,
        half=not arguments.full_precision,
    )
    start = read_weights(arguments.start) if arguments.start else None
    with bar("Loading") as report:
        learn = load_examples(work.targets("train"), report)
        check = load_examples(work.targets("check"), report)
    trainer = Trainer(learn, check, settings, work, start)
    with bar("Training") as report:
        errors = trainer.run(report, print)
    print(f"best: {errors}")


def _add_timbre(step: argparse.ArgumentParser) -> None:
    from studio.voice.timbre import Timbre

    usual = Timbre()
    for field in dataclasses.fields(usual):
        flag = f"--{field.name.replace('_', '-')}"
        step.add_argument(flag, type=float, default=getattr(usual, field.name))


def _export(arguments: argparse.Namespace) -> None:
    import torch

    from studio.voice.acoustic import Acoustic
    from studio.voice.export import export_voice
    from studio.voice.timbre import Timbre
    from studio.voice.weights import read_weights

    work = Work(arguments.work)
    acoustic = Acoustic()
    if arguments.weights:
        acoustic.load_state_dict(read_weights(arguments.weights))
    elif work.best.is_file():
        acoustic.load_state_dict(torch.load(work.best, weights_only=True))
    else:
        raise Missing("There are no weights yet.", where=work.best, remedy="Run `train` first.")
    names = [field.name for field in dataclasses.fields(Timbre)]
    timbre = Timbre(**{name: getattr(arguments, name) for name in names})
    difference = export_voice(acoustic, arguments.out, timbre)
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes, differs by {difference:.1g}")


def _measure(arguments: argparse.Namespace) -> None:
    from studio.voice.corpus import read_set
    from studio.voice.measure import measure
    from studio.voice.teacher import Teacher

    work = Work(arguments.work)
    lines = read_set(work.corpus, arguments.set)
    count = json.loads(work.counts.read_text(encoding="utf-8"))[arguments.set]
    general = lines[:count][: arguments.general]
    hers = _spread(lines[count:], arguments.hers)
    teacher = None
    if not arguments.no_teacher:
        voice = Teacher(json.loads(work.names.read_text(encoding="utf-8")))
        teacher = functools.partial(voice.say, folder=work.folder / "teacher")
    with bar("Listening") as report:
        texts = [*general, *hers]
        figures = measure(texts, arguments.voices, teacher, work.folder / "heard", report)
    print("voice | word errors, drawn sentences | hers | all | processor time a second of sound")
    for name, of_voice in figures.items():
        parts = [
            dataclasses.replace(of_voice, heard=of_voice.heard[: len(general)]),
            dataclasses.replace(of_voice, heard=of_voice.heard[len(general) :]),
            of_voice,
        ]
        cells = [_cell(part) if part.heard else "-" for part in parts]
        print(" | ".join([name, *cells, f"{of_voice.work_s / of_voice.sound_s:.4f}"]))
        if arguments.show:
            for text, heard in zip(texts, of_voice.heard, strict=True):
                if heard.errors:
                    print(f"    {heard.errors}  {text}\n       {heard.text}")


def _cell(figures: Figures) -> str:
    low, high = figures.interval_percent()
    words = sum(one.words for one in figures.heard)
    return f"{figures.error_percent():.1f} % ({low:.1f}-{high:.1f}; {words} words)"


def _spread(lines: Sequence[str], count: int) -> list[str]:
    """That many lines, evenly spread."""
    count = min(count, len(lines))
    return [lines[index * len(lines) // count] for index in range(count)]


def _look(arguments: argparse.Namespace) -> None:
    from studio.voice.measure import Speaker, read_wav
    from studio.voice.spectrogram import draw_spectrograms
    from studio.voice.teacher import Teacher

    work = Work(arguments.work)
    teacher = Teacher(json.loads(work.names.read_text(encoding="utf-8")))
    sounds = {"teacher": read_wav(teacher.say([arguments.text], work.folder / "look")[0])}
    for path in arguments.voices:
        sounds[path.stem] = Speaker(path).say(arguments.text)
    draw_spectrograms(sounds, arguments.out)
    print(arguments.out)


def persona_speech(path: Path) -> list[str]:
    """Everything a persona says, as its voice is told to say it."""
    persona = load_persona(path).persona
    pronouncer = Pronouncer(persona.voice.pronunciations, "en-us")
    texts = [text for answer in persona.answers for text in answer.say]
    return [" ".join(span.spoken for span in pronouncer.spans(text)) for text in texts]

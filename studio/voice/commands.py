"""The command line of the recipe: ``corpus``, ``teach``, ``train``, ``export``, ``measure``, ``look``.

Each step leaves its work in a folder and goes on there when it is called again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.progress import bar
from kiosk.errors import KioskError, Missing
from kiosk.persona import load_persona
from kiosk.tts.pronounce import Pronouncer
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
    step.add_argument("--persona", type=Path, default=PERSONA, help="whose answers are kept out")
    step.set_defaults(run=_corpus)

    step = steps.add_parser("teach", help="have the teacher read them")
    step.set_defaults(run=_teach)

    step = steps.add_parser("train", help="teach the network")
    step.add_argument("--steps", type=int, default=4000)
    step.add_argument("--threads", type=int, default=1)
    step.add_argument("--seed", type=int, default=0)
    step.add_argument("--full-precision", action="store_true", help="no bfloat16")
    step.set_defaults(run=_train)

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
        words = common_words(dictionary, phonemizer, seed=arguments.seed, report=report)
    names = names_to_learn(
        {*Templates.load().names(), *" ".join(answers).split()}, dictionary, phonemizer
    )
    with bar("Writing sentences") as report:
        counts = {name: getattr(arguments, name) for name in ("train", "check", "measured")}
        write_corpus(
            work.corpus, words, answers, counts=counts, seed=arguments.seed, report=report
        )
    work.names.write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
    print(f"{len(words)} words, {len(names)} names, sentences in {work.corpus}")


def _teach(arguments: argparse.Namespace) -> None:
    from studio.voice.corpus import read_set
    from studio.voice.targets import build_targets
    from studio.voice.teacher import Teacher

    work = Work(arguments.work)
    teacher = Teacher(json.loads(work.names.read_text(encoding="utf-8")))
    for name in ("check", "train"):
        with bar(f"Reading {name}") as report:
            reasons = build_targets(
                read_set(work.corpus, name), work.targets(name), teacher, report
            )
        print(f"{name}: " + ", ".join(f"{count} {why}" for why, count in reasons.most_common()))


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from studio.voice.training import Trainer, TrainSettings, load_examples

    torch.set_num_threads(arguments.threads)
    work = Work(arguments.work)
    settings = TrainSettings(
        steps=arguments.steps, seed=arguments.seed, half=not arguments.full_precision
    )
    with bar("Loading") as report:
        learn = load_examples(work.targets("train"), report)
        check = load_examples(work.targets("check"), report)
    trainer = Trainer(learn, check, settings, work)
    with bar("Training") as report:
        errors = trainer.run(report, print)
    print(f"best: {errors}")


def persona_speech(path: Path) -> list[str]:
    """Everything a persona says, as its voice is told to say it."""
    persona = load_persona(path).persona
    pronouncer = Pronouncer(persona.voice.pronunciations, "en-us")
    texts = [text for answer in persona.answers for text in answer.say]
    return [" ".join(span.spoken for span in pronouncer.spans(text)) for text in texts]

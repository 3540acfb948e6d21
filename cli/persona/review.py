"""`kiosk persona review`: what visitors asked without a good answer, and adding the answers."""

from __future__ import annotations

import argparse
import json
import sys

from cli.options import Commands, add_persona_option
from kiosk.errors import BadInput

HOW_TO_SWITCH_ON = "Questions are kept where site.toml says: [storage] keep_questions = true"


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "review",
        help="list questions that had no good answer, and add answers to the file",
        description="Groups of questions without a good answer, most asked first. On a terminal, "
        "staff decide group by group; the options do the same for scripts.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list the groups and change nothing")
    what.add_argument(
        "--add-phrasing", metavar="GROUP", help="add the group's leading question to an answer"
    )
    what.add_argument("--new-answer", metavar="GROUP", help="make a new answer of a group")
    what.add_argument("--dismiss", metavar="GROUP", help="delete the group's questions")
    what.add_argument("--purge", action="store_true", help="delete all questions")
    parser.add_argument("--json", action="store_true", help="with --list: print a JSON list")
    parser.add_argument("--to", metavar="ANSWER", help="with --add-phrasing: the answer's id")
    parser.add_argument(
        "--wording",
        action="append",
        default=[],
        metavar="TEXT",
        help="a phrasing in your own words; may be given several times",
    )
    parser.add_argument("--id", metavar="ANSWER", help="with --new-answer: its id")
    parser.add_argument(
        "--say",
        action="append",
        default=[],
        metavar="TEXT",
        help="with --new-answer: what the persona says; may be given several times",
    )
    parser.add_argument(
        "--source", default="", metavar="TEXT", help="with --new-answer: its source"
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.persona import load_persona, load_site
    from kiosk.review import QuestionStore, questions_dir

    _check_use(arguments)
    storage = load_site().storage
    store = QuestionStore(questions_dir(), keep_days=storage.keep_days)
    if arguments.purge:
        print(f"Questions deleted: {store.purge()}")
        return 0
    store.prune()
    loaded = load_persona(arguments.persona)
    # Only here: `--help` need not wait for the models' libraries.
    from cli.persona.dialogue import hold
    from cli.persona.review_steps import Review, as_record, lines_of

    review = Review(store, loaded)
    if arguments.add_phrasing:
        review.add_phrasing(review.named(arguments.add_phrasing), arguments.to, arguments.wording)
    elif arguments.new_answer:
        review.add_answer(
            review.named(arguments.new_answer),
            arguments.id,
            arguments.say,
            arguments.wording,
            arguments.source,
        )
    elif arguments.dismiss:
        review.dismiss(review.named(arguments.dismiss))
    elif arguments.json:
        print(json.dumps([as_record(g) for g in review.groups], ensure_ascii=False, indent=1))
    elif not review.groups:
        print("No questions are kept.")
        if not storage.keep_questions:
            print(HOW_TO_SWITCH_ON)
    elif arguments.list or not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("\n".join(line for group in review.groups for line in lines_of(group)))
    else:
        hold(review)
    return 0


def _check_use(arguments: argparse.Namespace) -> None:
    if arguments.add_phrasing and not arguments.to:
        raise BadInput("--add-phrasing needs the answer.", remedy="Give its id: --to ANSWER")
    if arguments.new_answer and not (arguments.id and arguments.say):
        raise BadInput(
            "--new-answer needs an id and what to say.", remedy="Give --id ANSWER --say TEXT"
        )
    if arguments.json and not arguments.list:
        raise BadInput("--json belongs to --list.", remedy="Give both: --list --json")

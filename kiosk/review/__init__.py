"""The staff loop: questions without a good answer, kept without persons, grouped, and answered.

Off unless the operator switches it on (site.toml). What is kept, and what never is:

- text only, with personal data and numbers blanked (:mod:`kiosk.review.blanking`);
- the day, and why there was no good answer; no time, no visit, no order within a past day;
- never what a visitor in distress said, and never sound.
"""

from kiosk.review.blanking import blank
from kiosk.review.editor import PersonaEditor
from kiosk.review.groups import Group, Nearest, Phrasings, group_questions
from kiosk.review.store import Kept, QuestionStore, Why, questions_dir

__all__ = [
    "Group",
    "Kept",
    "Nearest",
    "PersonaEditor",
    "Phrasings",
    "QuestionStore",
    "Why",
    "blank",
    "group_questions",
    "questions_dir",
]

"""Every key of persona.toml: its type, default, limits and meaning.

The field descriptions are what `kiosk persona` errors and the curator's page print. Units are part
of the names. All models are frozen and refuse unknown keys.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kiosk.persona.table import Table, written_as

Language = Literal["en", "de", "fr", "es", "ru"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]
Colour = Annotated[str, written_as(r"#[0-9a-fA-F]{6}", "a colour such as '#c9a227'")]
AnswerId = Annotated[
    str,
    written_as(
        r"[a-z][a-z0-9-]{0,39}",
        "a short name: small letters, digits and hyphens, first a letter, at most 40",
    ),
]
RelativePath = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


Length = Annotated[float, Field(ge=0)]
Extent = Annotated[float, Field(gt=0)]
FaceBoxNumbers = tuple[Length, Length, Extent, Extent]


class Identity(Table):
    name: Line = Field(description="Name on the screen.")
    dates: Line = Field(description="Years of life, as shown under the name.")
    epithet: str = Field("", max_length=200, description="One line under the dates.")
    consent: Paragraph = Field(
        description="Who agreed to this likeness, or why no consent is needed (public domain)."
    )


class Disclosure(Table):
    text: Line = Field(description="Always on screen: tells visitors that this is an AI.")
    spoken: str = Field("", max_length=300, description="Said once at the start of a visit.")


class Voice(Table):
    model: RelativePath = Field(
        "", description="Piper voice (.onnx); empty for the built-in voice 'slt24'."
    )
    neutral_model: RelativePath = Field(
        "", description="Voice of the kiosk itself; empty for the built-in voice 'rms16'."
    )
    rate: float = Field(1.0, ge=0.5, le=2.0, description="Speaking rate, 1 is the voice's own.")
    pronunciations: dict[Line, Line] = Field(
        default_factory=dict,
        description="Name to how it sounds, in plain letters, e.g. Plesiosaurus = 'pleesio-sorus'.",
    )


class Recognition(Table):
    model: RelativePath = Field(
        "", description="Folder of a Vosk model; empty for the built-in model."
    )
    words: tuple[Line, ...] = Field(
        (), description="Further words visitors say (names, places) that phrasings do not hold."
    )
    pronunciations: dict[Line, Line] = Field(
        default_factory=dict,
        description="Word to how visitors say it, in plain letters, for the built-in model.",
    )


class Chat(Table):
    model: RelativePath = Field("", description="Chat model (.gguf); empty for none.")
    style: str = Field("", max_length=1200, description="Manner of speaking, for the model.")
    max_tokens: int = Field(160, ge=16, le=1024, description="Length of a reply, tokens.")
    bridge_s: float = Field(
        2.5, ge=0.5, le=30.0, description="Time for the first sentence before a bridge is said."
    )
    deadline_s: float = Field(
        12.0, ge=1.0, le=60.0, description="Time for it before the persona says it does not know."
    )
    context_tokens: int = Field(2048, ge=512, le=32768, description="Memory of the model, tokens.")


class Loops(Table):
    """Loops for one shape of screen; all begin and end in the same pose."""

    loop: RelativePath = Field("", description="Loop of the resting face (video, 25 fps).")
    listening: RelativePath = Field(
        "", description="Loop while a visitor speaks; empty: the resting face goes on."
    )
    thinking: RelativePath = Field(
        "", description="Loop while an answer is looked for; empty: the resting face goes on."
    )
    face_boxes: RelativePath = Field(
        "", description="JSON with a face box for each frame; empty: beside the loop, or found."
    )
    face_box: FaceBoxNumbers | None = Field(
        None,
        description="The face: x, y, width, height, brow to just below the chin; in shares of the "
        "picture, or in pixels. One box for the whole loop, instead of face_boxes.",
    )
    focus_x: float = Field(0.5, ge=0.0, le=1.0, description="Centre of the face, share of width.")
    focus_y: float = Field(0.45, ge=0.0, le=1.0, description="Centre of the face, share of height.")


class Portrait(Loops):
    lips: RelativePath = Field(
        "",
        description="Lips model (.onnx, Wav2Lip's contract). Empty: the built-in one over the "
        "built-in loop, a mouth that opens with the sound over any other.",
    )
    lips_lead_ms: int | None = Field(
        None, ge=-200, le=400, description="How far the lips model runs ahead of the sound."
    )
    upright: Loops = Field(
        Loops(), description="Loops made for upright screens; empty: the others are cut for them."
    )


class SmallTalk(Table):
    greeting: tuple[Paragraph, ...] = Field(min_length=1, description="Said to a new visitor.")
    farewell: tuple[Paragraph, ...] = Field(min_length=1, description="Said at the end.")
    unknown: tuple[Paragraph, ...] = Field(
        min_length=2,
        description="Honest ways to say 'I don't know'; never the same twice in a row.",
    )
    misheard: tuple[Paragraph, ...] = Field(
        (), description="Said when the words were hardly understood; empty: as for 'unknown'."
    )
    already_told: tuple[Paragraph, ...] = Field(
        min_length=1, description="Said when a visitor asks the same question again."
    )
    not_mine: tuple[Paragraph, ...] = Field(
        min_length=1, description="Said to topics that are not the persona's to answer."
    )
    bridge: tuple[Paragraph, ...] = Field(
        min_length=1, description="Said while the language model thinks for long."
    )


class Answer(Table):
    id: AnswerId = Field(description="Short name, unique in the file.")
    ask: tuple[Line, ...] = Field(min_length=4, description="Ways to ask, at least four.")
    say: tuple[Paragraph, ...] = Field(
        min_length=1, description="What the persona says; further entries for asking again."
    )
    source: str = Field("", max_length=300, description="Where this is known from.")
    topics: tuple[Line, ...] = Field(
        (), description="Words that name the subject, for follow-ups such as 'and your brother?'."
    )
    action: Literal["none", "repeat", "louder", "quieter", "stop", "help"] = Field(
        "none", description="What the kiosk does besides speaking."
    )


class Support(Table):
    title: Line = Field(description="Heading of the notice for a visitor in distress.")
    text: Paragraph = Field(description="What the kiosk shows, with the site's support line.")
    spoken: Paragraph = Field(description="What the kiosk's own neutral voice says.")
    phrases: tuple[Line, ...] = Field(
        (), description="Further ways visitors say that they are in distress."
    )


class Limits(Table):
    never_say: tuple[Line, ...] = Field(
        (), description="Words or topics the persona must never speak of."
    )
    not_mine: tuple[Line, ...] = Field(
        (), description="Example questions that are politely not answered (politics, advice)."
    )
    not_known: tuple[Line, ...] = Field(
        (), description="Questions close to the subject that nobody can answer: 'I do not know'."
    )


class Timings(Table):
    inactivity_s: float = Field(
        45.0, ge=5, le=600, description="Time without a sign of the visitor that ends a visit."
    )
    attract_s: float = Field(
        20.0, ge=5, le=600, description="The same for a visit in which nothing was asked."
    )
    match_threshold: float = Field(
        0.28, ge=0.0, le=1.0, description="How sure a prepared answer must be."
    )


class Theme(Table):
    background: Colour = "#15120f"
    panel: Colour = "#1e1a16"
    text: Colour = "#f4ecdf"
    muted: Colour = "#b9ad9b"
    accent: Colour = "#c9a227"
    accent_text: Colour = "#15120f"
    alert: Colour = "#c0563f"
    serif: Line = Field("Source Serif Pro", description="Typeface of name and captions.")
    sans: Line = Field("Source Sans Pro", description="Typeface of buttons and notices.")
    frame: Literal["none", "gilt", "walnut"] = Field(
        "none", description="A frame round the portrait: carved and gilded, or of dark wood."
    )


class Persona(Table):
    """A whole persona.toml."""

    format: Literal[1] = Field(description="Version of this file's layout.")
    language: Language = Field("en", description="Language of the interface.")
    identity: Identity
    disclosure: Disclosure
    voice: Voice = Voice()
    recognition: Recognition = Recognition()
    chat: Chat = Chat()
    portrait: Portrait = Portrait()
    smalltalk: SmallTalk
    suggestions: tuple[Line, ...] = Field(min_length=3, description="Questions to offer.")
    facts: tuple[Paragraph, ...] = Field((), description="Facts for the language model.")
    limits: Limits = Limits()
    support: Support
    timings: Timings = Timings()
    theme: Theme = Theme()
    answers: tuple[Answer, ...] = Field(min_length=1, max_length=2000)

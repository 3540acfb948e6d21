"""Tell what depends on the face alone, which a loop's frames fix, from what the sound changes."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.lipsync.graph.network import Network


@dataclass(frozen=True, slots=True)
class Branches:
    """A lips model in two parts.

    Attributes:
        face: From the face to ``features``; None if the face is used as it is.
        sound: From the sound and ``features`` to the picture: what is left for each frame shown.
        features: Tensors at the cut. Some may be the face itself.
    """

    face: Network | None
    sound: Network
    features: tuple[str, ...]


def split(network: Network, face_input: str, mel_input: str) -> Branches:
    """Cut a model where the sound joins the face, by what each node depends on.

    Args:
        network: The whole model.
        face_input: Name of the face's input.
        mel_input: Name of the mel window's input.
    """
    heard = _reached_from(mel_input, network)
    seen = _reached_from(face_input, network) - heard
    (output,) = network.outputs
    needed = _leads_to(output, network)
    features = list(
        dict.fromkeys(
            name
            for node in network.nodes
            if not heard.isdisjoint(node.output) and not needed.isdisjoint(node.output)
            for name in node.input
            if name in seen
        )
    )
    if output in seen:  # a picture that ignores the sound
        features = [output]
    kind = network.element_type(face_input)
    computed = [name for name in features if name != face_input]
    face = network.part([face_input], computed, kind) if computed else None
    return Branches(face, network.part([mel_input, *features], [output], kind), tuple(features))


def _reached_from(start: str, network: Network) -> set[str]:
    reached = {start}
    for node in network.nodes:
        if not reached.isdisjoint(node.input):
            reached.update(node.output)
    return reached


def _leads_to(end: str, network: Network) -> set[str]:
    leading = {end}
    for node in reversed(network.nodes):
        if not leading.isdisjoint(node.output):
            leading.update(node.input)
    return leading

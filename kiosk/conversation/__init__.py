"""What the kiosk does next: one pure transition table, without devices, models or clocks."""

from kiosk.conversation.table import TABLE, Effect, Event, Step, step

__all__ = ["TABLE", "Effect", "Event", "Step", "step"]

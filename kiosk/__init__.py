"""The kiosk without its window: conversation, engines, lips and clock."""

__version__ = "0.1.0"

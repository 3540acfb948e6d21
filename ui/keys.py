"""Keys of a kiosk: some talk, some type, all others do nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

_SWALLOWED = frozenset({QEvent.Type.ContextMenu, QEvent.Type.Shortcut})
_PRESENCE = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress})
_LEAVING_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def key_named(name: str) -> int:
    """Qt's number of a key by its name in any case, e.g. ``space``, ``F13``, ``k``.

    Raises:
        ValueError: Qt knows no such single key.
    """
    wanted = f"key_{name}".lower()
    for member in Qt.Key:
        if member.name.lower() == wanted:
            return int(member)
    raise ValueError(f"'{name}' is no key")


def talk_keys(name: str) -> frozenset[int]:
    """Numbers of the keys that talk: the named one, and always the space bar.

    Raises:
        ValueError: Qt knows no such single key.
    """
    keys = {int(Qt.Key.Key_Space), key_named(name)}
    if name == "enter":  # Qt means the one of the number pad, people mean either
        keys.add(int(Qt.Key.Key_Return))
    return frozenset(keys)


class KioskKeys(QObject):
    """Application-wide event filter.

    Keys reach the window only through the signals here, so that no combination can leave the kiosk,
    whatever widget has the focus. Repeats of a held key are ignored. A window manager's own keys
    (Alt+Tab, Super) are taken by ``grab`` in the full-screen window.

    Signals:
        talk_held: A talk key went down.
        talk_released: The last talk key came up.
        typed(QKeyEvent): Any other plain key, for the typing sheet.
        present: Somebody touched, clicked or pressed a key.
    """

    talk_held = Signal()
    talk_released = Signal()
    typed = Signal(object)
    present = Signal()

    def __init__(self, talk_keys: frozenset[int], parent: QObject) -> None:
        super().__init__(parent)
        self._talk_keys = talk_keys
        self._held: set[int] = set()
        self.typing = False  # while the visitor types, a key with a text of its own is that text

    def let_go(self) -> None:
        """The window lost the keyboard: a release will never come."""
        if self._held:
            self._held.clear()
            self.talk_released.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        kind = event.type()
        if kind in _PRESENCE:
            self.present.emit()
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # claims the keys before any shortcut can
            return True
        if isinstance(event, QKeyEvent) and kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._key(event)  # taken here, it goes on to no widget and comes only once
            return True
        if kind == QEvent.Type.ApplicationDeactivate:
            self.let_go()
        return kind in _SWALLOWED

    def _key(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            if self.typing and event.type() == QEvent.Type.KeyPress:
                self.typed.emit(event)
            return
        key = event.key()
        down = event.type() == QEvent.Type.KeyPress
        talks = key in self._talk_keys and not (self.typing and event.text())
        if down and event.modifiers() & _LEAVING_MODIFIERS:
            return
        if down and talks:
            self._held.add(key)
            if len(self._held) == 1:
                self.talk_held.emit()
        elif not down and key in self._held:
            self._held.discard(key)
            if not self._held:
                self.talk_released.emit()
        elif down and self.typing:
            self.typed.emit(event)

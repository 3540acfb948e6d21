"""The kiosk's window process: the only package that knows Qt."""

from PySide6.QtCore import QLoggingCategory

# Qt tells at length of hardware video and screen capture, which are for players; the kiosk only
# paints frames. It does so when QtMultimedia is imported, so this cannot wait for start-up. An
# operator's QT_LOGGING_RULES still have the last word.
QLoggingCategory.setFilterRules("qt.multimedia.*=false")

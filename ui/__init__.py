"""The kiosk's window process: the only package that knows Qt."""

from ui.immortal import keep_singletons

keep_singletons()  # before the first Qt call, whoever makes it

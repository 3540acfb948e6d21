"""The kiosk's window process: the only package that knows Qt."""

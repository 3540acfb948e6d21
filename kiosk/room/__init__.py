"""A virtual room: a sound server and an X server of our own, for `kiosk demo` and the tests.

Everything lives in a temporary folder and ends with the context; several rooms run side by side,
and nothing of the user's own sound or display is touched.
"""

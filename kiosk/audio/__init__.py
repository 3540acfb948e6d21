"""Sound in and out: capture in 20 ms blocks, push-to-talk, and playback that knows what was heard.

``ports`` holds the two protocols; ``microphone`` and ``speaker`` implement them on PortAudio,
``virtual`` on a given clock without any device. ``push_to_talk`` and ``playout`` are pure.
"""

"""Sound in and out: capture in 20 ms blocks, push-to-talk, and playback that knows what was heard.

``ports`` holds the two protocols; ``microphone`` and ``speaker`` implement them on PortAudio,
``virtual`` on a given clock without any device. ``push_to_talk`` and ``playout`` are pure.
"""

from kiosk.audio.blocks import BLOCK_S, BLOCK_SAMPLES, SAMPLE_RATE_HZ, AudioBlock
from kiosk.audio.devices import SoundDevice, list_devices
from kiosk.audio.microphone import PortAudioMicrophone
from kiosk.audio.portaudio import reinitialise
from kiosk.audio.ports import Microphone, Speaker
from kiosk.audio.push_to_talk import PushToTalk, TalkUpdate, Verdict
from kiosk.audio.speaker import PortAudioSpeaker
from kiosk.audio.virtual import RECORDING_S, ScriptedMicrophone, VirtualSpeaker
from kiosk.audio.wav import read_wav, write_wav

__all__ = [
    "BLOCK_S",
    "BLOCK_SAMPLES",
    "RECORDING_S",
    "SAMPLE_RATE_HZ",
    "AudioBlock",
    "Microphone",
    "PortAudioMicrophone",
    "PortAudioSpeaker",
    "PushToTalk",
    "ScriptedMicrophone",
    "SoundDevice",
    "Speaker",
    "TalkUpdate",
    "Verdict",
    "VirtualSpeaker",
    "list_devices",
    "read_wav",
    "reinitialise",
    "write_wav",
]

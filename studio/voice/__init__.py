"""The recipe of the portrait's own voice: a network learns from a statistical voice.

Told in order: :mod:`corpus` writes sentences; :mod:`teacher` has them read by Festival, as speech
parameters; :mod:`targets` lays espeak-ng's phonemes over them (:mod:`align`) and gives questions
their melody (:mod:`melody`); :mod:`training` teaches the network (:mod:`acoustic`); :mod:`export`
puts it with the arithmetic vocoder (:mod:`vocoder`) into one file of Piper's format; :mod:`measure`
lets a recogniser listen. docs/voice.md has the commands and the figures.
"""

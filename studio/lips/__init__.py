"""The recipe of her lips: programs speak, and the portrait's renderer makes pictures.

Two networks that are trained apart and joined in one file. Between them lies a code of eight
numbers whose meaning is known, because the renderer is told them: so the one that hears needs no
pictures, and the one that draws needs no speech.

mouths      the code, and which mouth shape each speech sound has
curves      how the mouth runs from shape to shape: sounds and their times in, codes out
texts       what is read: sentences, and made-up words for voices of other languages
readers     who reads: every synthesiser that tells when each of its sounds is heard
speech      writes and reads sets of speech with their codes
vary        a few dozen voices made to stand for others, their microphones and their rooms
hearing     sound to code: its training
faces       renders what the second network learns from
drawing     code and reference to picture: the network
seeing      its training
join        both in one ONNX file with Wav2Lip's contract
measure     the file against rendered truth
commands    the steps on the command line
"""

"""A lips model of one's own: footage in, an ONNX file with Wav2Lip's contract out."""

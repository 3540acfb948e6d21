"""A lips network cut, cropped and rewritten for one loop, on the ONNX itself."""

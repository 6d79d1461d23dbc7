"""What was learned from a run's labels, to take away: a model in an ONNX file, and what there is to know of it."""

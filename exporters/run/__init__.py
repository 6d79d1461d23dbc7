"""A run's files: metadata, tensors, sprite sheet, larger pictures and event file, written aside and put in place."""

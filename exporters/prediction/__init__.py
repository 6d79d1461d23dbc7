"""Labels for further images, by a classifier that was saved from a run."""

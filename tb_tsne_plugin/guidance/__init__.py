"""Guidance for the person who labels: the next best group, suggested labels, label issues. Arrays in, arrays out."""

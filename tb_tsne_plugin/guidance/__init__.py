"""Guidance for the person who labels: the next best group, suggested labels, doubtful labels. Arrays in, arrays out."""

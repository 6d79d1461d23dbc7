"""Features: networks, their training without labels, and what each stage computes of an image."""

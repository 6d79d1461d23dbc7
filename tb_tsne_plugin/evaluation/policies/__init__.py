"""What is asked about next: the policies of active learning that were published, one a file, in NumPy."""

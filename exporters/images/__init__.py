"""Images: found wherever they lie, read, decoded, drawn from class by class, and made into what a run needs of them."""

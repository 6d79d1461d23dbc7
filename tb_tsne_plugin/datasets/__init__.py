"""A run's labels as datasets that other programs read, and the labels of such datasets brought back.

`catalog.py` lists the formats; `formats/` has a module for each, of its name.
"""

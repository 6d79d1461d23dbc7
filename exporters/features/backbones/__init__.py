"""Backbones: the networks whose features are taken, each by its name, `SCHEME:NAME`."""

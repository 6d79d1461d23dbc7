"""The PostgreSQL server that the label store's tests use."""

from tests.labels.conftest import postgres

__all__ = ["postgres"]

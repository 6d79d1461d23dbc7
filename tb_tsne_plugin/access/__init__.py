"""Tokens and people: who may do what. It knows no HTTP; `web/entrance.py` asks it for each request."""

"""What a session can be told about its pace."""

from __future__ import annotations

import pytest

from tb_tsne_plugin.live.parameters import SessionParameters


@pytest.mark.parametrize("limit", [0.05, -1, 1e7, True, "fast", float("nan")])
def test_a_speed_limit_out_of_range_is_refused_in_a_sentence(limit: object) -> None:
    with pytest.raises(ValueError, match=r"speed_limit must be a number from 0\.1 to 1e\+06, or null, not "):
        SessionParameters().updated({"speed_limit": limit})


def test_changes_keep_the_rest() -> None:
    before = SessionParameters(perplexity=7.0, speed_limit=30)
    assert before.updated({"theta": 0.5}) == SessionParameters(perplexity=7.0, theta=0.5, speed_limit=30.0)
    assert before.updated({"speed_limit": None}).speed_limit is None


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"There is no parameter 'pace'; there are .*speed_limit"):
        SessionParameters().updated({"pace": 3})

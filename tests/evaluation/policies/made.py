"""Samples whose best choices are known, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_tsne_plugin.evaluation.judges import Judge
from tb_tsne_plugin.evaluation.linear_judge import LinearJudge
from tb_tsne_plugin.evaluation.policies.policy import Knowledge, Samples
from tb_tsne_plugin.tsne import UNLABELED


def blobs(sizes: tuple[int, ...] = (60, 40, 20), width: int = 8, seed: int = 0) -> tuple[Samples, NDArray[np.int64]]:
    """Far groups round unit vectors that are at right angles to each other, in mixed order, and the group of each."""
    random = np.random.default_rng(seed)
    groups = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    features = (np.eye(width)[groups] + 0.05 * random.standard_normal((len(groups), width))).astype(np.float32)
    inputs = (features - features.mean(axis=0)) / features.std(axis=0)
    return Samples(features, inputs, len(sizes), seed=1), groups


def known(truth: NDArray[np.integer], rows: Sequence[int] = (), judge: Judge | None = None) -> Knowledge:
    """What is known once these rows were named, one after the other."""
    asked = np.array(rows, dtype=np.int64)
    labels, batches = np.full(len(truth), UNLABELED, dtype=np.int32), np.full(len(truth), -1, dtype=np.int64)
    labels[asked], batches[asked] = truth[asked], np.arange(len(asked))
    return Knowledge(labels, batches, asked, judge)


def trained(samples: Samples, truth: NDArray[np.integer], rows: Sequence[int]) -> LinearJudge:
    """A judge that has learnt the labels of some rows."""
    judge = LinearJudge(samples.n_classes)
    judge.train(samples.inputs[list(rows)], truth[list(rows)])
    return judge

"""Scores features, t-SNE settings and guidance on labelled images: the paper's emulated annotator and its tables."""

from tb_tsne_plugin.evaluation.annotator import (
    ChooseFocus,
    Group,
    MostLabels,
    Scene,
    SizeGroup,
    annotate,
    best_size,
    queries,
    start,
    until_first_mistake,
)
from tb_tsne_plugin.evaluation.folds import Fold, stratified_folds
from tb_tsne_plugin.evaluation.quality import Quality, neighbor_accuracy
from tb_tsne_plugin.evaluation.record import Action, Annotation, Query

__all__ = [
    "Action",
    "Annotation",
    "ChooseFocus",
    "Fold",
    "Group",
    "MostLabels",
    "Quality",
    "Query",
    "Scene",
    "SizeGroup",
    "annotate",
    "best_size",
    "neighbor_accuracy",
    "queries",
    "start",
    "stratified_folds",
    "until_first_mistake",
]

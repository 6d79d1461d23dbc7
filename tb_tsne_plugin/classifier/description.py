"""`classifier.json`: what there is to know of a classifier."""

from __future__ import annotations

import msgspec

from tb_tsne_plugin.classifier.encoder import Encoder
from tb_tsne_plugin.runs.format import CLASSIFIER_FORMAT, MADE_BY


class Description(msgspec.Struct, kw_only=True):
    """What the file says.

    Attributes:
      format: Of the file, and of the model beside it.
      made_by: Whose format it is.
      made: When: date and time in UTC.
      versions: Of what made it, by package.
      model_sha256: Of the model's file, which belongs to this one.
      tensor: The features that the labels were learned on.
      width: How many numbers these are for each picture.
      samples: How many the run has.
      column: The label column.
      classes: Names, in the order of the model's probabilities.
      labels: How many labels each class had.
      temperature: Factor on the log-probabilities, fitted to labels left out.
      encoder: What computes the features of a picture; None where the export does not say it.
      note: What somebody who is going to use it should know.
    """

    format: int = CLASSIFIER_FORMAT
    made_by: str = MADE_BY
    made: str
    versions: dict[str, str]
    model_sha256: str
    tensor: str
    width: int
    samples: int
    column: str
    classes: list[str]
    labels: dict[str, int]
    temperature: float
    encoder: Encoder | None
    note: str

"""`classifier.json`, as `tb-tsne labels classifier` writes it. It may come from anybody."""

from __future__ import annotations

import msgspec

from exporters.errors import ExportError
from exporters.features.backbones.backbone import Description as BackboneDescription
from exporters.features.backbones.choice import IMAGENET
from exporters.features.devices import AUTO
from exporters.images.intensity import CHOICES, SET, Intensity
from tb_tsne_plugin.runs.format import CLASSIFIER_FORMAT, CLASSIFIER_NAME, MADE_BY, has_unsafe_characters


class Options(msgspec.Struct, frozen=True):
    """Options of the network, as `NetworkChoice` has them."""

    backbone: str
    weights: str = IMAGENET
    image_size: int | None = None
    precision: str = AUTO
    pooling: str = AUTO
    normalization: str = AUTO


class Encoder(msgspec.Struct, frozen=True):
    """What computes the features of a picture.

    Attributes:
        stage: Which stage of `FeatureStages`.
        options: Of its network, if it has one.
        backbone: What that network was.
        intensity: How pictures of more than 8 bits a value were shown; None where there were none.
        intensity_range: Between which values, by their kind.
    """

    stage: str
    options: Options | None = None
    backbone: BackboneDescription | None = None
    intensity: str | None = None
    intensity_range: dict[str, tuple[float, float]] = {}

    @property
    def shown(self) -> Intensity:
        """How pictures of more than 8 bits a value are to be shown: as those of the run, or each by itself."""
        return Intensity(self.intensity or SET, self.intensity_range)


class Description(msgspec.Struct, frozen=True):
    """What is read of the file; whatever else stands there is passed over."""

    model_sha256: str
    width: int
    samples: int
    classes: list[str]
    encoder: Encoder | None = None
    note: str = ""


class _Form(msgspec.Struct):
    made_by: str = ""
    format: int = 0


def parse_description(content: bytes) -> Description:
    """Reads the file's content.

    Raises:
        ExportError: If it is no such description, or of a later version.
    """
    try:
        form = msgspec.json.decode(content, type=_Form)
        if form.made_by != MADE_BY:
            raise ValueError("it is none of tb-tsne's")
        if form.format > CLASSIFIER_FORMAT:
            raise ExportError(f"{CLASSIFIER_NAME} was written by a later version of tb-tsne: update this one.")
        found = msgspec.json.decode(content, type=Description)
        if len(found.classes) < 2 or any(has_unsafe_characters(name) for name in found.classes):
            raise ValueError("its classes are none")
        if found.width < 1 or found.samples < 1:
            raise ValueError("its sizes are none")
        if found.encoder is not None and found.encoder.intensity not in (None, *CHOICES):
            raise ValueError("its intensity is none")
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{CLASSIFIER_NAME} does not describe a classifier ({error}).") from error
    return found

"""Backbones that people ask for, and what is known of each before it is there: for lists, and for misspelt names."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """What is known of a backbone.

    Attributes:
        side: Side of its square input in pixels.
        width: Features an image.
        megabytes: Of its download, about.
        licence: Of its weights; empty where it is not known.
    """

    side: int
    width: int
    megabytes: int
    licence: str = ""


APACHE, CC_BY, MIT, DINOV3 = "apache-2.0", "cc-by-4.0", "mit", "dinov3-license"
KERAS = {
    "ConvNeXtBase": Known(224, 1024, 350),
    "ConvNeXtLarge": Known(224, 1536, 785),
    "ConvNeXtSmall": Known(224, 768, 198),
    "ConvNeXtTiny": Known(224, 768, 111),
    "ConvNeXtXLarge": Known(224, 2048, 1393),
    "DenseNet121": Known(224, 1024, 28),
    "DenseNet169": Known(224, 1664, 51),
    "DenseNet201": Known(224, 1920, 73),
    "EfficientNetB0": Known(224, 1280, 16),
    "EfficientNetB1": Known(240, 1280, 26),
    "EfficientNetB2": Known(260, 1408, 31),
    "EfficientNetB3": Known(300, 1536, 43),
    "EfficientNetB4": Known(380, 1792, 71),
    "EfficientNetB5": Known(456, 2048, 114),
    "EfficientNetB6": Known(528, 2304, 164),
    "EfficientNetB7": Known(600, 2560, 256),
    "EfficientNetV2B0": Known(224, 1280, 24),
    "EfficientNetV2B1": Known(240, 1280, 28),
    "EfficientNetV2B2": Known(260, 1408, 35),
    "EfficientNetV2B3": Known(300, 1536, 52),
    "EfficientNetV2L": Known(480, 1280, 471),
    "EfficientNetV2M": Known(480, 1280, 213),
    "EfficientNetV2S": Known(384, 1280, 81),
    "InceptionResNetV2": Known(299, 1536, 217),
    "InceptionV3": Known(299, 2048, 87),
    "MobileNet": Known(224, 1024, 13),
    "MobileNetV2": Known(224, 1280, 9),
    "MobileNetV3Large": Known(224, 960, 12),
    "MobileNetV3Small": Known(224, 576, 4),
    "NASNetLarge": Known(331, 4032, 340),
    "NASNetMobile": Known(224, 1056, 17),
    "ResNet101": Known(224, 2048, 171, MIT),
    "ResNet101V2": Known(224, 2048, 171),
    "ResNet152": Known(224, 2048, 233, MIT),
    "ResNet152V2": Known(224, 2048, 233),
    "ResNet50": Known(224, 2048, 94, MIT),
    "ResNet50V2": Known(224, 2048, 94),
    "VGG16": Known(224, 512, 59, CC_BY),
    "VGG19": Known(224, 512, 80, CC_BY),
    "Xception": Known(299, 2048, 83),
}
"""Networks of `keras.applications`, of width multiplier 1, by their names there."""
HF = {
    "facebook/dinov2-small": Known(224, 384, 88, APACHE),
    "facebook/dinov2-base": Known(224, 768, 346, APACHE),
    "facebook/dinov2-large": Known(224, 1024, 1217, APACHE),
    "facebook/dinov2-with-registers-small": Known(224, 384, 88, APACHE),
    "facebook/dinov2-with-registers-base": Known(224, 768, 346, APACHE),
    "facebook/dinov3-vits16-pretrain-lvd1689m": Known(224, 384, 86, DINOV3),
    "facebook/dinov3-vitb16-pretrain-lvd1689m": Known(224, 768, 343, DINOV3),
    "facebook/dinov3-convnext-tiny-pretrain-lvd1689m": Known(224, 768, 111, DINOV3),
    "facebook/convnext-tiny-224": Known(224, 768, 114, APACHE),
    "google/siglip2-base-patch16-224": Known(224, 768, 1502, APACHE),
    "google/siglip2-so400m-patch14-384": Known(384, 1152, 4544, APACHE),
    "google/vit-base-patch16-224-in21k": Known(224, 768, 346, APACHE),
    "openai/clip-vit-base-patch32": Known(224, 512, 605),
    "openai/clip-vit-large-patch14": Known(224, 768, 1711),
}
"""Models of transformers, by their id at Hugging Face."""

"""Backbones that people ask for, and what is known of each before it is there: for lists, and for misspelt names."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """What is known of a backbone.

    Attributes:
        side: Side of its square input in pixels.
        width: Features an image.
        megabytes: Of its download, about; of Keras' networks without their top.
        licence: Of its weights, as those say who publish them; empty where they do not.
    """

    side: int
    width: int
    megabytes: int
    licence: str = ""


APACHE, BSD, BSD_3, CC_BY, MIT = "apache-2.0", "bsd", "bsd-3-clause", "cc-by-4.0", "mit"
CC_BY_NC, DINOV3, HEALTH = "cc-by-nc-4.0", "dinov3-license", "health-ai-developer-foundations"
KERAS = {
    "ConvNeXtBase": Known(224, 1024, 351, MIT),
    "ConvNeXtLarge": Known(224, 1536, 786, MIT),
    "ConvNeXtSmall": Known(224, 768, 199, MIT),
    "ConvNeXtTiny": Known(224, 768, 112, MIT),
    "ConvNeXtXLarge": Known(224, 2048, 1393, MIT),
    "DenseNet121": Known(224, 1024, 29, BSD_3),
    "DenseNet169": Known(224, 1664, 52, BSD_3),
    "DenseNet201": Known(224, 1920, 75, BSD_3),
    "EfficientNetB0": Known(224, 1280, 17),
    "EfficientNetB1": Known(240, 1280, 27),
    "EfficientNetB2": Known(260, 1408, 32),
    "EfficientNetB3": Known(300, 1536, 44),
    "EfficientNetB4": Known(380, 1792, 72),
    "EfficientNetB5": Known(456, 2048, 115),
    "EfficientNetB6": Known(528, 2304, 165),
    "EfficientNetB7": Known(600, 2560, 258),
    "EfficientNetV2B0": Known(224, 1280, 24),
    "EfficientNetV2B1": Known(240, 1280, 28),
    "EfficientNetV2B2": Known(260, 1408, 36),
    "EfficientNetV2B3": Known(300, 1536, 53),
    "EfficientNetV2L": Known(480, 1280, 473),
    "EfficientNetV2M": Known(480, 1280, 214),
    "EfficientNetV2S": Known(384, 1280, 82),
    "InceptionResNetV2": Known(299, 1536, 219, APACHE),
    "InceptionV3": Known(299, 2048, 88, APACHE),
    "MobileNet": Known(224, 1024, 17, APACHE),
    "MobileNetV2": Known(224, 1280, 9, APACHE),
    "MobileNetV3Large": Known(224, 960, 13),
    "MobileNetV3Small": Known(224, 576, 4),
    "NASNetLarge": Known(331, 4032, 344, APACHE),
    "NASNetMobile": Known(224, 1056, 20, APACHE),
    "ResNet101": Known(224, 2048, 171, MIT),
    "ResNet101V2": Known(224, 2048, 171, BSD),
    "ResNet152": Known(224, 2048, 235, MIT),
    "ResNet152V2": Known(224, 2048, 235, BSD),
    "ResNet50": Known(224, 2048, 95, MIT),
    "ResNet50V2": Known(224, 2048, 95, BSD),
    "VGG16": Known(224, 512, 59, CC_BY),
    "VGG19": Known(224, 512, 80, CC_BY),
    "Xception": Known(299, 2048, 84, MIT),
}
"""Networks of `keras.applications`, of width multiplier 1, by their names there."""
HF = {
    "facebook/dinov2-small": Known(224, 384, 88, APACHE),
    "facebook/dinov2-base": Known(224, 768, 346, APACHE),
    "facebook/dinov2-large": Known(224, 1024, 1218, APACHE),
    "facebook/dinov2-giant": Known(224, 1536, 4546, APACHE),
    "facebook/dinov2-with-registers-small": Known(224, 384, 88, APACHE),
    "facebook/dinov2-with-registers-base": Known(224, 768, 346, APACHE),
    "facebook/dinov2-with-registers-large": Known(224, 1024, 1218, APACHE),
    "facebook/dinov3-vits16-pretrain-lvd1689m": Known(224, 384, 86, DINOV3),
    "facebook/dinov3-vits16plus-pretrain-lvd1689m": Known(224, 384, 115, DINOV3),
    "facebook/dinov3-vitb16-pretrain-lvd1689m": Known(224, 768, 343, DINOV3),
    "facebook/dinov3-vitl16-pretrain-lvd1689m": Known(224, 1024, 1213, DINOV3),
    "facebook/dinov3-vith16plus-pretrain-lvd1689m": Known(224, 1280, 3362, DINOV3),
    "facebook/dinov3-vitl16-pretrain-sat493m": Known(224, 1024, 1213, DINOV3),
    "facebook/dinov3-convnext-tiny-pretrain-lvd1689m": Known(224, 768, 111, DINOV3),
    "facebook/dinov3-convnext-small-pretrain-lvd1689m": Known(224, 768, 198, DINOV3),
    "facebook/dinov3-convnext-base-pretrain-lvd1689m": Known(224, 1024, 350, DINOV3),
    "facebook/dinov3-convnext-large-pretrain-lvd1689m": Known(224, 1536, 785, DINOV3),
    "facebook/convnext-tiny-224": Known(224, 768, 114, APACHE),
    "google/siglip2-base-patch32-256": Known(256, 768, 1507, APACHE),
    "google/siglip2-base-patch16-224": Known(224, 768, 1501, APACHE),
    "google/siglip2-base-patch16-384": Known(384, 768, 1502, APACHE),
    "google/siglip2-large-patch16-256": Known(256, 1024, 3526, APACHE),
    "google/siglip2-so400m-patch14-384": Known(384, 1152, 4544, APACHE),
    "google/medsiglip-448": Known(448, 1152, 3513, HEALTH),
    "google/vit-base-patch16-224-in21k": Known(224, 768, 346, APACHE),
    "microsoft/rad-dino": Known(518, 768, 346, MIT),
    "openai/clip-vit-base-patch32": Known(224, 512, 605),
    "openai/clip-vit-large-patch14": Known(224, 768, 1711),
}
"""Models of transformers, by their id at Hugging Face."""
KERASHUB = {"dinov2_": APACHE, "dinov3_": DINOV3, "medsiglip_": HEALTH, "metaclip_2_": CC_BY_NC, "siglip": APACHE}
"""Licences of the weights that presets of KerasHub were made from, by what the presets' names begin with."""


def licence_of_preset(name: str) -> str | None:
    """The licence of a preset of KerasHub, by its name; None where it is not known."""
    return next((licence for start, licence in KERASHUB.items() if name.startswith(start)), None)

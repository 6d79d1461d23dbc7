"""How t-SNE settings are written on the command line and in figures: f, r, s and the ramp, in the paper's letters."""

from __future__ import annotations

from tb_tsne_plugin.tsne import PRESETS, Parameters

_LETTERS = {
    "f": "label_importance",
    "r": "repulsion_emphasis",
    "s": "labeling_start",
    "ramp": "ramp_epochs",
    "theta": "theta",
    "perplexity": "perplexity",
    "dim": "n_components",
}


def parse_setting(text: str, base: Parameters | None = None) -> Parameters:
    """Reads a setting: a preset, or changes to the defaults such as `f=0.1:r=0:s=250:ramp=10`.

    Args:
      text: What to read; a preset may come first: `strong:s=250`.
      base: What it changes; None for the defaults.

    Returns:
      The parameters.

    Raises:
      ValueError: If a name or a value is wrong; the message says which.
    """
    parameters = base or Parameters()
    for part in text.split(":"):
        name, equals, value = part.partition("=")
        if part in PRESETS:
            parameters = parameters.updated(PRESETS[part])
        elif equals and name in _LETTERS:
            try:
                number = float(value)
            except ValueError:
                raise ValueError(f"In {text!r}, {value!r} is no number.") from None
            parameters = parameters.updated({_LETTERS[name]: number})
        else:
            known = ", ".join([*PRESETS, *(f"{letter}=" for letter in _LETTERS)])
            raise ValueError(f"{part!r} in {text!r} is no setting; there are {known}.")
    return parameters


def setting_title(parameters: Parameters) -> str:
    """A setting in the paper's letters: `f=0.1(10), r=0.1, s=200`, the ramp in brackets where there is one."""
    ramp = f"({parameters.ramp_epochs})" if parameters.ramp_epochs > 1 and parameters.label_importance > 0 else ""
    return (
        f"f={parameters.label_importance:g}{ramp}, r={parameters.repulsion_emphasis:g}, s={parameters.labeling_start}"
    )

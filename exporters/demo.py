"""The demo's run: the handwritten digits that come with scikit-learn, 1,797 real images of 8 x 8 pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from exporters.arrays import write_run
from exporters.errors import ExportError
from exporters.run.report import read_files
from tb_tsne_plugin.runs.folder import Folder
from tb_tsne_plugin.runs.format import CONFIG_NAME, FILE, TRUE_LABEL

RUN = "digits"
# Eight pixels in whole blocks of four, so that a person can read them.
ENLARGED = 4


def write_demo(logdir: Path) -> tuple[Path, bool]:
    """Writes the demo's run into a log dir, unless it is there already.

    Args:
        logdir: What `tensorboard --logdir` gets.

    Returns:
        The run's folder, and whether it was written now. An existing one is left as it is, with its labels.

    Raises:
        ExportError: If the folder cannot be written or holds a foreign run called `digits`.
    """
    run_dir = logdir / RUN
    try:
        if Folder(logdir).kind(RUN) == "link":
            raise ExportError(f"{run_dir} is a link, and links are not followed here: choose another --logdir.")
    except OSError as error:
        raise ExportError(f"{logdir} cannot be read ({error.strerror}): choose another --logdir.") from error
    run = Folder(logdir, RUN)
    files = read_files(run)
    if files is not None and all(_is_there(run, name) for name in [CONFIG_NAME, *files]):
        return run_dir, False
    from sklearn.datasets import load_digits

    digits = load_digits()
    shades = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    pictures = np.repeat(np.repeat(shades, ENLARGED, axis=1), ENLARGED, axis=2)
    write_run(
        run_dir,
        {"pix": digits.data.astype(np.float32)},
        images=list(pictures),
        metadata={
            FILE: [f"digit_{number:04d}" for number in range(len(pictures))],
            TRUE_LABEL: [str(digit) for digit in digits.target],
        },
        tile_size=8 * ENLARGED,
        settings={"made by": "tb-tsne demo", "source": "sklearn.datasets.load_digits"},
    )
    return run_dir, True


def _is_there(run: Folder, name: str) -> bool:
    try:
        return run.kind(name) == "file"
    except OSError:
        return False

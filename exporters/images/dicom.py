"""Pictures in DICOM files, as their own window shows them; needs the extra [dicom]."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from exporters.images.deep import KIND, LONG_NUMBERS, RESCALED, WHOLE_NUMBERS, whole_numbers, with_nan
from exporters.images.formats import NoReaderError

Values = npt.NDArray[Any]

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
# Its whole content is packed, and unpacks to any size.
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META_BYTES = 4096
_FAR = 1e30


def read_dicom(file: BinaryIO, header: bool = False) -> Any:
    """A file's data set, perhaps only what comes before the values of the picture.

    Raises:
        NoReaderError: If pydicom is not installed, or there is no picture in it.
    """
    try:
        import pydicom
    except ImportError:
        raise NoReaderError("DICOM needs pydicom: pip install 'tb-tsne[dicom]'") from None
    file.seek(0)
    if _DEFLATED in file.read(_META_BYTES):
        raise NoReaderError("a packed (deflated) DICOM file")
    file.seek(0)
    dataset = pydicom.dcmread(file, stop_before_pixels=header, force=True)  # The preamble may be missing.
    _tell_encoding(dataset)
    if "Rows" not in dataset or not (header or any(name in dataset for name in _PIXELS)):
        raise NoReaderError("a DICOM file without a picture")
    return dataset


def _tell_encoding(dataset: Any) -> None:
    """Says, where a file does not, how its values lie: as the rest of it."""
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit, _ = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian


def frames_in(dataset: Any) -> int:
    """How many pictures there are."""
    return int(dataset.get("NumberOfFrames") or 1)


def picture_of(dataset: Any, frame: int = 0) -> Image.Image:
    """One of the pictures.

    Values are rescaled as the file says and shown in its window (its first, where it has several) or by its table;
    MONOCHROME1 is inverted. Where a grey picture has neither, its values are kept: 8 bits as they are shown.

    Args:
        dataset: The file's data set.
        frame: Which one, from 0.

    Returns:
        8-bit grey or RGB, or one channel of more bits.

    Raises:
        NoReaderError: If its compression cannot be undone here.
    """
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
    from pydicom.pixels.utils import pixel_array

    try:
        values = pixel_array(dataset, index=frame)
    except (RuntimeError, NotImplementedError) as error:
        kind = dataset.file_meta.TransferSyntaxUID.name
        raise NoReaderError(f"DICOM compressed as {kind}: no decoder of it is installed") from error
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
    if values.ndim == 3:
        bits = 16 if dataset.PhotometricInterpretation == "PALETTE COLOR" else dataset.BitsStored
        return Image.fromarray((values >> max(0, bits - 8)).astype(np.uint8))
    _take_from_frame(dataset, frame)
    if has_window(dataset):
        picture = _windowed(values, dataset)
        return Image.fromarray(255 - picture if _is_inverted(dataset) else picture)
    if values.dtype == np.uint8 and not is_rescaled(dataset):
        return Image.fromarray(255 - values if _is_inverted(dataset) else values)
    missing = _is_padding(values, dataset)
    if _is_inverted(dataset) and values.dtype.kind in "iu":
        values = (2**dataset.BitsStored - 1 if dataset.PixelRepresentation == 0 else -1) - values.astype(np.int64)
    kind = LONG_NUMBERS if dataset.BitsAllocated > 16 else WHOLE_NUMBERS
    kept = _of_more_bits(apply_modality_lut(values, dataset), kind)
    if is_rescaled(dataset):
        kept.info[KIND] = RESCALED
    return with_nan(kept, missing) if missing.any() else kept


def _is_padding(values: Values, dataset: Any) -> npt.NDArray[np.bool_]:
    """Where the file holds no value, only what fills up the picture."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return np.zeros(values.shape, bool)
    limit = dataset.get("PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    return np.asarray((values >= low) & (values <= high))


def has_window(dataset: Any) -> bool:
    """Whether the file says how its values are to be shown."""
    return "VOILUTSequence" in dataset or _window(dataset) is not None


def _window(dataset: Any) -> int | None:
    """Which of its windows is the first to mean something: a linear one is at least 1 wide, the others above 0."""
    kind = dataset.get("VOILUTFunction") or "LINEAR"
    pairs = zip(_several(dataset.get("WindowCenter")), _several(dataset.get("WindowWidth")), strict=False)
    for number, (center, width) in enumerate(pairs):
        if center is not None and width is not None and (width >= 1 if kind == "LINEAR" else width > 0):
            return number
    return None


def _several(element: Any) -> Sequence[Any]:
    """The values of an element that has none, one or several."""
    return element if isinstance(element, MutableSequence) else [element]


def has_more_bits(dataset: Any) -> bool:
    """Whether the values of its first picture are kept as they are, for want of a window."""
    _take_from_frame(dataset, 0)
    is_deep = dataset.BitsAllocated > 8 or dataset.PixelRepresentation == 1 or is_rescaled(dataset)
    return dataset.SamplesPerPixel == 1 and is_deep and not has_window(dataset)


def is_rescaled(dataset: Any) -> bool:
    """Whether the values mean others than those stored: by a table, or by a line that is not the identity."""
    slope, intercept = dataset.get("RescaleSlope"), dataset.get("RescaleIntercept")
    return "ModalityLUTSequence" in dataset or (1 if slope is None else slope, intercept or 0) != (1, 0)


def _is_inverted(dataset: Any) -> bool:
    return bool(dataset.PhotometricInterpretation == "MONOCHROME1")


def _take_from_frame(dataset: Any, frame: int) -> None:
    """In files of many frames windows and scales are said for each frame, or once for all, in groups of their own."""
    each = dataset.get("PerFrameFunctionalGroupsSequence") or []
    groups = [*(dataset.get("SharedFunctionalGroupsSequence") or []), *each[frame : frame + 1]]
    for group in groups:
        for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in group.get(name) or []:
                for element in item:
                    dataset[element.tag] = element


def _windowed(values: Values, dataset: Any) -> npt.NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

    rescaled = apply_modality_lut(values, dataset)
    if "VOILUTSequence" in dataset:
        shown = apply_voi(rescaled.astype(np.int64), dataset)
        low, high = 0.0, float(2 ** dataset.VOILUTSequence[0].LUTDescriptor[2])
    else:
        window = _window(dataset) or 0
        shown = apply_windowing(rescaled, dataset, window)
        with np.errstate(over="ignore"):  # Far below and far above any window is black and white.
            low, high = apply_windowing(np.array([-_FAR, _FAR]), dataset, window)
    return np.clip((shown - low) * (255.999 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)


def _of_more_bits(values: Values, kind: str) -> Image.Image:
    whole = np.rint(values)
    if values.dtype.kind == "f" and not np.array_equal(whole, values):
        return Image.fromarray(values.astype(np.float32))
    return whole_numbers(whole, kind)

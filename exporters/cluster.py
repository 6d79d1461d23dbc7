"""`--backend ray`: decoding and feature extraction by Ray Data, on as many machines as its cluster has."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from exporters.errors import ExportError
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.stages import FeatureStages
from exporters.images.crops import together
from exporters.images.listing import ImageFile
from exporters.images.outcomes import Outcome, Sample
from exporters.images.read import read_image
from exporters.images.renditions import RenditionSpec

LOCAL, RAY = "local", "ray"
BACKENDS = (LOCAL, RAY)
# Images that a worker reads and computes at once.
PART = 256


class RayReader:
    """Reads images and computes their streamed stages on a Ray cluster.

    Ray's own pool of actors shares the work, restarts what dies, and hands results back in order. A cluster that is
    running is used (`RAY_ADDRESS`, or `ray.init` by the caller), otherwise this machine becomes one.

    Args:
        computed: The stages.
        spec: What to make of every picture.

    Raises:
        ExportError: If Ray is not installed or its cluster cannot be reached.
    """

    def __init__(self, computed: FeatureStages, spec: RenditionSpec):
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise ExportError(f"--backend ray needs Ray ({error}): pip install 'tb-tsne[cluster]'.") from None
        self._ray = ray
        stages = list(dict.fromkeys(computed.tensors[name].stage for name in computed.streamed))
        self._settings = (stages, computed.choice, spec)
        try:
            if not ray.is_initialized():
                ray.init(logging_level="ERROR", log_to_driver=False, include_dashboard=False)
        except Exception as error:  # Ray raises its own and the standard library's.
            raise ExportError(f"Ray cannot be started ({type(error).__name__}: {str(error)[:200]}).") from error

    def __call__(self, files: Iterable[ImageFile]) -> Iterator[Outcome]:
        """What became of each file, in order."""
        data = self._ray.data
        context = data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        listed = list(files)
        parts = [listed[start : start + PART] for start in range(0, len(listed), PART)]
        if not parts:
            return
        resources = self._ray.cluster_resources()
        gpus = int(resources.get("GPU", 0))
        workers = min(len(parts), gpus or max(1, int(resources.get("CPU", 1))))
        done = data.from_items([{"part": pickle.dumps(part)} for part in parts], override_num_blocks=len(parts)).map(
            _Worker,
            fn_constructor_args=self._settings,
            compute=data.ActorPoolStrategy(min_size=1, max_size=workers),
            num_gpus=1 if gpus else None,
        )
        for row in done.iter_rows():
            yield from pickle.loads(row["outcomes"])


class _Worker:
    """What runs in an actor: one network, many parts."""

    def __init__(self, stages: Sequence[str], choice: NetworkChoice, spec: RenditionSpec):
        self._computed = FeatureStages(stages, choice) if stages else None
        self._spec = spec

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        files = pickle.loads(row["part"])
        outcomes: list[Outcome] = [read_image(file, self._spec) for lot in together(files, self._spec) for file in lot]
        usable = {place: outcome for place, outcome in enumerate(outcomes) if isinstance(outcome, Sample)}
        if self._computed is not None and usable:
            features = self._computed.compute([sample.renditions for sample in usable.values()])
            for number, (place, sample) in enumerate(usable.items()):
                outcomes[place] = replace(sample, features={name: rows[number] for name, rows in features.items()})
        return {"outcomes": pickle.dumps(outcomes)}

"""`--backend ray`: decoding and feature extraction by Ray Data, on as many machines as its cluster has."""

from __future__ import annotations

import importlib
import logging
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from exporters.errors import ExportError
from exporters.features.backbones.choice import NetworkChoice
from exporters.features.stages import FeatureStages
from exporters.images.listing import ImageFile
from exporters.images.outcomes import Outcome, Sample
from exporters.images.read import serial_reader
from exporters.images.renditions import RenditionSpec

LOCAL, RAY = "local", "ray"
BACKENDS = (LOCAL, RAY)
# Images that a worker reads and computes at once.
PART = 256


In = TypeVar("In")
Out = TypeVar("Out")
# Calls on their way to each worker, so that none waits for the next; and how often one is repeated whose worker died.
AHEAD = 2
REPEATED = 3


def started_ray() -> Any:
    """Ray, on the cluster that is running (`RAY_ADDRESS`, or `ray.init` by the caller) or on this machine.

    Raises:
        ExportError: If it is not installed, or its cluster cannot be reached.
    """
    try:
        import ray
    except ImportError as error:
        raise ExportError(f"--backend ray needs Ray ({error}): pip install 'tb-tsne[cluster]'.") from None
    try:
        if not ray.is_initialized():
            ray.init(logging_level="ERROR", log_to_driver=False, include_dashboard=False)
    except Exception as error:  # Ray raises its own and the standard library's.
        raise ExportError(f"Ray cannot be started ({type(error).__name__}: {str(error)[:200]}).") from error
    return ray


def map_on_ray(work: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
    """What a function makes of each item, as these are done, by all the machines that the cluster has just then.

    A call whose worker dies is made again. Items are taken as they are needed: nothing grows with their number.

    Args:
        work: The function; sent once, and opened once by each worker.
        items: The items.

    Raises:
        ExportError: If `work` does, or an item ends its worker again and again.
    """
    ray = started_ray()
    gpus = ray.cluster_resources().get("GPU", 0)
    sent = ray.put(pickle.dumps(work))
    # Workers that have a GPU are ended after a call unless that is said.
    call = ray.remote(num_cpus=1, num_gpus=1 if gpus else 0, max_retries=REPEATED, max_calls=0)(_call)
    waiting: list[Any] = []
    try:
        for item in items:
            waiting.append(call.remote(sent.hex(), [sent], item))
            while len(waiting) >= AHEAD * max(1, int(ray.cluster_resources().get("GPU" if gpus else "CPU", 1))):
                yield _done(ray, waiting)
        while waiting:
            yield _done(ray, waiting)
    finally:
        for reference in waiting:
            ray.cancel(reference, force=True)


def _done(ray: Any, waiting: list[Any]) -> Any:
    """The result of one that is done; it is waiting no more."""
    (found,), waiting[:] = ray.wait(waiting)
    try:
        return ray.get(found)
    except ray.exceptions.RayTaskError as error:
        raise error.cause if isinstance(error.cause, ExportError) else error from None
    except ray.exceptions.RayError as error:
        raise ExportError(
            f"A worker died {REPEATED + 1} times over the same images ({type(error).__name__}; memory?): repeat the "
            "command, which goes on."
        ) from error


# What this worker has opened.
_opened: dict[str, Any] = {}


def _call(name: str, sent: Sequence[Any], item: Any) -> Any:
    """Runs in a worker."""
    if name not in _opened:
        import ray

        _opened.clear()
        _opened[name] = pickle.loads(ray.get(sent[0]))
    return _opened[name](item)


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
        self._ray = started_ray()
        stages = list(dict.fromkeys(computed.tensors[name].stage for name in computed.streamed))
        self._settings = (stages, computed.choice, spec)

    def __call__(self, files: Iterable[ImageFile]) -> Iterator[Outcome]:
        """What became of each file, in order."""
        data = importlib.import_module("ray.data")
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
        outcomes = list(serial_reader(self._spec)(pickle.loads(row["part"])))
        usable = {place: outcome for place, outcome in enumerate(outcomes) if isinstance(outcome, Sample)}
        if self._computed is not None and usable:
            features = self._computed.compute([sample.renditions for sample in usable.values()])
            for number, (place, sample) in enumerate(usable.items()):
                outcomes[place] = replace(sample, features={name: rows[number] for name, rows in features.items()})
        return {"outcomes": pickle.dumps(outcomes)}

"""Runs jobs side by side, by joblib on this machine or on a Ray cluster, and never one twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tb_tsne_plugin.evaluation.datasets import Dataset
from tb_tsne_plugin.evaluation.errors import EvaluationError
from tb_tsne_plugin.evaluation.work import WORK, Result
from tb_tsne_plugin.runs.folder import Folder

VERSION = 1
"""Of the numbers: raised whenever the same job would give others, so that earlier results are not taken for new."""
MAX_BYTES = 256 * 2**20
"""Of a result."""


@dataclass(frozen=True)
class Job:
    """One fold of one dataset.

    Attributes:
      work: A name in `WORK`.
      dataset: On what.
      arguments: How; JSON.
    """

    work: str
    dataset: Dataset
    arguments: dict[str, Any]

    @property
    def key(self) -> str:
        """Tells this job from any other: equal for the same work on the same data."""
        described = json.dumps([VERSION, self.work, self.dataset.digest, self.arguments], sort_keys=True)
        return hashlib.sha256(described.encode()).hexdigest()[:24]


Execute = Callable[[list[Job]], Iterator[tuple[int, Result]]]
"""Runs jobs, and yields the number and the result of each as it ends."""


def perform(work: str, dataset: Dataset, arguments: dict[str, Any]) -> Result:
    """Does one job on one thread: neither its result nor its neighbours' time depends on how many cores there are."""
    from threadpoolctl import threadpool_limits

    from tb_tsne_plugin.tsne.kernel import use_threads

    use_threads(1)
    with threadpool_limits(1):
        return WORK[work](dataset, **arguments)


def _numbered(number: int, *job: Any) -> tuple[int, Result]:
    return number, perform(*job)


def on_this_machine(n_jobs: int) -> Execute:
    """Runs so many jobs at a time; one at a time in this very process.

    Args:
      n_jobs: How many processes; -1 for one a core.

    Returns:
      What runs them.
    """

    def execute(jobs: list[Job]) -> Iterator[tuple[int, Result]]:
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
        calls = (delayed(_numbered)(n, job.work, job.dataset, job.arguments) for n, job in enumerate(jobs))
        yield from parallel(calls)

    return execute


def on_ray(address: str | None = None) -> Execute:
    """Runs jobs on a Ray cluster whose machines have this package, one a CPU; Ray repeats what a lost worker had.

    Args:
      address: The cluster's; None for the one that RAY_ADDRESS names, or else a new one on this machine.

    Returns:
      What runs them.

    Raises:
      EvaluationError: If Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise EvaluationError("--backend ray needs Ray: pip install 'tb-tsne[cluster]'.") from None

    def execute(jobs: list[Job]) -> Iterator[tuple[int, Result]]:
        if not ray.is_initialized():
            ray.init(address=address, log_to_driver=False, include_dashboard=False)
        stored = {job.dataset.digest: ray.put(job.dataset) for job in jobs}
        remote = ray.remote(num_cpus=1)(perform)
        number = {remote.remote(job.work, stored[job.dataset.digest], job.arguments): n for n, job in enumerate(jobs)}
        waiting = list(number)
        while waiting:
            done, waiting = ray.wait(waiting)
            for reference in done:
                yield number[reference], ray.get(reference)

    return execute


def run_jobs(jobs: list[Job], folder: Folder, execute: Execute, title: str) -> list[Result]:
    """Runs what was not run before.

    Args:
      jobs: What to run; all different.
      folder: Where each result is kept as a file as soon as it is there.
      execute: How.
      title: What the progress bar, with the time left, says.

    Returns:
      The results, in the order of the jobs.
    """
    from tqdm import tqdm

    results = {n: result for n, job in enumerate(jobs) if (result := _read(folder, job)) is not None}
    missing = [n for n in range(len(jobs)) if n not in results]
    with tqdm(total=len(jobs), initial=len(results), desc=title, unit="job", smoothing=0.1) as bar:
        for n, result in execute([jobs[n] for n in missing]) if missing else ():
            results[missing[n]] = result
            _write(folder, jobs[missing[n]], result)
            bar.update()
    return [results[n] for n in range(len(jobs))]


def _read(folder: Folder, job: Job) -> Result | None:
    try:
        with folder.open(f"{job.key}.json") as file:
            return dict(json.loads(file.read(MAX_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _write(folder: Folder, job: Job, result: Result) -> None:
    """Puts a whole file in place: a run that is killed leaves results or none, but no half ones."""
    folder.replace(f"{job.key}.json", json.dumps(result).encode(), durable=False)

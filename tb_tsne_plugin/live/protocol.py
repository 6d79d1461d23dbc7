"""What TensorBoard and a worker say to each other: a JSON line for each message, typed on both sides.

TensorBoard's first line is a `Specification`, every later one a `Command`; what the worker says is an `Event`. Any
other line is a fault: the side that reads it says so, and the worker ends.
"""

from __future__ import annotations

from typing import Literal, NoReturn, TypeAlias

import msgspec

from tb_tsne_plugin.live.parameters import SessionParameters

Status: TypeAlias = Literal["starting", "compiling", "preparing", "running", "paused", "settled"]


MOST_RESOLUTIONS = 4
"""Of clusters that are looked for, and kept, at a time: so many people may ask for others at once."""


class CheckpointPath(msgspec.Struct, frozen=True):
    """A `checkpoint.CheckpointFile`. As bytes, like every path that a user may choose: not all file names are text."""

    folder: bytes
    name: bytes


class Specification(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker embeds, and where its files are."""

    features: str
    """A file of (N, D) little-endian float32."""
    shape: tuple[int, int]
    """(N, D)."""
    version: str
    """Of the features."""
    frames: str
    """A file for frames (`live/frames.py`)."""
    first_frame: int
    """Frames are numbered from the next one on."""
    checkpoint: CheckpointPath | None
    """Where the worker keeps how the t-SNE stands, and from which it goes on."""
    grown_from: tuple[str, int] | None = None
    """The version that the checkpoint is of, and how many samples there were, where the run has grown since."""
    column: str
    """The label column that it follows at first."""
    ignored: tuple[int, ...] = ()
    """Rows that are ignored there: a t-SNE that begins leaves them out. All labels come with the first command."""
    parameters: SessionParameters


class SetLabels(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", tag="set_labels"):
    """Labels changed."""

    column: str
    """The label column they are in."""
    revision: int
    """That column's revision with these changes."""
    rows: tuple[int, ...]
    labels: tuple[int, ...]
    """As many class ids; -1 where the sample has no label now."""
    states: tuple[int, ...]
    """As many states (`guidance.states`)."""
    batches: tuple[int, ...] = ()
    """As many revisions, of the edits that gave the labels; -1 where that is not known. None where it is this one."""
    reset: bool
    """Whether these are all labels there are, instead of changes."""


class Pause(msgspec.Struct, frozen=True, tag_field="command", tag="pause"):
    """Stop until resumed."""


class Resume(msgspec.Struct, frozen=True, tag_field="command", tag="resume"):
    """Go on; also sets a settled t-SNE going again."""


class Step(msgspec.Struct, frozen=True, tag_field="command", tag="step"):
    """Make some epochs, then pause."""

    epochs: int = 1


class Restart(msgspec.Struct, frozen=True, tag_field="command", tag="restart"):
    """Start again from epoch 0."""


class Perturb(msgspec.Struct, frozen=True, tag_field="command", tag="perturb"):
    """Add noise to the positions."""

    scale: float = 0.1
    """Standard deviation of the noise, in standard deviations of the embedding."""


class ChangeParameters(msgspec.Struct, frozen=True, tag_field="command", tag="change_parameters"):
    """Take new parameters."""

    parameters: SessionParameters


class FindGuidance(msgspec.Struct, frozen=True, tag_field="command", tag="find_guidance"):
    """Somebody wants guidance: tell it whenever it changes, for a while."""


class FindLabelIssues(msgspec.Struct, frozen=True, tag_field="command", tag="find_label_issues"):
    """Somebody wants to know the labels to verify, once, and guidance for a while."""


class FindStanding(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", tag="find_standing"):
    """Somebody wants to know where the job stands, once."""

    n_accepted: int
    """How many labels were accepted unseen, and are not seen since."""
    looks: tuple[tuple[int, int, int], ...]
    """Of each look at a sample, how many there were, how many were shown, and how many of those were wrong."""
    n_strays: int = 0
    """How many images were given something else than the page that they were on."""


class FindClusters(msgspec.Struct, frozen=True, tag_field="command", tag="find_clusters"):
    """Somebody wants the clusters of all samples, once."""

    resolution: float
    """The larger, the more clusters, and the smaller."""


class End(msgspec.Struct, frozen=True, tag_field="command", tag="end"):
    """Keep where the t-SNE stands, and end."""


Command: TypeAlias = (
    SetLabels
    | Pause
    | Resume
    | Step
    | Restart
    | Perturb
    | ChangeParameters
    | FindGuidance
    | FindLabelIssues
    | FindClusters
    | FindStanding
    | End
)


class Alive(msgspec.Struct, frozen=True, tag_field="event", tag="alive"):
    """The worker runs; said every second."""


class FrameWritten(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="frame"):
    """A frame is in its slot of the mapped file."""

    number: int


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="progress"):
    """How far the t-SNE is; by default, as long as nothing is known of it."""

    status: Status = "starting"
    epoch: int = 0
    epochs_per_second: float = 0.0
    cost: float | None = None
    """At the last epoch at which it was computed; None before the first."""
    cost_curve: tuple[tuple[int, float], ...] = ()
    """Epochs, and the cost at each."""
    revision: int = 0
    """Of the labels it has heard of."""
    notes: tuple[str, ...] = ()
    """Sentences for the user."""


class CandidateRows(msgspec.Struct, frozen=True, kw_only=True):
    """A query candidate: a sample to label next, with the group round it."""

    focus: int
    """Its row number."""
    rows: tuple[int, ...]
    """Row numbers of its unlabelled neighbours to begin with, nearest first."""
    belongs: tuple[float, ...]
    """The probability of each of `rows` that it is of the focus' class."""
    k: int
    """How many neighbours, labelled ones too, reach as far as the last of `rows`."""
    label: int
    """The class expected of the focus; -1 where nothing is known yet."""
    confidence: float
    """Probability of that class."""
    gain: float
    """How much its label would tell, in samples that nothing is known of."""


StepKind: TypeAlias = Literal["group", "single", "page", "check", "verify", "done"]


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do next, and what to expect of it; as `guidance.next_steps.Step`."""

    kind: StepKind
    focus: int
    """The row number of a group's focus, or of the single sample; -1 for other kinds."""
    label: int
    """The class of a page, or the one expected of a group; -1 where there is none."""
    shown: int
    """How many samples are to be looked at."""
    right: float
    """The share of them expected to be of the class suggested."""
    n: int
    """How many samples, or groups to verify, it is about in all."""


class GuidanceFound(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="guidance"):
    """Guidance on the labels so far."""

    number: int
    """Counts from 1."""
    epoch: int
    column: str
    revision: int
    """Of the labels it rests on."""
    candidates: tuple[CandidateRows, ...]
    """Best first."""
    steps: tuple[StepRow, ...]
    """What to do next, best first."""
    labels: bytes
    """(N,) little-endian int32: the most probable class of every sample, -1 where there is none."""
    second: bytes
    """(N,) little-endian int32: the second most probable one."""
    chances: bytes
    """(N,) little-endian float32: the probability of the most probable class, from 0 to 1."""


class LabelIssueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A label to verify, and why; as `guidance.label_issues.LabelIssue`."""

    row: int
    label: int
    expected: int
    self_confidence: float
    n_labeled: int
    n_same: int
    n_expected: int


class GroupIssueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A group of labels to verify; as `guidance.group_issues.GroupIssue`."""

    rows: tuple[int, ...]
    """Row numbers, the most doubtful first."""
    label: int
    expected: int
    confidence: float


class SecondLookRow(msgspec.Struct, frozen=True, kw_only=True):
    """A label given on a page that a second model contradicts; as `guidance.second_looks.SecondLook`."""

    row: int
    label: int
    expected: int
    confidence: float


class LabelIssuesFound(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="label_issues"):
    """The labels to verify."""

    column: str
    revision: int
    """Of the labels it rests on."""
    groups: tuple[GroupIssueRow, ...]
    """Groups that were labelled together, the most doubtful first."""
    label_issues: tuple[LabelIssueRow, ...]
    """The most doubtful first."""
    second_looks: tuple[SecondLookRow, ...]
    """The most doubtful first."""


class ClusterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster, and what is known of it; as `guidance.clusters.Cluster`."""

    rows: tuple[int, ...]
    """Row numbers, the most typical first."""
    n_unlabeled: int
    label: int
    purity: float


class ClustersFound(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="clusters"):
    """The clusters of all samples."""

    resolution: float
    column: str
    revision: int
    """Of the labels that their forecasts rest on."""
    clusters: tuple[ClusterRow, ...]
    """The largest first."""


class StandingFound(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="standing"):
    """Where the job stands; as `guidance.standing.Standing`."""

    column: str
    revision: int
    """Of the labels it rests on."""
    seen: int
    unseen: int
    open: int
    aside: int
    right: float
    least: float


class NoGuidance(msgspec.Struct, frozen=True, tag_field="event", tag="no_guidance"):
    """Guidance, or something else that was asked for, could not be worked out."""

    message: str
    """A sentence that says why."""


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="failed"):
    """The worker is about to end."""

    message: str
    """A sentence that says why."""
    restartable: bool
    """Whether a new worker could do better."""


Event: TypeAlias = (
    Alive
    | FrameWritten
    | Progress
    | GuidanceFound
    | LabelIssuesFound
    | ClustersFound
    | StandingFound
    | NoGuidance
    | Failed
)

_encoder = msgspec.json.Encoder()
_specifications = msgspec.json.Decoder(Specification)
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Specification | Command | Event) -> bytes:
    """The line that says this."""
    return _encoder.encode(message) + b"\n"


def decode_specification(line: bytes) -> Specification:
    """What a worker's first line says.

    Raises:
      msgspec.DecodeError: If it is something else.
    """
    return _specifications.decode(line)


def decode_command(line: bytes) -> Command:
    """What a later line to a worker says.

    Raises:
      msgspec.DecodeError: If it is no command.
    """
    return _commands.decode(line)


def decode_event(line: bytes) -> Event:
    """What a line from a worker says.

    Raises:
      msgspec.DecodeError: If it is no event.
    """
    return _events.decode(line)


def unhandled(message: NoReturn) -> NoReturn:
    """Ends a `match` over all messages: mypy refuses the call where a case is missing.

    Raises:
      AssertionError: Always.
    """
    raise AssertionError(f"Nobody handles {message!r}.")

"""Every request and answer of the HTTP routes, declared once.

What comes from outside is bounded here, and nowhere else: how long a body may be, and each value in it. Keys that a
request does not know are passed over, so that a newer page may say more to an older server.

Requests are checked against these, `openapi.json` is made from them, and from that the page's TypeScript
(`projector_frontend/src/api/schema.ts`). What the layers below hand over as it is (classes, edits of classes, history
entries, the state of a session) is declared there. docs/http_api.md explains it all.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tb_tsne_plugin.access.rights import RightName
from tb_tsne_plugin.labels.leases import MOST_LEASED, LeaseKind
from tb_tsne_plugin.labels.model import (
    MAX_ID_LENGTH,
    ClassId,
    ClassInfo,
    EditKind,
    HistoryEntry,
    NewClass,
    Selection,
    State,
    Theirs,
)
from tb_tsne_plugin.labels.store import DEFAULT_COLUMN, MAX_HISTORY
from tb_tsne_plugin.live.protocol import StepKind
from tb_tsne_plugin.runs.column_kinds import Kind
from tb_tsne_plugin.runs.format import MAX_LABEL_LENGTH
from tb_tsne_plugin.tsne.parameters import Preset

MAX_BODY_BYTES = 1 << 20
"""Of a body as it comes."""
MAX_PLAIN_BYTES = 1 << 22
"""Of a body that came compressed: two bytes of it can become a hundred in memory."""
MAX_TABLE_BYTES = 1 << 24
"""The same where it is a table, which is one text at first."""
MAX_TABLE_ROWS = 200_000
MAX_TABLE_COLUMNS = 1_000
MAX_TABLE_CELLS = 1_000_000
MAX_FILE_PARTS = 500_000
"""Lines, elements, objects and lists of all files that are sent: each becomes some hundred bytes of memory."""
MAX_NAME_LENGTH = 4_096
"""As long as a path can be: runs are named by theirs."""
MAX_SAMPLES = 100_000
MAX_REVISION = 2**31 - 1
MAX_NEIGHBORS = 1_000
MOST_SHOWN = 8
"""Samples that say where somebody looks."""
MAX_STEPS = 1_000

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
"""Of a run, a tensor, a sample, a version."""
SampleId = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]
"""As long as a label store takes it."""
ColumnName = Annotated[str, Meta(min_length=1, max_length=MAX_LABEL_LENGTH)]
OpId = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]{8,64}$(?!\n)", extra={"must": "have 8 to 64 letters, digits, - or _"})
]
StoreId = Annotated[
    str, Meta(pattern="^([0-9a-f]{32})?$(?!\n)", extra={"must": "be the store that GET labels or labels/create told"})
]
"""Empty where there is no store yet."""
Revision = Annotated[int, Meta(ge=0, le=MAX_REVISION)]
Seconds = Annotated[float, Meta(ge=0, le=25)]
# Parameters of the t-SNE, whose own ranges are its own.
Word = Annotated[str, Meta(max_length=64)]
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53, extra={"must": "be a whole number"})]
StateNumber = Annotated[int, Meta(ge=0, le=5)]
"""A place in `labels.model.STATES`: unlabeled, labeled, seen, verified, unsure, ignored."""
MarkNow = tuple[str, int | None, State]
"""A sample, its class id (null where it has none) and its state."""
ErrorCode = Literal[
    "bad_request",
    "bad_run",
    "class_exists",
    "conflict",
    "content_type",
    "header_missing",
    "host_refused",
    "internal",
    "invalid",
    "labels_busy",
    "labels_not_stored",
    "length_required",
    "many_classes",
    "method_not_allowed",
    "no_image",
    "no_picture",
    "no_session",
    "no_sprite",
    "no_tiles",
    "nothing_to_redo",
    "nothing_to_undo",
    "origin_refused",
    "other_person",
    "other_store",
    "people_unread",
    "read_only_client",
    "right_missing",
    "run_changed",
    "token_needed",
    "token_refused",
    "too_large",
    "too_little_memory",
    "too_many_tries",
    "unknown_column",
    "unknown_run",
    "unknown_tensor",
]


class Request(Struct, kw_only=True, frozen=True):
    """What a route takes: query parameters of a read, or the JSON body of a write.

    Attributes:
      most_bytes: How long the body may be, when it is decompressed.
    """

    most_bytes: ClassVar[int] = MAX_PLAIN_BYTES


class SignInRequest(Request, kw_only=True, frozen=True):
    """Somebody comes with a token, which a browser keeps as a ticket from then on; or asks only whose it is."""

    token: Annotated[str, Meta(min_length=1, max_length=256)]
    only_ask: bool = False


class VisitorAnswer(Struct, frozen=True):
    """Whose a token is, and what it allows. `name` is empty for the token of all, and `right` null without one."""

    name: str
    right: RightName | None


class OfRun(Request, kw_only=True, frozen=True):
    """About a run, by its name."""

    run: Name


class OfTensor(OfRun, kw_only=True, frozen=True):
    """About one set of features of a run."""

    tensor: Name


class OfColumn(OfRun, kw_only=True, frozen=True):
    """About a label column of a run."""

    column: ColumnName = DEFAULT_COLUMN


# Runs and samples


class TensorInfo(Struct, frozen=True):
    """One set of features: its name, (N, D), and a version that changes with its samples."""

    name: str
    shape: tuple[int, int]
    version: str


class RunInfo(Struct, frozen=True):
    """A run, and why it cannot be read (then without tensors)."""

    run: str
    problem: str | None
    tensors: list[TensorInfo]


class RunsAnswer(Struct, frozen=True):
    """Every run of the log dir, and what holds for all of them.

    `author` is how the history names whoever asks, `is_named` whether that is more than an address. `account` is that
    name where a token or a proxy says it, else empty; `right` is what whoever asks may do, and `token` whether they
    came with one, could have, or need none.
    """

    version: str
    author: str
    is_named: bool
    account: str
    right: RightName
    token: Literal["given", "missing", "none"]
    can_edit: bool
    edit_problem: str | None
    labels_kept_in: Literal["run", "dir", "database"]
    palette: list[str]
    presets: dict[str, Preset]
    runs: list[RunInfo]


class ColumnInfo(Struct, frozen=True):
    """A column of the metadata: what it holds, and its cells, one a sample; null where there are too many for JSON."""

    name: str
    kind: Kind
    values: list[str] | None


class SpriteInfo(Struct, frozen=True):
    """A sheet of thumbnails: `tile` is the width and height of one, in pixels."""

    pages: int
    tile: tuple[int, int]
    columns: int


class SamplesAnswer(Struct, frozen=True):
    """The samples of some features, in row order."""

    count: int
    version: str
    sample_ids: list[str]
    columns: list[ColumnInfo]
    sprite: SpriteInfo | None
    notes: list[str]


class OfVersion(OfTensor, kw_only=True, frozen=True):
    """About the samples of some features, at the version that whoever asks knows; whichever is there without one."""

    version: Name | None = None


class MetadataColumnRequest(OfVersion, kw_only=True, frozen=True):
    """A column of the metadata: its cells, or the numbers or times that they mean."""

    name: Annotated[str, Meta(max_length=MAX_NAME_LENGTH)]
    form: Literal["text", "numbers"] = "text"


class SearchRequest(OfVersion, kw_only=True, frozen=True):
    """A text to look for."""

    text: Name


class CellsRequest(OfVersion, kw_only=True, frozen=True):
    """The cells of some rows, whose numbers are given with commas between."""

    rows: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{1,9}(,[0-9]{1,9}){0,99}$(?!\n)",
            extra={"must": "be 1 to 100 row numbers with commas between"},
        ),
    ]


class CellsAnswer(Struct, frozen=True):
    """The cells of some rows, each with one of every column, in the order of `samples`."""

    cells: list[list[str]]


class TilePageRequest(OfRun, kw_only=True, frozen=True):
    """A page of tiles, counted from 0."""

    page: Annotated[int, Meta(ge=0, le=9_999)]


class ImageRequest(OfRun, kw_only=True, frozen=True):
    """One sample's own image."""

    sample_id: Name


Space = Literal["embedding", "features"]
Metric = Literal["euclidean", "cosine"]


class Group(Request, kw_only=True, frozen=True):
    """A sample and its k nearest."""

    tensor: Name
    sample_id: Name
    k: Annotated[int, Meta(ge=1, le=MAX_NEIGHBORS)] = 20
    space: Space = "embedding"
    metric: Metric = "euclidean"


class NeighborsRequest(Group, kw_only=True, frozen=True):
    """A group, of a run."""

    run: Name


class NeighborsAnswer(Struct, frozen=True):
    """The k nearest other samples, nearest first."""

    sample_ids: list[str]
    distances: list[float]


# Labels


class LabelsRequest(OfTensor, kw_only=True, frozen=True):
    """The labels of some features' samples."""

    column: ColumnName = DEFAULT_COLUMN


class LabelsAnswer(Struct, frozen=True):
    """The labels: class ids in row order, -1 where there is no label, and the numbers of the states.

    Without a store (then empty) those the run came with. `blind` tells whose those columns are that are blind, by name.
    """

    store: str
    revision: int
    version: str
    can_undo: bool
    can_redo: bool
    problem: str | None
    orphans: int
    columns: list[str]
    blind: dict[str, str]
    classes: list[ClassInfo]
    labels: list[int]
    states: list[StateNumber]


class ChangesRequest(OfColumn, kw_only=True, frozen=True):
    """What changed since a revision."""

    after: Revision
    wait: Seconds = 0


class StoreAnswer(Struct, frozen=True):
    """What tells a run's labels from those of every other store."""

    store: str


class EditRequest(OfColumn, kw_only=True, frozen=True):
    """What every edit carries: a name that acts once however often it is sent, and the revision seen.

    An edit that names no store, as a script may send it, is for whatever labels the run has; they are made where there
    are none. One that names an account is refused where somebody else has signed in by then.
    """

    store: StoreId | None = None
    account: Annotated[str, Meta(max_length=64)] | None = None
    op_id: OpId
    base_revision: Revision


class ApplyRequest(EditRequest, kw_only=True, frozen=True):
    """Gives samples a class, a new one, or none: named as a list of ids, as rows of a version, or as a group.

    Where they are set aside (`unsure`, `ignored`) they keep their class, and none is said.
    """

    class_id: ClassId | UnsetType | None = UNSET
    new_class: NewClass | None = None
    state: Literal["labeled", "seen", "verified", "unsure", "ignored"] = "labeled"
    sample_ids: (
        Annotated[list[Annotated[str, Meta(max_length=MAX_NAME_LENGTH)]], Meta(min_length=1, max_length=MAX_SAMPLES)]
        | None
    ) = None
    tensor: Name | None = None
    version: Name | None = None
    # Not with bounds of their own: those, beside a tuple, crash msgspec 0.23. Where the rows end, a tensor says.
    rows: Annotated[list[int | tuple[int, int]], Meta(min_length=1, max_length=MAX_SAMPLES)] | None = None
    group: Group | None = None
    only_unlabeled: bool = True
    selection: Selection | None = None


class TurnRequest(EditRequest, kw_only=True, frozen=True):
    """Undoes or redoes the edit of a revision, or one's own last one."""

    revision: Annotated[int, Meta(ge=1, le=MAX_REVISION)] | None = None


class RestoreRequest(EditRequest, kw_only=True, frozen=True):
    """Makes everything as it was at a revision."""

    revision: Revision


AnnotationsName = Literal["coco", "yolo", "voc"]
"""Formats that are the user's own annotations with other classes."""
ImportedName = Literal["folders", "hf", "fiftyone", "labelstudio", "ecotaxa", "camtrapdp", "coco", "yolo", "voc"]
"""Formats of files that labels are taken from. Tables come as text; a Parquet file may unpack to any size."""


class SentFile(Struct, frozen=True):
    """A file by its name, below its folder where it is of one, and its bytes as Base64."""

    name: Name
    content: bytes


class ImportRequest(EditRequest, kw_only=True, frozen=True):
    """Brings in the labels of a table, or of files of a format."""

    most_bytes: ClassVar[int] = MAX_TABLE_BYTES

    tensor: Name
    table: Annotated[str, Meta(min_length=1, max_length=MAX_TABLE_BYTES)] | None = None
    format: ImportedName | None = None
    files: Annotated[list[SentFile], Meta(min_length=1, max_length=MAX_SAMPLES)] | None = None
    table_column: ColumnName | None = None
    file_name: ColumnName | None = None
    only_unlabeled: bool = True
    clear: bool = False
    many_classes: bool = False
    preview: bool = False


class EditAnswer(Struct, frozen=True):
    """An edit: each sample that it changed as it is after it, and all classes after it, in their order.

    `stayed` tells of an undo or redo which samples it left as they are, by whose they are now.
    """

    store: str
    revision: int
    repeated: bool
    kind: EditKind
    target: int | None
    class_id: int | None
    can_undo: bool
    can_redo: bool
    changes: list[MarkNow]
    classes: list[ClassInfo]
    stayed: list[Theirs]


class ImportPreview(Struct, frozen=True):
    """What a table would change; `many_classes` where that is only done if it is said to be meant."""

    revision: int
    rows: int
    labeled: int
    changed: int
    cleared: int
    set_aside: int
    unchanged: int
    unknown: int
    unknown_examples: list[str]
    new_classes: list[str]
    many_classes: bool
    notes: list[str]


class AuthorsAnswer(Struct, frozen=True):
    """Who gave each row its label, or set it aside: places in `names`, -1 where nobody did.

    A name is empty where nobody knows who did, as of labels that the run came with.
    """

    store: str
    revision: int
    names: list[str]
    authors: list[int]


class GivenBy(Struct, frozen=True):
    """The class that somebody gave: a person in the label column asked about, or what stands in a label column."""

    name: str
    kind: Literal["column", "person"]
    label: str


class Disagreement(Struct, frozen=True):
    """A sample, by its row, and the several classes that it was given."""

    row: int
    given: list[GivenBy]


class DisagreementsAnswer(Struct, frozen=True):
    """How many samples were given several classes, and the first of them."""

    store: str
    count: int
    disagreements: list[Disagreement]


class HistoryRequest(OfColumn, kw_only=True, frozen=True):
    """The newest entries of the history, or those before a revision; all, or those of one person."""

    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 50
    before: Annotated[int, Meta(ge=1, le=MAX_REVISION)] | None = None
    author: Annotated[str, Meta(max_length=MAX_LABEL_LENGTH)] | None = None


class HistoryAnswer(Struct, frozen=True):
    """Entries of the history, newest first, and whether there are older ones."""

    entries: list[HistoryEntry]
    more: bool


class EffortRequest(OfColumn, kw_only=True, frozen=True):
    """What labeling cost, or what it had cost before a revision."""

    before: Annotated[int, Meta(ge=1, le=MAX_REVISION)] | None = None


class AddColumnRequest(OfRun, kw_only=True, frozen=True):
    """A label column to add."""

    store: StoreId
    name: ColumnName


class AddBlindColumnRequest(OfRun, kw_only=True, frozen=True):
    """A blind label column to add: it is called as whoever asks, with what it is about in brackets if that is said."""

    store: StoreId
    about: Annotated[str, Meta(max_length=MAX_LABEL_LENGTH)] = ""


class OpenColumnRequest(OfColumn, kw_only=True, frozen=True):
    """A blind label column to open to all."""

    store: StoreId


class ColumnsAnswer(Struct, frozen=True):
    """A run's label columns that whoever asks can read, oldest first.

    Attributes:
      columns: Their names.
      blind: Whose those are that are blind, by name.
    """

    columns: list[str]
    blind: dict[str, str]


class Orphan(Struct, frozen=True):
    """A labeled sample that the run no longer has."""

    sample_id: str
    class_id: int
    name: str


class OrphansAnswer(Struct, frozen=True):
    """The first orphans, and how many there are."""

    count: int
    orphans: list[Orphan]


class DownloadRequest(OfTensor, kw_only=True, frozen=True):
    """The table to download; a spreadsheet's has an apostrophe before what it would run as a formula.

    With `authors` it tells who gave the labels, and when.
    """

    format: Literal["tsv", "spreadsheet"] = "tsv"
    authors: bool = False


DatasetName = Literal["tsv", "csv", "parquet", "folders", "hf", "fiftyone", "labelstudio", "ecotaxa", "camtrapdp"]


class DatasetRequest(LabelsRequest, kw_only=True, frozen=True):
    """The labels of a column in a format; `suggestions` from a probability on."""

    format: DatasetName
    split: Annotated[str, Meta(max_length=MAX_LABEL_LENGTH)] = ""
    seed: Annotated[int, Meta(ge=0, le=MAX_REVISION)] = 0
    suggestions: Annotated[float, Meta(ge=0, le=1)] | None = None
    spreadsheet: bool = False
    authors: bool = False


class AnnotationsRequest(LabelsRequest, kw_only=True, frozen=True):
    """The user's own annotations: a file, or all files of a folder."""

    most_bytes: ClassVar[int] = MAX_TABLE_BYTES

    format: AnnotationsName
    files: Annotated[list[SentFile], Meta(min_length=1, max_length=MAX_SAMPLES)]


class DatasetPreview(Struct, frozen=True):
    """What a dataset is called, how many samples leave in it, and how many do not."""

    file: str
    count: int
    left_out: int
    notes: list[str]


class SavedAnswer(Struct, frozen=True):
    """The metadata file that the labels were written into."""

    file: str
    revision: int


# Who works on a label column


class OfTab(OfColumn, kw_only=True, frozen=True):
    """About what somebody does in one tab of their browser, which a tag of its own tells apart."""

    tab: OpId


class HereRequest(OfTab, kw_only=True, frozen=True):
    """Where somebody looks.

    `op_id` names what they took and are still at, `done` what they are done with.
    """

    kind: LeaseKind = "view"
    count: Annotated[int, Meta(ge=0, le=MAX_REVISION)] = 0
    class_id: ClassId | None = None
    sample_ids: Annotated[list[SampleId], Meta(max_length=MOST_SHOWN)] = []
    op_id: OpId | None = None
    done: OpId | None = None


class TakeRequest(OfTab, kw_only=True, frozen=True):
    """Takes the first group of several that nobody else holds, or of one page what nobody else holds.

    `revision` is that of the labels which they were chosen by.
    """

    op_id: OpId
    kind: Literal["group", "page"]
    choices: Annotated[
        list[Annotated[list[SampleId], Meta(min_length=1, max_length=4 * MOST_LEASED)]],
        Meta(min_length=1, max_length=64),
    ]
    most: Annotated[int, Meta(ge=1, le=MOST_LEASED)] = MOST_LEASED
    class_id: ClassId | None = None
    revision: Revision | None = None


class LeaveRequest(OfTab, kw_only=True, frozen=True):
    """Somebody closes a tab."""


class ColleagueInfo(Struct, frozen=True):
    """Somebody else who works on the label column, and where they look.

    `own` are other tabs of the same browser. What somebody holds is given to nobody else: then `sample_ids` are all of
    it, else some of what is looked at.
    """

    author: str
    own: bool
    kind: LeaseKind
    count: int
    class_id: int | None
    sample_ids: list[str]
    holds: bool


class HereAnswer(Struct, frozen=True):
    """Whether one still has what one took, and who else is here."""

    held: bool
    others: list[ColleagueInfo]


class TakenAnswer(Struct, frozen=True):
    """What one has now, for a minute: nothing where others hold all of it; and who holds what was not given."""

    sample_ids: list[str]
    held_by: list[Theirs]


class LeftAnswer(Struct, frozen=True):
    """That is all."""


# The session


class FrameRequest(OfTensor, kw_only=True, frozen=True):
    """The newest frame, if its number is not `after`."""

    after: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    wait: Seconds = 10


class Forecast(Struct, frozen=True):
    """The bytes that a session would take at most, and how many are available (null where nobody says)."""

    bytes: int
    available: int | None
    fits: bool


class ParameterChanges(Request, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Parameters to change; what is not there stays. Their ranges are told by the t-SNE itself."""

    n_components: Whole | UnsetType = UNSET
    perplexity: float | UnsetType = UNSET
    theta: float | UnsetType = UNSET
    early_exaggeration: float | UnsetType = UNSET
    learning_rate: float | Literal["auto"] | UnsetType = UNSET
    label_importance: float | UnsetType = UNSET
    repulsion_emphasis: float | UnsetType = UNSET
    labeling_start: Whole | UnsetType = UNSET
    ramp_epochs: Whole | UnsetType = UNSET
    n_epochs: Whole | UnsetType = UNSET
    metric: Word | UnsetType = UNSET
    method: Word | UnsetType = UNSET
    random_state: Whole | UnsetType = UNSET
    speed_limit: Annotated[float, Meta(ge=0.1, le=1000000.0)] | UnsetType | None = UNSET


class StartRequest(OfTensor, kw_only=True, frozen=True):
    """Starts a session, or lets one that runs follow another label column.

    One that others look at goes on with the column that they look at, unless it is meant `for_all`.
    """

    parameters: ParameterChanges | None = None
    column: ColumnName | None = None
    for_all: bool = False
    force: bool = False


class StepRequest(OfTensor, kw_only=True, frozen=True):
    """Some epochs, then a pause."""

    epochs: Annotated[int, Meta(ge=1, le=MAX_STEPS)] = 1


class PerturbRequest(OfTensor, kw_only=True, frozen=True):
    """Noise to add, in standard deviations of the embedding."""

    scale: Annotated[float, Meta(ge=0, le=10)] = 0.1


class ParametersRequest(OfTensor, kw_only=True, frozen=True):
    """Parameters to change while it runs."""

    parameters: ParameterChanges
    force: bool = False


# Guidance


class GuidanceRequest(OfTensor, kw_only=True, frozen=True):
    """The newest guidance, if its number is not `after`."""

    after: Annotated[int, Meta(ge=0, le=MAX_REVISION)] = 0
    wait: Seconds = 10


class LabelIssuesRequest(OfTensor, kw_only=True, frozen=True):
    """The first labels to verify."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    wait: Seconds = 10


class CandidateInfo(Struct, frozen=True):
    """A group worth a label: its focus, the class expected, and the members without a label, nearest first."""

    sample_id: str
    class_id: int | None
    confidence: float
    k: int
    gain: float
    members: list[str]
    belongs: list[float]


class CandidatesAnswer(Struct, frozen=True):
    """The next best groups, best first."""

    number: int
    epoch: int
    column: str
    revision: int
    candidates: list[CandidateInfo]


class StepInfo(Struct, frozen=True):
    """Something to do: its class, a group's focus, how many images to look at of how many (or groups to verify)."""

    kind: StepKind
    class_id: int | None
    sample_id: str | None
    shown: int
    right: float
    n: int


class NextStepsAnswer(Struct, frozen=True):
    """What to do next, best first, and the share of what is shown that is expected to be right."""

    number: int
    column: str
    revision: int
    steps: list[StepInfo]


class SuggestionsAnswer(Struct, frozen=True):
    """The likeliest class of every sample, in row order (-1 where there is none), the next one, and how probable it is.

    Per cent are rounded down to four decimals.
    """

    number: int
    column: str
    revision: int
    class_ids: list[int]
    second: list[int]
    percent: list[float]


class LabelIssueInfo(Struct, frozen=True):
    """A label to verify: the class expected instead, and what the most similar samples say."""

    sample_id: str
    class_id: int
    expected: int
    self_confidence: float
    n_labeled: int
    n_same: int
    n_expected: int


class GroupIssueInfo(Struct, frozen=True):
    """Labels given together that should be verified: the class expected instead, and how likely theirs is."""

    class_id: int
    expected: int
    confidence: float
    members: list[str]


class SecondLookInfo(Struct, frozen=True):
    """A label given to an image that was seen, and that another model contradicts."""

    sample_id: str
    class_id: int
    expected: int
    confidence: float


class LabelIssuesAnswer(Struct, frozen=True):
    """The labels to verify, most doubtful first: groups, single labels, and images that were seen."""

    column: str
    revision: int
    groups: list[GroupIssueInfo]
    label_issues: list[LabelIssueInfo]
    second_looks: list[SecondLookInfo]


class ClustersRequest(OfTensor, kw_only=True, frozen=True):
    """Groups of the whole set: the larger the resolution, the more of them."""

    resolution: Annotated[float, Meta(ge=0.01, le=100.0)] = 1.0
    wait: Seconds = 20


class StandingRequest(OfTensor, kw_only=True, frozen=True):
    """Where the job stands."""

    wait: Seconds = 10


class StandingAnswer(Struct, frozen=True):
    """How many images were seen, labeled unseen, are open or set aside, and what share of the labels is right.

    `right` is the share expected, `least` what it is at least, in nineteen of twenty cases.
    """

    column: str
    revision: int
    seen: int
    unseen: int
    open: int
    aside: int
    right: float
    least: float


class ClusterInfo(Struct, frozen=True):
    """A cluster: its rows, the most typical first, the class that most of it has or probably has, and what share."""

    class_id: int | None
    purity: float
    unlabeled: int
    rows: list[int]


class ClustersAnswer(Struct, frozen=True):
    """All clusters of the features at a version, the largest first."""

    version: str
    resolution: float
    column: str
    revision: int
    clusters: list[ClusterInfo]


# The page


class AssetRequest(Request, kw_only=True, frozen=True):
    """A further file of the page."""

    name: Name


# Errors


class ErrorDetails(Struct, kw_only=True, frozen=True):
    """Of a conflict: the revision now, and each sample as it is now. Of too little memory: the forecast."""

    revision: int | UnsetType = UNSET
    changes: list[MarkNow] | UnsetType = UNSET
    bytes: int | UnsetType = UNSET
    available: int | UnsetType = UNSET


class ErrorInfo(Struct, frozen=True):
    """A word for programs, and a sentence for people without absolute paths."""

    code: ErrorCode
    message: str
    details: ErrorDetails | UnsetType = UNSET


class ErrorAnswer(Struct, frozen=True):
    """The one shape of every error."""

    error: ErrorInfo

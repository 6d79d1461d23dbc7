"""Every route (docs/http_api.md): what it takes, the function that answers it, and what comes back."""

from __future__ import annotations

from werkzeug.wrappers import Response

from tb_tsne_plugin.access.rights import Right
from tb_tsne_plugin.labels.effort import Effort
from tb_tsne_plugin.labels.model import ClassAction
from tb_tsne_plugin.live import SessionState
from tb_tsne_plugin.runs import Tiles, arrow
from tb_tsne_plugin.web import messages as m
from tb_tsne_plugin.web.call import Call
from tb_tsne_plugin.web.handlers import (
    agreement,
    crew,
    datasets,
    entering,
    guidance,
    labels,
    page,
    runs,
    session,
    tables,
)
from tb_tsne_plugin.web.openapi import description
from tb_tsne_plugin.web.responses import json_response
from tb_tsne_plugin.web.routing import Route, read, read_file, write, write_file, write_parts

LABEL, MANAGE = Right.LABEL, Right.MANAGE


def describe(call: Call, _request: m.Request) -> Response:
    """This description."""
    return json_response(call.request, description(ROUTES))


ROUTES: tuple[Route, ...] = (
    write(None, "/sign_in", entering.sign_in, m.SignInRequest, m.VisitorAnswer),
    write(None, "/sign_out", entering.sign_out, m.Request, m.VisitorAnswer),
    read("/runs", runs.list_runs, m.Request, m.RunsAnswer),
    read("/samples", runs.samples, m.OfTensor, m.SamplesAnswer),
    read_file("/samples/column", runs.column, m.MetadataColumnRequest, arrow.MEDIA_TYPE),
    read_file("/samples/search", runs.search, m.SearchRequest, "application/octet-stream"),
    read("/samples/cells", runs.cells, m.CellsRequest, m.CellsAnswer),
    read_file("/sprite", runs.sprite, m.OfTensor, "image/*"),
    read("/runs/tiles", runs.tiles, m.OfRun, Tiles),
    read_file("/runs/tile_page", runs.tile_page, m.TilePageRequest, "image/*"),
    read_file("/runs/image", runs.image, m.ImageRequest, "image/*"),
    read_file("/runs/picture", runs.whole_picture, m.ImageRequest, "image/*"),
    read("/runs/neighbors", runs.neighbors, m.NeighborsRequest, m.NeighborsAnswer),
    read("/labels", labels.read_all, m.LabelsRequest, m.LabelsAnswer),
    read("/labels/changes", labels.changes, m.ChangesRequest, m.EditAnswer),
    write(LABEL, "/labels/create", labels.create, m.OfRun, m.StoreAnswer),
    write(LABEL, "/labels/apply", labels.apply, m.ApplyRequest, m.EditAnswer),
    write(LABEL, "/labels/undo", labels.undo, m.TurnRequest, m.EditAnswer),
    write(LABEL, "/labels/redo", labels.redo, m.TurnRequest, m.EditAnswer),
    write(LABEL, "/labels/restore", labels.restore, m.RestoreRequest, m.EditAnswer),
    read("/labels/history", labels.history, m.HistoryRequest, m.HistoryAnswer),
    read("/labels/authors", labels.authors, m.LabelsRequest, m.AuthorsAnswer),
    read("/labels/disagreements", agreement.disagreements, m.LabelsRequest, m.DisagreementsAnswer),
    read("/labels/effort", labels.effort, m.EffortRequest, Effort),
    write_parts(LABEL, "/classes", labels.change_classes, m.EditRequest, ClassAction, answers=m.EditAnswer),
    read("/labels/columns", labels.columns, m.OfRun, m.ColumnsAnswer),
    write(MANAGE, "/labels/columns/add", labels.add_column, m.AddColumnRequest, m.ColumnsAnswer),
    write(LABEL, "/labels/columns/add_blind", labels.add_blind_column, m.AddBlindColumnRequest, m.ColumnsAnswer),
    write(LABEL, "/labels/columns/open", labels.open_column, m.OpenColumnRequest, m.ColumnsAnswer),
    read("/labels/orphans", labels.orphans, m.OfColumn, m.OrphansAnswer),
    write_parts(MANAGE, "/labels/import", tables.import_table, m.ImportRequest, answers=m.ImportPreview | m.EditAnswer),
    read_file("/labels.tsv", tables.download, m.DownloadRequest, "text/tab-separated-values"),
    read_file("/labels/dataset", datasets.download, m.DatasetRequest, "*/*"),
    read("/labels/dataset/preview", datasets.preview, m.DatasetRequest, m.DatasetPreview),
    write_file(LABEL, "/labels/annotations", datasets.annotate, m.AnnotationsRequest, "*/*"),
    write(LABEL, "/labels/annotations/preview", datasets.preview_annotations, m.AnnotationsRequest, m.DatasetPreview),
    write(MANAGE, "/labels/save", tables.save, m.OfTensor, m.SavedAnswer),
    write(LABEL, "/labels/here", crew.here, m.HereRequest, m.HereAnswer),
    write(LABEL, "/labels/take", crew.take, m.TakeRequest, m.TakenAnswer),
    write(LABEL, "/labels/leave", crew.leave, m.LeaveRequest, m.LeftAnswer),
    read("/session/state", session.state, m.OfTensor, SessionState),
    read_file("/session/frame", session.frame, m.FrameRequest, "application/octet-stream"),
    read("/session/forecast", session.forecast, m.OfTensor, m.Forecast),
    write(LABEL, "/session/start", session.start, m.StartRequest, SessionState),
    write(LABEL, "/session/pause", session.pause, m.OfTensor, SessionState),
    write(LABEL, "/session/resume", session.resume, m.OfTensor, SessionState),
    write(LABEL, "/session/step", session.step, m.StepRequest, SessionState),
    write(LABEL, "/session/restart", session.restart, m.OfTensor, SessionState),
    write(LABEL, "/session/perturb", session.perturb, m.PerturbRequest, SessionState),
    write(LABEL, "/session/parameters", session.parameters, m.ParametersRequest, SessionState),
    read("/guidance/candidates", guidance.candidates, m.GuidanceRequest, m.CandidatesAnswer),
    read("/guidance/next_steps", guidance.next_steps, m.GuidanceRequest, m.NextStepsAnswer),
    read("/guidance/suggestions", guidance.suggestions, m.GuidanceRequest, m.SuggestionsAnswer),
    read_file("/guidance/suggestions/arrow", guidance.suggestions_as_arrow, m.GuidanceRequest, arrow.MEDIA_TYPE),
    read("/guidance/label_issues", guidance.label_issues, m.LabelIssuesRequest, m.LabelIssuesAnswer),
    read("/guidance/standing", guidance.standing, m.StandingRequest, m.StandingAnswer),
    read("/guidance/clusters", guidance.clusters, m.ClustersRequest, m.ClustersAnswer),
    read_file("/openapi.json", describe, m.Request, "application/json"),
    read_file("/index.js", page.index, m.Request, "text/javascript", None),
    read_file("/assets/<name>", page.asset, m.AssetRequest, "*/*", None),
)

PAGE = ("/index.js", "/assets/")
"""How the page's own files begin. They tell nothing of a log dir, and load under any name of this machine, so that the
page can say what allows that name."""

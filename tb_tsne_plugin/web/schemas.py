"""The JSON that routes answer with, as JSON schemas: the other half of `openapi.json`."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def an_object(**properties: Schema) -> Schema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def a_list(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def optional(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
TEXTS = a_list(TEXT)
ERROR: Schema = an_object(
    error={
        "type": "object",
        "properties": {"code": TEXT, "message": TEXT, "details": {"type": "object"}},
        "required": ["code", "message"],
        "additionalProperties": False,
    }
)
CLASSES = a_list(an_object(id=WHOLE, name=TEXT, color={"type": "string", "pattern": "^#[0-9A-F]{6}$"}))
CHANGES = a_list({"type": "array", "items": {"type": ["string", "integer", "null"]}, "minItems": 2, "maxItems": 2})
EDIT = an_object(
    revision=WHOLE,
    repeated=FLAG,
    kind=TEXT,
    target=optional(WHOLE),
    class_id=optional(WHOLE),
    changes=CHANGES,
    classes=CLASSES,
    can_undo=FLAG,
    can_redo=FLAG,
)
RUNS = an_object(
    version=TEXT,
    can_edit=FLAG,
    edit_problem=optional(TEXT),
    runs=a_list(
        an_object(
            run=TEXT,
            problem=optional(TEXT),
            tensors=a_list(an_object(name=TEXT, shape=a_list(WHOLE), version=TEXT)),
        )
    ),
    presets={
        "type": "object",
        "additionalProperties": an_object(label_importance=NUMBER, repulsion_emphasis=NUMBER, ramp_epochs=NUMBER),
    },
)
SAMPLES = an_object(
    count=WHOLE,
    version=TEXT,
    sample_ids=TEXTS,
    columns=a_list(an_object(name=TEXT, values=TEXTS)),
    sprite=optional(an_object(pages=WHOLE, tile=a_list(WHOLE), columns=WHOLE)),
    notes=TEXTS,
)
NEIGHBORS = an_object(sample_ids=TEXTS, distances=a_list(NUMBER))
TILES = an_object(tile_size=WHOLE, columns=WHOLE, rows=WHOLE, pages=WHOLE, count=WHOLE)
LABELS = an_object(
    revision=WHOLE,
    version=TEXT,
    can_undo=FLAG,
    can_redo=FLAG,
    problem=optional(TEXT),
    orphans=WHOLE,
    columns=TEXTS,
    classes=CLASSES,
    labels=a_list(WHOLE),
)
ORPHANS = an_object(count=WHOLE, orphans=a_list(an_object(sample_id=TEXT, class_id=WHOLE, name=TEXT)))
COLUMNS = an_object(columns=TEXTS)
HISTORY = an_object(
    entries=a_list(
        an_object(
            revision=WHOLE,
            kind=TEXT,
            time=TEXT,
            author=TEXT,
            summary=TEXT,
            class_id=optional(WHOLE),
            count=WHOLE,
            target=optional(WHOLE),
            undone=FLAG,
            selection=optional({"type": "object"}),
        )
    ),
    more=FLAG,
)
SAVED = an_object(file=TEXT, revision=WHOLE)
PREVIEW = an_object(
    revision=WHOLE,
    rows=WHOLE,
    labelled=WHOLE,
    changed=WHOLE,
    cleared=WHOLE,
    unchanged=WHOLE,
    unknown=WHOLE,
    unknown_examples=TEXTS,
    new_classes=TEXTS,
)
IMPORTED = {"anyOf": [PREVIEW, EDIT]}
FORECAST = an_object(bytes=WHOLE, available=optional(WHOLE), fits=FLAG)
STATE: Schema = {
    "type": "object",
    "properties": {
        "status": {
            "enum": [
                "starting",
                "compiling",
                "preparing",
                "running",
                "paused",
                "settled",
                "failed",
            ]
        },
        "message": optional(TEXT),
        "restartable": FLAG,
        "epoch": WHOLE,
        "epochs_per_second": NUMBER,
        "cost": optional(NUMBER),
        "cost_curve": a_list({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}),
        "revision": WHOLE,
        "column": TEXT,
        "version": TEXT,
        "parameters": {"type": "object"},
        "notes": TEXTS,
    },
    "required": ["status", "message", "epoch", "revision", "parameters", "cost_curve", "column", "version"],
    "additionalProperties": False,
}
PROSPECTS = an_object(
    number=WHOLE,
    epoch=WHOLE,
    column=TEXT,
    revision=WHOLE,
    prospects=a_list(
        an_object(
            sample_id=TEXT,
            class_id=optional(WHOLE),
            confidence=NUMBER,
            k=WHOLE,
            gain=NUMBER,
            members=TEXTS,
            belongs=a_list(NUMBER),
        )
    ),
)
SUGGESTIONS = an_object(number=WHOLE, column=TEXT, revision=WHOLE, class_ids=a_list(WHOLE), percent=a_list(WHOLE))
DOUBTFUL = an_object(
    column=TEXT,
    revision=WHOLE,
    doubtful=a_list(
        an_object(
            sample_id=TEXT,
            class_id=WHOLE,
            expected=WHOLE,
            self_confidence=NUMBER,
            n_labeled=WHOLE,
            n_same=WHOLE,
            n_expected=WHOLE,
        )
    ),
)
ANY_OBJECT: Schema = {"type": "object"}

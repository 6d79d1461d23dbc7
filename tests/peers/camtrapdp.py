"""Observations of Camtrap DP 1.0, checked by frictionless against the standard's table (https://camtrap-dp.tdwg.org/data)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tests.peers import peer

TIME = {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"}
SHARE = {"type": "number", "constraints": {"minimum": 0, "maximum": 1}}
SIDE = {"type": "number", "constraints": {"minimum": 1e-15, "maximum": 1}}


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "constraints": {"enum": list(words)}}


FIELDS: dict[str, dict[str, Any]] = {
    "observationID": {"type": "string", "constraints": {"required": True, "unique": True}},
    "deploymentID": {"type": "string", "constraints": {"required": True}},
    "mediaID": {"type": "string"},
    "eventID": {"type": "string"},
    "eventStart": TIME | {"constraints": {"required": True}},
    "eventEnd": TIME | {"constraints": {"required": True}},
    "observationLevel": {"type": "string", "constraints": {"required": True, "enum": ["media", "event"]}},
    "observationType": _words("animal", "human", "vehicle", "blank", "unknown", "unclassified"),
    "cameraSetupType": _words("setup", "calibration"),
    "scientificName": {"type": "string"},
    "count": {"type": "integer", "constraints": {"minimum": 1}},
    "lifeStage": _words("adult", "subadult", "juvenile"),
    "sex": _words("female", "male"),
    "behavior": {"type": "string"},
    "individualID": {"type": "string"},
    "individualPositionRadius": {"type": "number", "constraints": {"minimum": 0}},
    "individualPositionAngle": {"type": "number", "constraints": {"minimum": -90, "maximum": 90}},
    "individualSpeed": {"type": "number", "constraints": {"minimum": 0}},
    "bboxX": SHARE,
    "bboxY": SHARE,
    "bboxWidth": SIDE,
    "bboxHeight": SIDE,
    "classificationMethod": _words("human", "machine"),
    "classifiedBy": {"type": "string"},
    "classificationTimestamp": TIME,
    "classificationProbability": SHARE,
    "observationTags": {"type": "string"},
    "observationComments": {"type": "string"},
}
FIELDS["observationType"]["constraints"] |= {"required": True}
MISSING = ["", "NA", "NaN", "nan"]


def read_camtrapdp(file: Path) -> list[dict[str, Any]]:
    """The observations of a table that follows the standard, with their values in its types."""
    limit = csv.field_size_limit()
    try:
        return _rows(peer("frictionless"), file)
    finally:
        csv.field_size_limit(limit)  # frictionless raises it for the whole process


def _rows(frictionless: Any, file: Path) -> list[dict[str, Any]]:
    schema = {
        "fields": [{"name": name, **field} for name, field in FIELDS.items()],
        "missingValues": MISSING,
        "primaryKey": ["observationID"],
    }
    resource = frictionless.Resource(
        path=file.name, basepath=str(file.parent), format="csv", schema=frictionless.Schema.from_descriptor(schema)
    )
    report = resource.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])
    return [dict(row) for row in resource.read_rows()]

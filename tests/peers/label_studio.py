"""A program: tasks as Label Studio's own library takes them, checked against the project's configuration.

Its arguments are the tasks, the configuration of the project, and a folder to write into.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from label_studio_sdk.converter.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

tasks, configuration, out = sys.argv[1:]
interface = LabelInterface(configuration)
predicted = {}
for task in json.loads(Path(tasks).read_bytes()):
    assert all(interface.validate_annotation(each) for each in task.get("annotations", []) if each["result"])
    for each in task.get("predictions", []):
        assert interface.validate_prediction(each)
        predicted[task["data"]["image"]] = each["result"][0]["value"]["choices"][0]
Converter(configuration, project_dir=None).convert(tasks, out, "CSV", is_dir=False)
with (Path(out) / "result.csv").open(newline="", encoding="utf-8") as file:
    annotated = {row["image"]: row["choice"] for row in csv.DictReader(file)}
print(json.dumps({"annotated": annotated, "predicted": predicted}))

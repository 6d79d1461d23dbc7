"""A program: the classes of folders of class folders, and the class of each picture, as torchvision reads them.

Its wheel has operators for torch with CUDA only. Beside another torch they cannot be described to it, and `ImageFolder`
has no need of them.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")

from torchvision.datasets import ImageFolder  # noqa: E402

told = []
for folder in sys.argv[1:]:
    found = ImageFolder(folder)
    assert {found[row][0].mode for row in range(len(found))} == {"RGB"}
    pictures = {Path(path).name: found.classes[number] for path, number in found.samples}
    told.append({"classes": found.classes, "pictures": pictures})
print(json.dumps(told))

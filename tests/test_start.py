"""What the plugin costs TensorBoard's start: next to nothing (docs/performance.md has the milliseconds)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = """
import sys
from tensorboard.plugins import base_plugin
before = set(sys.modules)
from tb_tsne_plugin.loader import Loader
import argparse, types
Loader().define_flags(argparse.ArgumentParser())
plugin = Loader().load(base_plugin.TBContext(logdir="nowhere", flags=types.SimpleNamespace()))
plugin.get_plugin_apps()
plugin.frontend_metadata()
print(sorted(name.split(".")[0] for name in set(sys.modules) - before if "." not in name))
"""


def test_loading_the_plugin_imports_only_itself_and_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(eval(done.stdout))
    assert "tb_tsne_plugin" in loaded
    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"tb_tsne_plugin"}

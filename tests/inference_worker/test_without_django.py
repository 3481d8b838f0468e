from __future__ import annotations

import os
import subprocess
import sys

from tests.inference_worker.worker_process import ROOT

IMPORT_ALL = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "rest_framework", "annotator", "web", "psycopg"):
            raise ModuleNotFoundError(f"{name} is not on an inference machine", name=name)

sys.meta_path.insert(0, Refuse())
import inference_worker
names = [module.name for module in pkgutil.walk_packages(inference_worker.__path__, "inference_worker.")]
names = [name for name in names if not name.endswith("__main__")]
on_torch = ("inference_worker.engines.sam2.", "inference_worker.bench.")
with_torch = [name for name in names if name.startswith(on_torch)]
for name in sorted(set(names) - set(with_torch)):
    importlib.import_module(name)
assert not [name for name in sys.modules if name.partition(".")[0] in ("annotator", "torch", "psycopg")]
for name in with_torch:
    importlib.import_module(name)
print(len(names))
"""


def test_every_module_of_the_worker_can_be_imported_where_there_is_no_django() -> None:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15

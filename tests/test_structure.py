"""The house is as it says it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
LONGEST_MODULE = 450  # lines
LONGEST_FUNCTION = 60  # lines


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    ).stdout
    return [path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).exists()]


def _readme_tree() -> set[Path]:
    """Paths of the fenced tree under "The house": two spaces a level, names, two spaces, what it is."""
    text = (ROOT / "README.md").read_text()
    section = re.search(r"^#+ The house\n.*?^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert section, 'README.md has no fenced tree under a heading "The house"'
    paths: set[Path] = set()
    parents: list[Path] = []
    for line in filter(str.strip, section[1].splitlines()):
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.split(r" {2,}", line.strip())[0].split(" ")
        parents = parents[:depth]
        above = parents[-1] if parents else Path()
        paths |= {above / name for name in names}
        parents.append(above / names[-1])
    return paths


def test_every_path_in_the_readmes_tree_exists() -> None:
    assert [str(path) for path in sorted(_readme_tree()) if not (ROOT / path).exists()] == []


def test_the_readmes_tree_names_every_top_level_entry_and_every_folder_below_it() -> None:
    entries = {Path(*path.parts[:1]) for path in _tracked() if not path.parts[0].startswith(".")}
    folders = {Path(*path.parts[:2]) for path in _tracked() if len(path.parts) > 2}
    hidden = {folder for folder in folders if folder.parts[0].startswith(".")}
    assert sorted(map(str, (entries | folders) - hidden - _readme_tree())) == []


def test_no_module_is_longer_than_one_can_keep_in_mind() -> None:
    modules = [path for path in _tracked() if path.suffix in (".py", ".js") and path.parts[0] != "migrations"]
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in modules}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    too_long = {}
    for path in _tracked():
        if path.suffix == ".py" and path.parts[0] != "migrations":
            for node in ast.walk(ast.parse((ROOT / path).read_text())):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    if lines > LONGEST_FUNCTION:
                        too_long[f"{path}:{node.name}"] = lines
    assert too_long == {}


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True)


def test_the_worker_can_be_imported_where_django_is_not_installed() -> None:
    program = (
        "import sys\n"
        "for absent in ('django', 'rest_framework', 'annotator', 'web'): sys.modules[absent] = None\n"
        "import inference_worker.celery, inference_worker.tasks\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "REDIS_URL": "redis://127.0.0.1:6379/0"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

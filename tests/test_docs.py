"""The pages under docs/ and the code name the same things."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _names(path: str) -> set[str]:
    """Environment variables that a module reads."""
    text = (ROOT / path).read_text()
    read = re.findall(r"env_\w+\(\"([A-Z][A-Z0-9_]+)\"", text)
    return {*read, *re.findall(r"\"((?:MASKLOOM|REDIS)_[A-Z0-9_]+)\"", text)}


READ = _names("annotator/settings.py") | _names("inference_worker/config.py")
DOCUMENTED = set(
    re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
)


def test_every_environment_variable_is_documented() -> None:
    assert len(READ) > 15
    assert READ <= DOCUMENTED


def test_no_environment_variable_is_documented_that_nobody_reads() -> None:
    assert DOCUMENTED <= READ


def test_every_code_of_an_error_is_documented() -> None:
    paths = [path for path in (ROOT / "annotator").rglob("*.py") if path.parent.name != "simulation"]
    said = {
        code for path in paths for code in re.findall(r"\bcode(?:=| = |\": )\"([a-z_]+)\"", path.read_text())
    }
    assert len(said) > 70
    assert [code for code in sorted(said) if f"`{code}`" not in (ROOT / "docs" / "api.md").read_text()] == []

"""What is wrong with an export, in codes for programs and sentences for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule.

    level: error: the export must not be called done. warning: well formed, but a known consumer
    stops on it or leaves something out.
    file: name within the export folder; "" for the folder itself.
    """

    level: Literal["error", "warning"]
    code: str
    file: str
    sentence: str


@dataclass(slots=True)
class Findings:
    """The problems of one file, as they are found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, code: str, sentence: str) -> None:
        self.problems.append(Problem("error", code, self.file, sentence))

    def warning(self, code: str, sentence: str) -> None:
        self.problems.append(Problem("warning", code, self.file, sentence))

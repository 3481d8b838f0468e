"""What can go wrong, as people's words and programs' codes. The API answers any of these as JSON."""

from __future__ import annotations

from typing import Any


class AnnotatorError(Exception):
    """code: stable, for programs. message: a sentence for people that says what to do. data: named facts."""

    http_status = 400
    code = "invalid"

    def __init__(self, message: str, *, code: str | None = None, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.data = data


class NotAllowed(AnnotatorError):
    http_status, code = 403, "not_allowed"


class NotThere(AnnotatorError):
    """By default the same of what does not exist and of what is not theirs to see."""

    http_status, code = 404, "not_found"

    def __init__(self, message: str = "There is nothing here that you may see.", **facts: Any) -> None:
        super().__init__(message, **facts)


class Conflict(AnnotatorError):
    """The act does not fit the present state: someone or something was first."""

    http_status, code = 409, "conflict"


class IllegalTransition(Conflict):
    code = "illegal_transition"


class TooLarge(AnnotatorError):
    http_status, code = 413, "too_large"


class NotPossible(AnnotatorError):
    """Understood, but it cannot be done."""

    http_status, code = 422, "not_possible"

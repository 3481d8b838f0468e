from __future__ import annotations

import pytest

from annotator.errors import NotPossible
from annotator.metadata import read_csv

HEADER = "filename,environment,objectionable,tags\n"


def test_each_file_gets_the_fields_of_its_row() -> None:
    text = HEADER + "a.mp4,Indoor,yes,road; rain ;\nb.mp4,,no,\n"
    assert read_csv(text) == {
        "a.mp4": {"environment": "Indoor", "objectionable": True, "tags": ["road", "rain"]},
        "b.mp4": {"objectionable": False},
    }


def test_columns_may_come_in_any_order_with_spaces_and_quotes() -> None:
    text = 'country, filename ,author\n"Korea, Republic of", a.mp4 ,"O\'Brien ""Bo"""\n'
    assert read_csv(text) == {"a.mp4": {"country": "Korea, Republic of", "author": 'O\'Brien "Bo"'}}


def test_an_empty_cell_sets_nothing() -> None:
    assert read_csv("filename,country\na.mp4,\n") == {"a.mp4": {}}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "filename"),
        ("country\nIceland\n", "filename"),
        ("filename,colour\na.mp4,red\n", "colour"),
        (HEADER + "a.mp4,Indoors,,\n", "Line 2"),
        (HEADER + "a.mp4,,,\nb.mp4,,perhaps,\n", "Line 3"),
        (HEADER + ",Indoor,,\n", "Line 2"),
        (HEADER + "a.mp4,,,\na.mp4,,,\n", "a.mp4"),
        ('filename,author\na.mp4,"two\nlines"\n,nobody\n', "Line 4"),
    ],
)
def test_what_cannot_be_understood_is_named(text: str, word: str) -> None:
    with pytest.raises(NotPossible) as refused:
        read_csv(text)
    assert refused.value.code == "bad_csv"
    assert word in refused.value.message

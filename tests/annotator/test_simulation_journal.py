"""What a crew's log comes to, computed from its acts alone."""

from __future__ import annotations

from typing import Any

from annotator.simulation import journal


def act(name: str, masklet: int, person: str = "ann", **facts: Any) -> dict[str, Any]:
    return {"at": 0.0, "person": person, "act": name, "masklet": masklet, **facts}


def clicked(masklet: int, frame: int) -> dict[str, Any]:
    return act("prompt", masklet, kind="point", frames=[frame])


def handed_in(masklet: int, person: str = "ann") -> dict[str, Any]:
    return act("submitted", masklet, person, kind="track", frames=10)


def judged(masklet: int, verdict: str, *, put_aside: bool = False) -> dict[str, Any]:
    return act("verdict", masklet, person="rev", kind="verify", verdict=verdict, put_aside=put_aside)


def test_work_on_gold_counts_for_nothing() -> None:
    own, blind = [clicked(1, 0), handed_in(1)], [clicked(2, 0), clicked(2, 0), handed_in(2)]
    found = journal.numbers([*own, *blind, act("was_gold", 2)], 0)
    assert found == journal.numbers(own, 0)
    assert (found["tracked"], found["clicks_per_clicked_frame"]) == (1, 1)


def test_work_on_gold_is_what_the_person_handed_in_when_it_was_scored() -> None:
    acts = [
        handed_in(1) | {"at": 10.2},
        handed_in(2) | {"at": 20.2},
        handed_in(3, person="bob") | {"at": 20.0},
    ]
    assert journal.on_gold(acts, [("ann", 20.0)]) == {2}
    assert journal.on_gold(acts, []) == set()


def test_a_model_s_masklet_is_tracked_and_accepted_and_in_no_number_of_manual_ones() -> None:
    found = journal.numbers([act("auto", 1, person="owner"), judged(1, "satisfactory")], 2)
    assert (found["tracked"], found["accepted"], found["accepted_auto"], found["masklets"]) == (1, 1, 1, 0)
    assert found["edited_percent"] is None


def test_a_model_s_masklet_is_a_person_s_once_it_was_refined() -> None:
    acts = [act("auto", 1), judged(1, "unsatisfactory"), clicked(1, 0), handed_in(1)]
    first = journal.numbers(acts, 2)
    assert (first["submitted"], first["masklets"], first["accepted_auto"]) == (1, 1, 0), "never too easy"
    again = journal.numbers([*acts, judged(1, "unsatisfactory"), handed_in(1)], 2)
    assert (again["submitted"], again["set_aside_too_easy"]) == (1, 0)


def test_a_model_s_failure_that_was_put_aside_is_told_by_its_reason() -> None:
    found = journal.numbers([judged(1, "unsatisfactory", put_aside=True), act("auto", 1)], 2)
    assert (found["set_aside"], found["set_aside_auto_failure"], found["refine"]) == (1, 1, 0)
    assert (found["tracked"], found["verified"], found["refined"]) == (1, 1, 0)


def test_a_masklet_is_that_of_who_handed_it_in_last() -> None:
    acts = [
        clicked(1, 0), handed_in(1), judged(1, "unsatisfactory"), handed_in(1, person="bob"),
        judged(1, "satisfactory"), clicked(2, 0), handed_in(2),
    ]  # fmt: skip
    found = journal.numbers(acts, 0)
    assert (found["masklets_by_person"], found["accepted_by_person"]) == ({"bob": 1, "ann": 1}, {"bob": 1})
    assert found["verdicts_by_person"] == {"rev": 2}

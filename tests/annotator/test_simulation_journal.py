"""What a crew's log comes to, computed from its acts alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from annotator.simulation import comparison, journal
from annotator.simulation.history import History
from inference_worker.protocol import rle

SIZE = (120, 160)
UPLOADED = {"at": 0.0, "act": "uploaded", "video": 7, "size": SIZE, "frames": 48, "annotated": 12}


def act(name: str, masklet: int, person: str = "ann", **facts: Any) -> dict[str, Any]:
    return {"at": 0.0, "person": person, "act": name, "masklet": masklet, **facts}


def in_phase(phase: int) -> dict[str, Any]:
    return {"at": 0.0, "person": "owner", "act": "phase", "phase": phase}


def square(side: int, x: int = 0) -> str:
    mask = np.zeros(SIZE, bool)
    mask[:side, x : x + side] = True
    return rle.encode(mask)


def selected(masklet: int, thing: str = "ball") -> dict[str, Any]:
    return act("selected", masklet, video=7, object=thing)


def clicked(masklet: int, frame: int) -> dict[str, Any]:
    return act("prompt", masklet, kind="point", frames=[frame])


def handed_in(
    masklet: int, person: str = "ann", masks: dict[int, str] | None = None, **facts: Any
) -> dict[str, Any]:
    """Facts may say which object of the video it is, and that it was in training."""
    told = {"kind": "track", "video": 7, "object": "ball", **facts}
    return act("submitted", masklet, person, masks={0: square(40)} if masks is None else masks, **told)


def judged(masklet: int, verdict: str, *, put_aside: bool = False) -> dict[str, Any]:
    return act(
        "verdict", masklet, person="rev", kind="verify", verdict=verdict, put_aside=put_aside, video=7,
        visible=2,
    )  # fmt: skip


def numbers(acts: list[dict[str, Any]], least: int = 0) -> dict[str, Any]:
    begun = [] if any(one["act"] == "phase" for one in acts) else [in_phase(3)]
    return comparison.of_log(History([UPLOADED, *begun, *acts], least))


def test_work_on_gold_counts_for_nothing() -> None:
    own, blind = [clicked(1, 0), handed_in(1)], [clicked(2, 0), clicked(2, 0), handed_in(2)]
    found = numbers([*own, *blind, act("was_gold", 2)])
    assert found == numbers(own)
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
    found = numbers([act("auto", 1, person="owner"), judged(1, "satisfactory")], 2)
    assert (found["tracked"], found["accepted"], found["masklets"]) == (1, 1, 0)
    assert (found["accepted_auto_masklets"], found["accepted_manual_masklets"]) == (1, 0)
    assert found["edited_percent"] is None


def test_a_model_s_masklet_is_a_person_s_once_it_was_refined() -> None:
    acts = [act("auto", 1), judged(1, "unsatisfactory"), clicked(1, 0), handed_in(1)]
    first = numbers(acts, 2)
    assert (first["submitted"], first["masklets"]) == (1, 1), "never too easy"
    assert numbers([*acts, judged(1, "satisfactory")], 2)["accepted_auto_masklets"] == 0
    again = numbers([*acts, judged(1, "unsatisfactory"), handed_in(1)], 2)
    assert (again["submitted"], again["set_aside_too_easy"]) == (1, 0)


def test_a_model_s_failure_that_was_put_aside_is_told_by_its_reason() -> None:
    found = numbers([judged(1, "unsatisfactory", put_aside=True), act("auto", 1)], 2)
    assert (found["set_aside"], found["set_aside_auto_failure"], found["refine"]) == (1, 1, 0)
    assert (found["tracked"], found["verified"], found["refined"]) == (1, 1, 0)


def test_a_masklet_is_that_of_who_handed_it_in_last() -> None:
    acts = [
        clicked(1, 0), handed_in(1), judged(1, "unsatisfactory"), handed_in(1, person="bob"),
        judged(1, "satisfactory"), clicked(2, 0), handed_in(2),
    ]  # fmt: skip
    found = numbers(acts)
    assert (found["masklets_by_person"], found["accepted_by_person"]) == ({"bob": 1, "ann": 1}, {"bob": 1})
    assert found["verdicts_by_person"] == {"rev": 2}


def test_a_masklet_counts_under_the_phase_in_which_a_person_handed_it_in_first() -> None:
    acts = [
        in_phase(1), clicked(1, 0), clicked(1, 4), clicked(1, 8), handed_in(1), judged(1, "unsatisfactory"),
        act("auto", 2),
        in_phase(2), handed_in(1), handed_in(2, object="Object 2"),
    ]  # fmt: skip
    found = numbers(acts)
    assert (found["masklets_in_phase_1"], found["masklets_in_phase_2"], found["masklets"]) == (1, 1, 2)
    assert (found["rework_percent_in_phase_1"], found["rework_percent"]) == (100, 100)
    assert found["edited_percent_in_phase_1"] == 25


def test_work_on_gold_is_compared_with_the_gold_of_phase_1_and_with_nothing_else() -> None:
    gold = {0: square(40), 4: square(40), 8: square(40)}
    begun = [in_phase(1), selected(1), handed_in(1, masks=gold), judged(1, "satisfactory"), act("gold", 1)]
    mine = {0: square(40, x=1), 4: square(40, x=9), 12: square(40)}
    acts = [*begun, in_phase(2), handed_in(2, masks=mine), act("was_gold", 2)]
    found = numbers(acts)
    assert (found["compared_in_phase_2"], found["aligned_in_phase_2"]) == (4, 25)
    assert (found["aligned_medium"], found["aligned_small"], found["aligned_large"]) == (25, None, None)
    assert numbers([*begun, in_phase(2), handed_in(2, masks=mine, object="box")])["compared"] == 0


def test_a_masklet_is_compared_with_its_accepted_twin_and_not_with_who_chose_the_object_again() -> None:
    twin = [in_phase(1), selected(1), act("prompt", 2, kind="copied", frames=[0]), handed_in(2)]
    twin += [in_phase(3), handed_in(1)]
    chosen = [*twin, act("decided", 2, pair=[1, 2]), judged(2, "satisfactory")]
    assert numbers([*chosen])["compared_in_phase_3"] == 1
    assert numbers(twin)["compared"] == 0, "not accepted yet"
    assert (numbers(twin)["ingested"], numbers(twin)["selected"]) == (1, 1)
    assert numbers([*chosen, selected(3), handed_in(3)])["compared"] == 1


def test_what_was_accepted_has_the_masks_that_were_seen_last_and_the_length_of_its_videos() -> None:
    found = numbers([handed_in(1), handed_in(2, object="box"), judged(1, "satisfactory")])
    names = ("masklets", "videos", "hours", "masks", "frames")
    assert [found[f"accepted_all_{name}"] for name in names] == [1, 1, 2 / 3600, 2, 12]


def test_the_throughput_of_a_run_over_midnight_is_that_of_both_days() -> None:
    acts = [handed_in(1) | {"at": 86399.0}, judged(1, "satisfactory") | {"at": 86399.5}]
    assert numbers(acts)["accepted_by_day"] == {"1970-01-01": 1}
    late = numbers([*acts, handed_in(2, object="box") | {"at": 86401.0}])
    assert (late["handed_in_by_day"], late["accepted_by_day"]) == ({"all": 2}, {"all": 1})

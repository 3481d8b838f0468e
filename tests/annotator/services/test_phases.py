"""What the model is asked, and what people may do, in each phase of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from annotator import inference
from annotator.errors import AnnotatorError
from annotator.models import Change, Masklet, Project, User
from annotator.services import masklets
from inference_worker.protocol import messages, rle
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.factories import make_video

POINT = messages.Point(x=12, y=12, positive=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """The one message to the workers that an act sends."""
    found: list[Any] = []
    monkeypatch.setattr(inference, "segment", lambda message, **_: found.append(message) or True)
    monkeypatch.setattr(inference, "propagate", lambda message: found.append(message) or True)

    def run(act: Callable[[], Any]) -> Any:
        found.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        (message,) = found
        return message

    return run


@pytest.fixture
def in_phase(annotator: User, project: Project) -> Callable[..., Desk]:
    def desk(phase: int, **protocol: Any) -> Desk:
        Project.objects.update(phase=phase, **protocol)
        project.refresh_from_db()
        return Desk(annotator, make_video(project, annotator))

    return desk


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(AnnotatorError) as error:
        yield
    assert error.value.code == code


def tracked(desk: Desk) -> Desk:
    """A person's mask on frame 0, and a pass over the next three annotated frames."""
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0, last=12), [4, 8, 12], 6, state="finished")
    return desk


def test_in_phase_1_a_click_is_asked_without_any_other_frame(
    asked: Callable[..., Any], in_phase: Callable[..., Desk]
) -> None:
    desk = in_phase(1)
    desk.draw(0, square(5))
    message = asked(lambda: desk.click(4))
    assert (message.object.known, message.previous, message.prompts) == ([], None, [POINT])


def test_in_phase_1_a_further_click_goes_on_from_the_mask_of_its_frame(
    asked: Callable[..., Any], in_phase: Callable[..., Desk]
) -> None:
    desk = in_phase(1)
    desk.draw(0, square(5))
    desk.answer(desk.click(4)["change"]["id"], 4, square(7))
    message = asked(lambda: desk.click(4))
    assert (message.object.known, message.previous) == ([], square(7))


def test_in_phase_1_there_is_no_pass(in_phase: Callable[..., Desk]) -> None:
    desk = in_phase(1)
    desk.draw(0, square(5))
    before = desk.version
    with refused("not_in_phase"):
        desk.propagate(0)
    assert desk.version == before


def test_in_phase_2_a_click_on_a_tracked_frame_begins_from_scratch(
    asked: Callable[..., Any], in_phase: Callable[..., Desk]
) -> None:
    desk = tracked(in_phase(2))
    message = asked(lambda: desk.click(8))
    assert (message.object.known, message.previous, message.prompts) == ([], None, [POINT])


def test_in_phase_2_a_pass_goes_out_from_masks_and_knows_of_no_clicks(
    asked: Callable[..., Any], in_phase: Callable[..., Desk]
) -> None:
    desk = in_phase(2)
    desk.answer(desk.click(0)["change"]["id"], 0, square(5))
    desk.draw(8, square(6))
    message = asked(lambda: desk.propagate(0, whole=True))
    assert [(known.frame_index, known.counts, known.prompts) for known in message.objects[0].known] == [
        (0, square(5), []),
        (8, square(6), []),
    ]


def test_in_phase_2_a_pass_waits_for_the_mask_of_a_click(in_phase: Callable[..., Desk]) -> None:
    desk = in_phase(2)
    change = desk.click(0)["change"]["id"]
    with refused("awaiting_model"):
        desk.propagate(0)
    desk.answer(change, 0, square(5))
    assert desk.propagate(0).state == "queued"


def test_in_phase_3_a_click_knows_of_the_pass_and_a_pass_of_the_clicks(
    asked: Callable[..., Any], in_phase: Callable[..., Desk]
) -> None:
    desk = tracked(in_phase(3))
    click = asked(lambda: desk.click(8))
    assert click.previous == square(6)
    assert {known.frame_index for known in click.object.known} == {0, 4, 8}
    sent = asked(lambda: desk.propagate(8))
    assert [known.prompts for known in sent.objects[0].known if known.frame_index == 8] == [[POINT]]


def test_a_new_phase_holds_for_the_next_act(asked: Callable[..., Any], in_phase: Callable[..., Desk]) -> None:
    desk = tracked(in_phase(3))
    Project.objects.update(phase=1)
    desk.session.refresh_from_db()
    assert asked(lambda: desk.click(8)).object.known == []
    with refused("not_in_phase"):
        desk.propagate(0)


@pytest.mark.parametrize(
    ("tools", "prompt", "allowed"),
    [
        (["point"], POINT, True),
        (["box", "brush"], POINT, False),
        (["box"], messages.Box(x0=1, y0=1, x1=9, y1=9), True),
        (["point"], messages.Box(x0=1, y0=1, x1=9, y1=9), False),
        (["brush"], messages.MaskPrompt(counts=square(5)), True),
        (["eraser"], messages.MaskPrompt(counts=square(5)), True),
        (["point", "box"], messages.MaskPrompt(counts=square(5)), False),
        (["point", "box"], messages.MaskPrompt(counts=rle.empty(HEIGHT, WIDTH)), False),
        (["point"], messages.Absent(), True),
    ],
)
def test_a_prompt_is_taken_only_from_a_tool_that_the_project_has(
    in_phase: Callable[..., Desk], tools: list[str], prompt: messages.Prompt, allowed: bool
) -> None:
    desk = in_phase(3, tools=tools)
    if allowed:
        desk.prompt(0, prompt)
        return
    with refused("tool_not_allowed"):
        desk.prompt(0, prompt)
    assert not Change.objects.exists()


def test_a_masklet_keeps_the_phase_in_which_it_was_first_handed_in(in_phase: Callable[..., Desk]) -> None:
    desk = in_phase(2)
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    assert Masklet.objects.get(pk=desk.masklet).phase == 2
    Masklet.objects.filter(pk=desk.masklet).update(state="refine")
    Project.objects.update(phase=3)
    desk.session.refresh_from_db()
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    assert Masklet.objects.get(pk=desk.masklet).phase == 2

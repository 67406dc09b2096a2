"""Events out of a thread into asyncio: all of them in order, bounded, and left when nobody listens."""

import asyncio
import threading
from collections.abc import Callable, Generator

import pytest

from stackspot_cli.client.handover import BATCH_CHARACTERS, WAITING_CHARACTERS, Handover
from stackspot_cli.domain import Delta, Done, Event
from stackspot_cli.errors import AnswerCut


def taken(
    make: Callable[[Handover], Generator[Event, None, None]],
    until: Callable[[list[Event]], bool] = lambda _: False,
) -> list[Event]:
    """Everything that came over, or as much as was wanted."""

    async def take() -> list[Event]:
        handover = Handover(asyncio.get_running_loop())
        handover.start(make(handover))
        events: list[Event] = []
        try:
            while (batch := await handover.take()) is not None:
                events += batch
                if until(events):
                    break
        finally:
            handover.leave()
        return events

    return asyncio.run(take())


@pytest.mark.parametrize("every", [1, 7, 1000])
def test_all_events_come_in_their_order(every: int) -> None:
    sent: list[Event] = [*(Delta(str(number)) for number in range(2000)), Done()]

    def make(handover: Handover) -> Generator[Event, None, None]:
        for place, event in enumerate(sent):
            if place % every == 0:
                handover.idle()
            yield event

    assert taken(make) == sent


def test_what_broke_the_stream_is_raised_after_what_came() -> None:
    def make(_handover: Handover) -> Generator[Event, None, None]:
        yield Delta("a")
        raise AnswerCut("cut")

    came: list[Event] = []
    with pytest.raises(AnswerCut):
        taken(make, lambda events: bool(came.extend(events)))
    assert came == [Delta("a")]


def test_a_listener_that_takes_nothing_holds_the_thread() -> None:
    """So that a slow reader costs a bounded amount of memory, and the service is not read on."""
    made = 0
    closed = threading.Event()

    def make(_handover: Handover) -> Generator[Event, None, None]:
        nonlocal made
        try:
            while True:
                made += 1
                yield Delta("x" * 1024)
        finally:
            closed.set()

    async def take_nothing() -> int:
        handover = Handover(asyncio.get_running_loop())
        handover.start(make(handover))
        seen = -1
        while seen != made or made * 1024 < WAITING_CHARACTERS:
            seen = made
            await asyncio.sleep(0.02)
        handover.leave()
        return seen

    held = asyncio.run(take_nothing())
    assert closed.wait(10)
    assert held * 1024 <= WAITING_CHARACTERS + 2 * BATCH_CHARACTERS


@pytest.mark.parametrize("waits", [True, False])
def test_leaving_closes_the_stream(waits: bool) -> None:
    closed = threading.Event()

    def make(handover: Handover) -> Generator[Event, None, None]:
        try:
            while True:
                yield Delta("x")
                while waits:  # as the wire does in a silence
                    handover.idle()
        finally:
            closed.set()

    taken(make, until=bool)
    assert closed.wait(10)


def test_after_leaving_nothing_comes() -> None:
    async def take() -> list[Event] | None:
        handover = Handover(asyncio.get_running_loop())
        handover.start(event for event in [Delta("x")])
        handover.leave()
        return await handover.take()

    assert asyncio.run(take()) is None


def test_a_wait_for_nothing_ends_in_time_with_nothing() -> None:
    release = threading.Event()

    def make(_handover: Handover) -> Generator[Event, None, None]:
        release.wait(10)
        yield Done()

    async def take() -> tuple[list[Event] | None, list[Event] | None, list[Event] | None]:
        handover = Handover(asyncio.get_running_loop())
        handover.start(make(handover))
        first = await handover.take(0.01)
        release.set()
        return first, await handover.take(), await handover.take()

    assert asyncio.run(take()) == ([], [Done()], None)

"""Waiting for events: a condition is polled until it holds or its deadline has passed."""

import time

POLL_SECONDS = 0.01


class NotInTime(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, what, timeout=15.0, poll=POLL_SECONDS):
    """Polls until condition() gives something true, and returns that.

    The sentence 'what' says what was expected, and may be a function, so that it can tell how far
    things have come.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            said = what() if callable(what) else what
            raise NotInTime(f"not within {timeout:g} s: {said}")
        time.sleep(poll)


def holds_for(condition, seconds, what):
    """The opposite: fails as soon as the condition does not hold during the given time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"did not last for {seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)

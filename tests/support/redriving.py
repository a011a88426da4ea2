"""Redriving dead letters, as a user does."""

from services import until


def redrive(processor, **order):
    return processor.post("/v1/dead-letters/redrive", json=order)


def to_the_end(processor, answer):
    """The report of a redrive that may have been answered before its end."""
    assert answer.status_code in (200, 202), answer.text
    until(lambda: processor.get("/status").json()["redrive"]["state"] != "running", 120, "the redrive ended")
    return processor.get("/v1/dead-letters/redrive").json()

"""SIGTERM under load: everything admitted is answered, everything handled is committed, and the exit status is 0."""

import signal

from account import check_processed, check_stored
from pair import EVENTS
from load import Load
from records import committed, end_offsets, lag


def test_the_ingress_answers_everything_it_took(pair):
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, until_refused=True).start()
    load.wait_answers(EVENTS // 4)
    assert ingress.stop() == 0
    load.finish()
    print("answers", load.summary())
    # A request that met the closing of its idle connection has no answer, and then no record either.
    stored = len(load.stored())
    assert set(load.summary()) <= {202, 503, None}
    assert check_stored(pair, load) == stored
    check_processed(pair, load, processor)


def test_the_processor_commits_what_it_handled(pair):
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS).start()
    load.wait_answers(EVENTS // 4)
    processor.signal(signal.SIGTERM)
    assert processor.wait_end() == 0
    load.finish()
    done = committed(pair.broker.address, pair.group, pair.topic)
    left = lag(pair.broker.address, pair.group, pair.topic)
    assert left == sum(end_offsets(pair.broker.address, pair.topic).values()) - sum(done.values())
    # What it had committed is not handled again: the next one handles the rest, and no event more.
    processor.start()
    check_processed(pair, load, processor)
    assert processor.get("/status").json()["totals"]["processed"] == left


def test_a_second_signal_ends_at_once(pair):
    """Even when there is something to wait for: here a broker that is gone with deliveries open."""
    ingress = pair.ingress()
    load = Load(ingress.port, until_refused=True).start()
    load.wait_answers(EVENTS // 20)
    pair.broker.kill()
    try:
        ingress.signal(signal.SIGTERM)
        ingress.signal(signal.SIGTERM)
        assert ingress.wait_end() in (128 + signal.SIGTERM, -signal.SIGTERM, 0)
        load.finish()
    finally:
        pair.broker.start()


def test_an_idle_service_ends_without_delay(pair):
    ingress, processor = pair.ingress(), pair.processor()
    assert (ingress.stop(), processor.stop()) == (0, 0)

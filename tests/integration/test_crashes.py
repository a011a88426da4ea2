"""Nothing answered 202 is lost when something is killed or restarted under load."""

from account import check_processed, check_stored
from pair import EVENTS
from load import Load


def test_everything_is_stored_and_processed_within_its_memory(pair):
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS).start()
    load.wait_answers(EVENTS // 4)
    early = ingress.memory_mib("VmRSS"), processor.memory_mib("VmRSS")
    load.finish()
    assert load.summary() == {202: EVENTS}
    assert check_stored(pair, load) == EVENTS
    check_processed(pair, load, processor)
    assert processor.get("/status").json()["totals"]["processed"] == EVENTS
    late = ingress.memory_mib(), processor.memory_mib()
    print("resident MiB", early, late)
    assert late[0] < 64 and late[1] < 128, late
    assert late[0] - early[0] < 16 and late[1] - early[1] < 32, (early, late)
    assert (ingress.stop(), processor.stop()) == (0, 0)


def test_the_processor_killed_twice(pair):
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS, rate=3000).start()
    for part in (1, 2):
        load.wait_answers(EVENTS * part // 3)
        processor.kill()
        processor.start()
    load.finish()
    assert load.summary() == {202: EVENTS}
    assert check_stored(pair, load) == EVENTS
    check_processed(pair, load, processor)


def test_the_ingress_killed(pair):
    """What it had not answered may or may not be stored; what it answered is."""
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS, rate=3000).start()
    load.wait_answers(EVENTS // 3)
    ingress.kill()
    ingress.start()
    load.finish()
    unanswered = load.summary().pop(None, 0)
    assert load.summary()[202] == EVENTS - unanswered
    assert EVENTS - unanswered <= check_stored(pair, load) <= EVENTS
    check_processed(pair, load, processor)


def test_the_broker_restarted(pair):
    """Requests of that time may be answered 503 or 504 and lose nothing by it; afterwards all is as it was."""
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS, rate=3000).start()
    load.wait_answers(EVENTS // 4)
    pair.broker.restart()
    ingress.wait_ready()
    processor.wait_ready(60)
    stored = len(load.stored())
    load.finish()
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 503, 504}
    assert len(load.stored()) > stored, "nothing was stored after the broker came back"
    check_stored(pair, load)
    check_processed(pair, load, processor)


def test_the_broker_killed(pair):
    ingress, processor = pair.ingress(), pair.processor()
    load = Load(ingress.port, EVENTS, rate=3000).start()
    load.wait_answers(EVENTS // 4)
    pair.broker.kill()
    pair.broker.start()
    ingress.wait_ready()
    processor.wait_ready(60)
    load.finish()
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 503, 504}
    check_stored(pair, load)
    check_processed(pair, load, processor)

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
        processor.start(ready=False)
    load.finish()
    processor.wait_ready(120)  # the group misses those that were killed when their sessions have run out
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
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 503, None}
    assert check_stored(pair, load) <= len(load.stored()) + load.summary().get(None, 0)
    check_processed(pair, load, processor)


def check_broker_comes_back(pair, replace_broker):
    """Requests of the time without it may be answered 503 or 504 and lose nothing by it; then all is as it was."""
    ingress, processor = pair.ingress(), pair.processor()
    with Load(ingress.port, rate=2000) as load:
        load.wait_answers(EVENTS // 4)
        replace_broker()
        ingress.wait_ready()
        load.wait_answers(len(load.stored()) + EVENTS // 4)
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 503, 504}
    check_stored(pair, load)
    processor.wait_ready(60)
    check_processed(pair, load, processor)


def test_the_broker_restarted(pair):
    check_broker_comes_back(pair, pair.broker.restart)


def test_the_broker_killed(pair):
    def replace():
        pair.broker.kill()
        pair.broker.start()
    check_broker_comes_back(pair, replace)

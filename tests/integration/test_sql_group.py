"""Four processors that come, leave and are killed, a database that is slow, fails now and then, and refuses some
events for good: each event is handled in the order of its key, and ends as one row or as a dead letter."""

import collections
import random

from account import check_stored
from load import Load
from pair import EVENTS
from records import read_all
from redriving import redrive, to_the_end
from services import until
from sql_tables import PLACES, catch_up, check_rows, store, to_postgres, wait_connected

KEYS = 997  # no divisor of what the hopeless ones are counted by: they are of many keys
CHANGES = 10

# `seq` numbers the rows in the order in which they were first added.
DISTURBANCES = """
ALTER TABLE millrace_events ADD COLUMN seq bigserial;
CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(random() * 0.01); RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION fail_sometimes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id LIKE '%777' THEN RAISE EXCEPTION 'this one never works'; END IF;
  IF random() < 0.0005 THEN RAISE EXCEPTION 'this time not' USING ERRCODE = '40001'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER slow BEFORE INSERT ON millrace_events FOR EACH STATEMENT EXECUTE FUNCTION slow();
CREATE TRIGGER fail BEFORE INSERT ON millrace_events FOR EACH ROW EXECUTE FUNCTION fail_sometimes();
"""


def change(processors, chance):
    """One of them ends, in order or not, and comes back."""
    one = chance.choice(processors)
    if chance.random() < 0.5:
        one.kill()
    else:
        assert one.stop() == 0
    one.start(ready=False)


def test_a_group_that_changes_all_the_time(pair, database):
    chance = random.Random(5)
    ingress = pair.ingress()
    processors = [to_postgres(pair, database)]
    wait_connected(processors[0])
    database.query(DISTURBANCES)
    processors += [to_postgres(pair, database) for _ in range(3)]
    load = Load(ingress.port, EVENTS, rate=2000, keys=KEYS).start()
    for part in range(1, CHANGES + 1):
        load.wait_answers(EVENTS * part // (CHANGES + 1), 120)
        change(processors, chance)
    load.finish()
    print("answers", load.summary())
    catch_up(pair)
    check_stored(pair, load)

    records = read_all(pair.broker.address, pair.topic)
    hopeless = {r.headers["ce_id"] for r in records if r.headers["ce_id"].endswith("777")}
    letters = read_all(pair.broker.address, f"{pair.topic}.dlq")
    assert {letter.headers["ce_id"] for letter in letters} == hopeless
    assert {letter.headers["millrace_dlq_error_class"] for letter in letters} == {"sqlstate_P0"}
    check_rows(pair, database.query(PLACES), without=hopeless)

    order = collections.defaultdict(list)
    for key, offset in database.query("SELECT encode(partition_key, 'escape'), record_offset FROM millrace_events ORDER BY seq"):
        order[key].append(int(offset))
    assert [key for key, offsets in order.items() if offsets != sorted(offsets)] == []

    database.query("DROP TRIGGER fail ON millrace_events")
    wait_connected(processors[0])
    report = to_the_end(processors[0], redrive(processors[0], all=True))
    assert (report["redriven"], report["failed"], report["left"]) == (len(hopeless), 0, 0), report
    catch_up(pair)
    ids = [id for [id] in database.query("SELECT id FROM millrace_events")]
    assert len(ids) == len(set(ids)) and set(ids) == {r.headers["ce_id"] for r in records} >= set(load.stored())
    until(lambda: all(store(p)["waiting"] == 0 for p in processors), 30, "nothing waits")

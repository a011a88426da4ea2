"""The checker itself: each thing that may go wrong is done to the books, and named; what is allowed is not."""

import dataclasses

import pytest

from checker import Handled, Terms, check
from history import Attempt, Event, History
from records import Record

DATA = b'{"n": 1}'


class Books:
    """One key's events a1, a2 and a3, each posted once, answered 202, stored and handled; then something is changed."""

    def __init__(self):
        self.history, self.records, self.handled = History(), [], []
        for number in (1, 2, 3):
            self.post(f"a{number}", number, 202)
            self.store(f"a{number}")
            self.handle(f"a{number}")

    def post(self, id, sequence, status, **more):
        receipts = [{"id": id, "partition": 0, "offset": len(self.records)}] if status == 202 else []
        attempt = Attempt([Event(id, "/s", "k", sequence, DATA)], 0, sequence, sequence + 0.5, status,
                          receipts=receipts, retry_after="1", **more)
        self.history.note(attempt)
        return attempt

    def again(self, id, status, **more):
        sequence = self.history.events[id].sequence
        return self.post(id, sequence, status, **more)

    def store(self, id, partition=0, key=b"k", data=DATA, time=0):
        self.records.append(Record(partition, len(self.records), key, data, {"ce_id": id}, time))

    def handle(self, id, offset=None):
        offset = len(self.records) - 1 if offset is None else offset
        self.handled.append(Handled(id, 0, offset, 0, 10.0 + len(self.handled)))

    def verdict(self, **terms):
        return check(self.history, self.records, self.handled, Terms(**terms))


@pytest.fixture
def books():
    return Books()


def named(verdict):
    return {kind: len(found) for kind, found in verdict.faults().items()}


def test_nothing_is_wrong(books):
    assert named(books.verdict()) == {}


def test_a_202_that_is_not_in_kafka(books):
    del books.records[1]
    assert named(books.verdict()) == {"lost": 1}


def test_a_202_before_the_topic_was_made_again_is_not_held_against_it(books):
    del books.records[1]
    assert named(books.verdict(recreated_at=books.history.attempts[1].ended)) == {}
    assert named(books.verdict(recreated_at=books.history.attempts[1].began)) == {"lost": 1}


def test_a_receipt_of_another_place(books):
    books.history.attempts[1].receipts[0]["offset"] = 77
    assert named(books.verdict()) == {"wrong": 1}


def test_a_receipt_of_another_event(books):
    books.history.attempts[1].receipts[0]["id"] = "a9"
    assert named(books.verdict()) == {"wrong": 1}


def test_a_record_that_no_handler_had(books):
    del books.handled[2]
    assert named(books.verdict()) == {"unhandled": 1}


@pytest.mark.parametrize("answer", [504, 500, None])
def test_a_second_record_that_an_unknown_outcome_explains(books, answer):
    books.again("a3", answer)
    books.store("a3")
    verdict = books.verdict()
    assert (named(verdict), verdict.explained) == ({}, 1)


def test_a_second_record_that_a_retry_elsewhere_explains(books):
    books.again("a3", 202)
    books.store("a3")
    assert named(books.verdict()) == {}


def test_a_second_record_of_one_request(books):
    books.store("a3")
    assert named(books.verdict()) == {"unexplained": 1}


@pytest.mark.parametrize("seconds, ingress, allowed", [(4, 0, True), (0.1, 0, False), (4, 1, False)])
def test_a_second_record_of_one_request_while_records_of_its_ingress_time_out(books, seconds, ingress, allowed):
    books.store("a3")
    timed_out = books.post("b1", 4, 504, code="outcome_unknown")
    timed_out.ingress, timed_out.began, timed_out.ended = ingress, 3.2 - seconds, 3.2
    verdict = books.verdict()
    assert (named(verdict), verdict.resent) == (({}, 1) if allowed else ({"unexplained": 1}, 0))
    books.store("a3")
    assert named(books.verdict()) == {"unexplained": 1}, "the producer sends a record again, not again and again"


@pytest.mark.parametrize("later, allowed", [(0.1, False), (0.6, True)])
def test_a_third_record_of_one_request_where_two_series_ended(books, later, allowed):
    for _ in range(2):
        books.store("a3")
    for number, ended in enumerate((3.2, 3.2 + later)):
        timed_out = books.post("b1", 4 + number, 504, code="outcome_unknown")
        timed_out.began, timed_out.ended = ended - 4, ended
    assert named(books.verdict()) == ({} if allowed else {"unexplained": 1})


def test_a_second_record_of_another_request_is_none_of_the_producer(books):
    books.store("a3", time=1)
    books.post("b1", 4, 504, code="outcome_unknown").began = 0
    assert named(books.verdict()) == {"unexplained": 1}
    books.again("a3", 503)
    assert named(books.verdict()) == {"wrong": 1}


def test_a_replay_stores_nothing(books):
    replay = books.again("a3", 202, replayed=True)
    replay.receipts[0]["offset"] = 2
    assert named(books.verdict()) == {}
    books.store("a3")
    assert named(books.verdict()) == {"unexplained": 1}


@pytest.mark.parametrize("answer", [503, 429, 413, 408])
def test_a_record_that_was_called_not_stored(books, answer):
    books.post("a4", 4, answer)
    books.store("a4")
    books.handle("a4")
    assert named(books.verdict())["wrong"] == 1


def test_a_request_that_was_never_sent_stores_nothing(books):
    books.post("a4", 4, None, sent=False)
    assert named(books.verdict()) == {}
    books.store("a4")
    books.handle("a4")
    assert named(books.verdict()) == {"wrong": 1}


@pytest.mark.parametrize("state, expected", [("stored", {"lost": 1}), ("not_stored", {}), ("unknown", {})])
def test_what_a_batch_says_of_an_event(books, state, expected):
    books.post("a4", 4, 504, states=[state])
    assert named(books.verdict()) == expected


def test_an_event_that_is_handled_as_two_records(books):
    books.again("a3", 504)
    books.store("a3")
    books.handle("a3")
    assert named(books.verdict()) == {"handled_twice": 1}


def test_a_record_that_is_handled_again(books):
    books.handle("a3", 2)
    verdict = books.verdict()
    assert (named(verdict), verdict.redelivered) == ({}, 1)


def test_first_records_out_of_order(books):
    books.records[1], books.records[2] = (dataclasses.replace(books.records[2], offset=1),
                                          dataclasses.replace(books.records[1], offset=2))
    for number in (1, 2):
        books.history.attempts[number].receipts[0]["offset"] = 3 - number
    books.handled = books.handled[:1] + books.handled[2:] + books.handled[1:2]
    assert named(books.verdict())["out_of_order"] >= 1


def test_a_second_record_may_come_later(books):
    books.again("a1", 504)
    books.store("a1")
    assert named(books.verdict()) == {}


def test_first_handlings_out_of_order(books):
    books.handled[1], books.handled[2] = (dataclasses.replace(books.handled[2], time=11),
                                          dataclasses.replace(books.handled[1], time=12))
    assert named(books.verdict()) == {"out_of_order": 1}


def test_data_key_and_partition_are_what_they_were(books):
    for change in ({"value": b"{}"}, {"key": b"other"}):
        original = books.records[0]
        books.records[0] = dataclasses.replace(original, **change)
        assert named(books.verdict()) == {"wrong": 1}
        books.records[0] = original
    books.again("a3", 504)
    books.store("a3", partition=1)
    assert "wrong" in named(books.verdict())


def test_a_record_that_nobody_posted(books):
    books.store("b1")
    assert named(books.verdict()) == {"wrong": 1}


def test_a_refusal_of_a_good_event(books):
    books.post("a4", 4, 413, retryable=False)
    assert named(books.verdict()) == {"wrong": 1}
    assert named(books.verdict(refuses_large=True)) == {}


def test_a_503_says_when_to_come_again(books):
    books.post("a4", 4, 503).retry_after = ""
    books.post("a4", 4, 503).retry_after = "0"
    books.post("a4", 4, 503, retryable=False, states=["not_stored"]).retry_after = ""
    assert named(books.verdict(refuses_large=True)) == {"wrong": 2}

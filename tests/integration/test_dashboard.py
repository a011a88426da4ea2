"""The page at / in Chromium: what people see, with a mouse, a keyboard, a phone, in the dark, and when the connection
is lost; and that it asks nobody else and believes no data."""

import json
import os
import signal

import pytest
import requests
from confluent_kafka import Producer
from selenium.webdriver.common.keys import Keys

from browser import Browser
from kafka_broker import ROOT
from records import create_topic
from services import until

SOURCES = ROOT / "services/processor/src/dashboard"
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
HOSTILE_URI = "javascript:window.hacked=1//'onerror='window.hacked=1'"  # a source has to be a URI-reference: the worst of them
POISON = [("content-type", b"application/json"), ("ce_specversion", b"1.0"), ("ce_type", b"t")]  # no id, no source


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture
def page(chromium):
    """The browser, of which the console has to stay empty and the requests at home."""
    chromium.screen()
    chromium.read_logs()
    chromium.asked.clear()
    chromium.console.clear()
    chromium.expected = []
    yield chromium
    chromium.read_logs()
    url = chromium.driver.current_url
    chromium.open("about:blank")
    assert chromium.strangers(url) == []
    unexpected = [entry for entry in chromium.console if not any(words in entry[1] for words in chromium.expected)]
    assert unexpected == []


def produce(pair, *records):
    """(value, key, headers) each, to partition 0"""
    producer = Producer({"bootstrap.servers": pair.broker.address})
    for value, key, headers in records:
        producer.produce(pair.topic, value, key, partition=0, headers=headers)
    assert producer.flush(20) == 0


def cloud_event(id, type="order.paid", source="/shop"):
    return [("content-type", b"application/json"), ("ce_specversion", b"1.0"), ("ce_id", id.encode()),
            ("ce_source", source.encode()), ("ce_type", type.encode())]


def show(page, service):
    until(lambda: service.status_of("/v1/dead-letters") == 200, 30, "the dead letters can be listed")  # else a 503
    page.open(service.url + "/")
    page.until("#link", lambda text: text == "Live")
    page.until("#state", lambda text: text == "running")


def follow(page, what):
    field = page.find("#receipt-what")
    field.clear()
    field.send_keys(what)
    page.find("#receipt-form button").click()


def test_what_is_served(pair):
    processor = pair.processor(ready=False)
    for path, name, kind in (("/", "index.html", "text/html; charset=utf-8"),
                             *((f"/dashboard/{f.name}", f.name, {"css": "text/css; charset=utf-8", "svg": "image/svg+xml",
                                "js": "text/javascript; charset=utf-8"}[f.suffix[1:]])
                               for f in SOURCES.iterdir() if f.name != "index.html")):
        served = processor.get(path)
        assert served.status_code == 200, path
        assert served.text == (SOURCES / name).read_text(), path
        assert served.headers["Content-Type"] == kind
        policy = served.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert processor.get("/dashboard/other.js").status_code == 404
    assert processor.get("/dashboard/..%2findex.html").status_code == 404


def test_live_numbers_and_charts(pair, page):
    ingress, processor = pair.ingress(), pair.processor()
    show(page, processor)
    assert page.text("#t-processed") == "0"
    page.until("#partitions-note", lambda text: text == "6 of this member")
    for n in range(30):
        ingress.post("/v1/events", json={"n": n}, params={"key": f"k{n}"})
    page.until("#t-processed", lambda text: text == "30")
    page.until("#types", lambda text: "event" in text and "30" in text)
    page.until("#e50", lambda text: text.endswith("ms"))
    page.until("#rate-note", lambda text: "received" in text and "0/s;" not in text.replace("received 0/s", "0/s;"))
    status = processor.get("/status").json()
    assert page.text("#version") == f"version {status['version']}"
    assert pair.group in page.text("#group") and status["group"]["member_id"] in page.text("#group")
    rows = page.all("#partitions tbody tr")
    assert len(rows) == 6
    until(lambda: [row.find_elements("css selector", "td")[4].text for row in page.all("#partitions tbody tr")] ==
          [str(p["processed_offset"] or 0) for p in processor.get("/status").json()["partitions"]], 30, "offsets finished")
    for of in ("Lag", "Rate"):
        chart = page.find(f'#partitions [data-label="{of}"] svg[role=img]')
        until(lambda: "now" in chart.get_attribute("aria-label"), 30, f"a chart of {of}")
        assert chart.find_element("css selector", ".line").get_attribute("d").startswith("M")
    for chart in ("#rate-chart", "#lag-chart", "#latency-chart"):
        until(lambda: "highest" in page.find(f"{chart} svg").get_attribute("aria-label"), 30, chart)


@pytest.mark.parametrize("form", ["receipt", "batch", "status_url", "location", "coordinates", "id", "by id"])
def test_a_receipt_is_followed_to_its_end(pair, page, form):
    ingress, processor = pair.ingress(), pair.processor()
    receipt = ingress.post("/v1/events", json={"n": 1}).json()
    show(page, processor)
    follow(page, {
        "receipt": json.dumps(receipt), "batch": json.dumps({"accepted": 1, "events": [receipt]}, indent=1),
        "status_url": receipt["status_url"], "location": f"Location: {receipt['status_url']}",
        "coordinates": f"{receipt['topic']}/{receipt['partition']}/{receipt['offset']}", "id": receipt["id"],
        "by id": f"{processor.url}/v1/events?id={receipt['id']}&source=%2Fmillrace"}[form])
    page.until("#receipt-said", lambda text: text == "This event is processed.")
    assert "processed" in page.text("#receipt-steps")
    facts = page.text("#receipt-facts")
    assert receipt["id"] in facts and f"{receipt['topic']}/{receipt['partition']}/{receipt['offset']}" in facts


def test_what_is_no_receipt(pair, page):
    pair.ingress()
    processor = pair.processor()
    show(page, processor)
    page.expected = ["404", "409"]  # which the console tells of by itself
    for what, words in (('{"n": 1}', "That is no receipt"), ("nobody", "not among the last"),
                        (f"{pair.topic}/0/99", "ends before that offset"), ("elsewhere/0/1", "not consumed")):
        follow(page, what)
        page.until("#receipt-said", lambda text: words in text)
        assert not page.find("#receipt").is_displayed()
    produce(pair, (b"{}", None, cloud_event("one")))
    follow(page, f"{processor.url}/v1/events/{pair.topic}/0/0?id=another")
    page.until("#receipt-said", lambda text: "another id" in text)


def test_nothing_that_comes_from_events_is_markup(pair, page):
    pair.ingress()
    processor = pair.processor()
    bad = [*POISON[:2], ("ce_id", HOSTILE.encode()), ("ce_source", b"/" + HOSTILE.encode()), ("ce_type", HOSTILE.encode()),
           ("ce_" + HOSTILE, HOSTILE.encode())]
    produce(pair, (b"{}", None, cloud_event(HOSTILE, HOSTILE, HOSTILE_URI)), (b"{}", None, bad))
    until(lambda: [processor.get("/status").json()["totals"][t] for t in ("processed", "dead_lettered")] == [1, 1], 40, "both")
    show(page, processor)
    page.until("#types", lambda text: HOSTILE in text)
    follow(page, HOSTILE)
    page.until("#receipt-said", lambda text: text == "This event is processed.")
    assert HOSTILE in page.text("#receipt-facts") and HOSTILE_URI in page.text("#receipt-facts")
    page.until("#letters", lambda text: "malformed_event" in text)
    assert page.text("#letters").count(HOSTILE) == 3  # id, type and source
    assert page.run("return window.hacked") is None
    assert page.run("return document.querySelectorAll('img').length") == 1
    assert page.run("return document.querySelectorAll('script').length") == 1


def test_dead_letters_are_listed_with_their_reason_and_redriven(pair, page):
    pair.ingress()
    processor = pair.processor()
    show(page, processor)
    page.until("#letters-none", lambda text: text == "There is no dead letter.")
    produce(pair, (b"poison", b"k", POISON), (b"{}", b"k", cloud_event("good")))
    page.until("#letters", lambda text: f"{pair.topic}/0/0" in text)
    assert "malformed_event" in page.text("#letters")
    assert "ce_id" in page.text("#letters .reason") or "id" in page.text("#letters .reason")
    assert page.text("#t-dead_lettered") == "1"

    page.find("#letters tbody button").click()
    page.until("#letters-said", lambda text: "sent back" in text)
    page.until("#letters", lambda text: f"{pair.topic}/0/2" in text)  # nothing was mended: it is one again
    page.until("#letters", lambda text: "sent back" in text)
    assert page.text("#t-dead_lettered") == "2"

    page.find("#letters-all").click()
    page.until("#ask-title", lambda text: text == "Redrive all dead letters?")
    page.press(Keys.ESCAPE)
    until(lambda: not page.find("#ask").is_displayed(), 20, "the question is closed")
    page.find("#letters-all").click()
    page.find("#ask-yes").click()
    page.until("#letters-said", lambda text: text == "All dead letters: 1 sent back, 1 sent back before.")
    until(lambda: len(page.all("#letters tbody tr")) == 3, 60, "the one that was sent back failed again, and is listed")
    newest = "#letters tbody tr:nth-child(1)"
    offset = int(page.text(f"{newest} .event").split(f"{pair.topic}/0/")[1])
    assert offset > 2  # which one it is depends on what else the transactions of a redrive leave in the log
    assert page.text(f"{newest} .action") == "Redrive"
    assert len(page.all("#letters tbody button")) == 1
    page.until("#t-dead_lettered", lambda text: text == "3")


def test_dead_letters_that_cannot_be_listed_yet_are_asked_for_again(pair, page):
    create_topic(pair.broker.address, pair.topic)
    processor = pair.processor()
    produce(pair, (b"not an event", None, POISON))
    until(lambda: processor.get("/v1/dead-letters").json().get("dead_letters"), 60, "the event is a dead letter")
    page.expected = ["503"]
    os.kill(pair.broker.pid(), signal.SIGSTOP)
    try:
        page.open(processor.url + "/")
        page.until("#letters-said", lambda text: text.startswith("The dead letters cannot be listed"))
        assert page.text("#letters-none") == ""
    finally:
        os.kill(pair.broker.pid(), signal.SIGCONT)
    page.until("#letters", lambda text: f"{pair.topic}/0/0" in text)
    assert page.text("#letters-said") == ""


def test_pause_and_resume(pair, page):
    ingress, processor = pair.ingress(), pair.processor()
    show(page, processor)
    row = "#partitions tbody tr:nth-child(1)"
    page.until(f"{row} .action", lambda text: text == "Pause")
    page.until(f"{row} .charted", lambda text: text.endswith("0"))  # else the lag is unknown for as long as it pauses
    page.find(f"{row} button").click()
    page.until(f"{row} .pill", lambda text: text == "paused")
    page.until(f"{row} .action", lambda text: text == "Resume")
    produce(pair, (b"1", None, []))
    page.until(f"{row} .charted", lambda text: text.endswith("1"))  # the lag grows, and is seen to
    page.find(f"{row} button").click()
    page.until(f"{row} .pill", lambda text: text == "active")
    page.until("#t-processed", lambda text: text == "1")
    page.find("#pause-all").click()
    page.until("#state", lambda text: text == "paused")
    page.until("#pause-all", lambda text: text == "Resume all")
    page.find("#pause-all").click()
    page.until("#state", lambda text: text == "running")
    assert ingress.process.poll() is None


def test_an_admin_token_is_asked_for_and_kept_in_memory_only(pair, page, tmp_path):
    token = tmp_path / "token"
    token.write_text("a-token-of-the-tests,-which-is-long\n")
    create_topic(pair.broker.address, pair.topic)
    processor = pair.processor(processor={"admin_token_file": str(token)})
    show(page, processor)
    page.until("#pause-all", lambda text: text == "Pause all")
    page.expected = ["401", "403"]
    page.find("#pause-all").click()
    page.until("#ask-title", lambda text: text == "Admin token")
    page.press("wrong", Keys.ENTER)
    until(lambda: page.find("#ask-token").get_attribute("value") == "" and page.find("#ask").is_displayed(), 20, "again")
    page.press(token.read_text().strip(), Keys.ENTER)
    page.until("#partitions-said", lambda text: text == "All partitions: paused.")
    page.until("#pause-all", lambda text: text == "Resume all")
    page.find("#pause-all").click()  # not asked for twice
    page.until("#partitions-said", lambda text: text == "All partitions: resumed.")
    assert page.run("return [localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_lost_connection_is_said_and_comes_back(pair, page):
    create_topic(pair.broker.address, pair.topic)
    processor = pair.processor(processor={"session_timeout_ms": 6000})  # the group waits that long for the killed member
    show(page, processor)
    page.expected = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_NETWORK"]
    processor.kill()
    page.until("#link", lambda text: text.startswith("Connection lost. Trying again"))
    processor.start()
    page.until("#link", lambda text: text == "Live")
    page.until("#state", lambda text: text == "running")


def test_too_many_pages_are_shown_all_the_same(pair, page):
    """The stream refuses more than 64: then the page asks by itself."""
    create_topic(pair.broker.address, pair.topic)
    processor = pair.processor()
    streams = [requests.get(f"{processor.url}/status/stream", stream=True, timeout=30) for _ in range(64)]
    page.expected = ["503"]
    show(page, processor)
    before = page.text("#uptime")
    page.until("#uptime", lambda text: text != before)
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_screen_is_accessible_and_wide_enough(pair, page, dark, phone):
    pair.ingress()
    processor = pair.processor()
    page.phone(dark) if phone else page.screen(dark=dark)
    wide = "w" * 200
    produce(pair, (b"{}", None, cloud_event(wide, wide, "/" + wide)), (b"poison", None, POISON))
    show(page, processor)
    page.until("#letters", lambda text: "malformed_event" in text)
    follow(page, wide)
    page.until("#receipt-said", lambda text: text == "This event is processed.")
    assert page.overflow() == 0
    for width in () if phone else (1280, 1250, 1160, 1000, 900, 800):
        page.screen(width=width, dark=dark)
        assert page.spilled("0.88 ms") == [], width
    background = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 200) == dark
    assert page.violations() == []
    page.find("#letters-all").click()
    assert page.violations() == []
    page.press(Keys.ESCAPE)
    if phone:
        small = [b.text for b in page.all("button") if b.is_displayed() and b.size["height"] < 40]
        assert small == []


def test_the_keyboard_is_enough(pair, page):
    ingress, processor = pair.ingress(), pair.processor()
    receipt = ingress.post("/v1/events", json={"n": 1}).json()
    show(page, processor)
    page.press(Keys.TAB)
    assert page.run("return document.activeElement.className") == "skip"
    until(lambda: page.run("return document.activeElement.getBoundingClientRect().top") >= 0, 20, "the skip link is seen")
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.id") == "main"
    page.tab_to("#pause-all")
    page.tab_to("#partitions tbody tr:nth-child(6) button")
    page.tab_to("#receipt-what")
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press(receipt["status_url"], Keys.ENTER)
    page.until("#receipt-said", lambda text: text == "This event is processed.")
    page.tab_to("#letters-refresh")
    page.press(Keys.SPACE)
    page.tab_to("footer a")

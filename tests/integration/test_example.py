"""The example of a custom handler, as the program that a newcomer would run."""

import json

from services import Service, until

JSON = {"Content-Type": "application/json"}


def test_orders_are_added_up_and_what_is_none_is_a_dead_letter(pair):
    ingress = pair.ingress()
    example = Service("order-totals", pair.folder / "example", {
        "kafka": {"brokers": pair.broker.address},
        "processor": {"topics": [pair.topic], "group": pair.group}}, pair.processor_port)
    pair.services.append(example)
    example.start()

    def end_of(event):
        receipt = ingress.post("/v1/events", data=json.dumps(event), headers=JSON)
        assert receipt.status_code == 202, receipt.text
        where = receipt.json()["status_url"].removeprefix(example.url)
        return example.get(where, params={"wait": 20}).json()

    assert end_of({"order": 1, "currency": "EUR", "cents": 1250})["state"] == "processed"
    assert end_of({"order": 2, "currency": "EUR", "cents": 300})["state"] == "processed"
    assert end_of({"order": 3, "currency": "SEK", "cents": 7})["state"] == "processed"
    for none in ({"order": 4, "currency": "EUR"}, {"currency": 4, "cents": 1}, {"currency": "EUR", "cents": -1}, [], None):
        dead = end_of(none)
        assert (dead["state"], dead["error"]["class"]) == ("dead_lettered", "not_an_order"), none

    handler = example.get("/status").json()["handler"]
    assert (handler["name"], handler["cents"]) == ("order_totals", {"EUR": 1550, "SEK": 7})
    for number in range(250):
        ingress.post("/v1/events", data=json.dumps({"currency": f"C{number}", "cents": 1}), headers=JSON)
    until(lambda: example.get("/status").json()["totals"]["dead_lettered"] == 5 + 52, 20, "no 201st currency")
    assert len(example.get("/status").json()["handler"]["cents"]) == 200
    assert example.stop() == 0

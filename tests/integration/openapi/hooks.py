"""What schemathesis cannot read in an OpenAPI document: the rules that tie parts of a request together. Loaded by its
command line; OPENAPI_KNOWN holds JSON: path parameters whose values exist, an API key, the secret of the webhook."""

import hashlib
import hmac
import itertools
import json
import os

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import IgnoredAuth

KNOWN = json.loads(os.environ.get("OPENAPI_KNOWN", "{}"))
STRUCTURED = ("application/cloudevents+json", "application/cloudevents-batch+json")
PLAIN = ("application/json", "application/x-ndjson", "application/jsonl")
REQUIRED = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/", "ce-type": "t"}
turns = itertools.count()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """What is answered has no member that the document does not name."""
    for schema in raw_schema["components"]["schemas"].values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def json_lines(context, value):
    """A text stands for lines of JSON, and what is no text for a line that is none."""
    if is_positive(context.case):
        return "\n".join(json.dumps(line) for line in str(value).splitlines()).encode()
    return b"{"


def is_publishing(case):
    return case.method == "POST" and case.path.endswith("/events")


def is_delivery(case):
    return case.method == "POST" and case.operation.path == "/v1/hooks/{name}"


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, **kwargs):
    if case.operation.path == "/v1/events" and "wait" in (case.query or {}):
        shorten_wait(case.query)
    if not is_positive(case):
        return
    for name in KNOWN.keys() & case.path_parameters.keys():  # what is made up does not exist
        if len(case.path_parameters[name]) % 4:
            case.path_parameters[name] = KNOWN[name]
    if is_delivery(case) and "secret" in KNOWN and next(turns) % 4:
        sign(case)
    if not is_publishing(case):
        return
    if "key" in KNOWN and next(turns) % 4:
        case.headers["X-API-Key"] = KNOWN["key"]
    if case.media_type in STRUCTURED:
        for event in case.body if isinstance(case.body, list) else [case.body]:
            write_integers(event)
    elif "ce-specversion" in case.headers or case.media_type not in PLAIN:
        for name, value in REQUIRED.items():
            case.headers.setdefault(name, value)


def shorten_wait(query):
    """An id that is made up is waited for as long as was asked."""
    try:
        query["wait"] = min(float(query["wait"]), 0.05)
    except (TypeError, ValueError):
        pass


def sign(case):
    """As the configured webhook has it."""
    case.body = json.dumps(case.body).encode()
    signature = hmac.new(KNOWN["secret"].encode(), case.body, hashlib.sha256).hexdigest()
    case.headers.update({"X-Signature": signature, "X-Delivery": signature[:8], "X-Event": "made-up"})


def write_integers(event):
    """To JSON Schema 1.0 is an integer. To CloudEvents it is no value of an attribute."""
    for name, value in event.items():
        if name != "data" and isinstance(value, float) and value.is_integer():
            event[name] = int(value)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A signature of ours is right. `ce-` headers that are wrong where no form of the request reads them do no harm."""
    if is_delivery(case) and "X-Delivery" in case.headers:
        return not isinstance(failure, (AcceptedNegativeData, IgnoredAuth))
    if not isinstance(failure, AcceptedNegativeData) or not is_publishing(case):
        return True
    read = case.media_type not in STRUCTURED and "ce-specversion" in case.headers
    tried = case.meta.phase.data
    blamed = [tried.parameter] if tried.parameter else [mutation.parameter for mutation in tried.mutations]
    return read or not all(name and name.startswith("ce-") for name in blamed)

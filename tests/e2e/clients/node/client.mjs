// Posts events to the ingress with the CloudEvents SDK for JavaScript, reads the records back with KafkaJS, compares
// them by the SDK's Kafka binding, and checks that KafkaJS' default partitioner chooses the partitions that the
// ingress chose. Arguments: INGRESS_URL BROKERS TOPIC. Ends with 0, or says what differs and ends with 1.
import assert from "node:assert/strict";
import { CloudEvent, HTTP, Kafka as KafkaBinding } from "cloudevents";
import { Kafka, Partitioners, logLevel } from "kafkajs";

const DEADLINE_MS = 60_000;
const [base, brokers, topic] = process.argv.slice(2);
const url = `${base}/v1/topics/${topic}/events`;
const OBJECT = { total: 12.5, name: "café" };
const OCTETS = Buffer.from([0x00, 0xff, 0x80, 0x72, 0x61, 0x77]);

function newEvent(id, subject, datacontenttype, data) {
  return new CloudEvent({
    id, subject, datacontenttype, data,
    source: "/clients/node", type: "client.posted", time: "2026-01-02T03:04:05.678Z",
    tenant: "blue", urgent: true, attempt: 7, partitionkey: `customer-${id}`,
  });
}

async function post(message) {
  const answer = await fetch(url, { method: "POST", ...message, signal: AbortSignal.timeout(DEADLINE_MS) });
  const text = await answer.text();
  assert.equal(answer.status, 202, text);
  return JSON.parse(text);
}

// The SDK reads batches but writes none; they are its events in an array.
async function postBatch(events) {
  const headers = { "content-type": "application/cloudevents-batch+json" };
  const answer = await post({ headers, body: JSON.stringify(events) });
  assert.equal(answer.accepted, events.length);
  return events.map((event, i) => ({ event, receipt: answer.events[i] }));
}

// The SDK sends header values as they are, and HTTP here takes no others than ASCII: so does the subject.
async function postAll() {
  const posted = [];
  const kinds = [["json", "application/json", OBJECT], ["octets", "application/octet-stream", OCTETS]];
  for (const [name, type, data] of kinds) {
    const binary = newEvent(`node-binary-${name}`, "a subject", type, data);
    posted.push({ event: binary, receipt: await post(HTTP.binary(binary)) });
    const structured = newEvent(`node-structured-${name}`, "café 100%", type, data);
    posted.push({ event: structured, receipt: await post(HTTP.structured(structured)) });
  }
  const batch = Array.from({ length: 20 }, (_, i) => newEvent(`node-batch-${i}`, "café", "application/json", OBJECT));
  return [...posted, ...(await postBatch(batch))];
}

// Every record of the topic by partition and offset, until all that are wanted are there.
async function readBack(kafka, posted) {
  const consumer = kafka.consumer({ groupId: `node-client-${process.pid}` });
  const missing = new Set(posted.map(({ receipt }) => `${receipt.partition}/${receipt.offset}`));
  const found = new Map();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not read in time: ${[...missing]}`)), DEADLINE_MS);
    const eachMessage = async ({ partition, message }) => {
      const place = `${partition}/${message.offset}`;
      if (!missing.delete(place)) return;
      found.set(place, message);
      if (missing.size === 0) resolve(clearTimeout(timer));
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return found;
}

const EXTENSIONS = ["tenant", "urgent", "attempt", "partitionkey"];

function checkSame({ event, receipt }, message) {
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value.toString()]));
  const read = KafkaBinding.toEvent({ headers, key: message.key.toString(), value: message.value });
  for (const name of ["id", "source", "type", "subject", "time", "specversion", "datacontenttype"])
    assert.equal(read[name], event[name], `${event.id}: ${name}`);
  for (const name of EXTENSIONS) // in a record every one is its canonical string
    assert.equal(read[name], String(event[name]), `${event.id}: ${name}`);
  const names = Object.keys(headers).filter((name) => name.startsWith("ce_")).length;
  assert.equal(names, 6 + EXTENSIONS.length, `${event.id}: other attributes than were posted: ${Object.keys(headers)}`);
  assert.equal(message.key.toString(), event.partitionkey);
  assert.deepEqual([receipt.id, receipt.source], [event.id, event.source]);
  const data = event.data instanceof Uint8Array ? Buffer.from(event.data) : Buffer.from(JSON.stringify(event.data));
  assert.ok(data.equals(message.value), `${event.id}: data ${message.value}`);
}

// KafkaJS' default is murmur2, as in Kafka's own client.
async function checkPartitions(kafka, posted) {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const { event, receipt } of posted) {
    const [sent] = await producer.send({ topic, messages: [{ key: event.partitionkey, value: "" }] });
    assert.equal(sent.partition, receipt.partition, `the partition of key ${event.partitionkey}`);
  }
  await producer.disconnect();
}

const kafka = new Kafka({ clientId: "node-client", brokers: [brokers], logLevel: logLevel.ERROR });
const posted = await postAll();
const records = await readBack(kafka, posted);
for (const one of posted) checkSame(one, records.get(`${one.receipt.partition}/${one.receipt.offset}`));
await checkPartitions(kafka, posted);
console.log(`node: ${posted.length} events are what was posted`);

// Posts events to the ingress with the CloudEvents SDK for Go, reads the records back with Sarama, compares them by
// the SDK's Kafka binding, and checks that franz-go's default partitioner chooses the partitions that the ingress
// chose. Arguments: INGRESS_URL BROKERS TOPIC. Ends with 0, or says what differs and ends with 1.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

const deadline = 60 * time.Second

// A receipt, as the ingress gives it for one event.
type receipt struct {
	ID        string `json:"id"`
	Source    string `json:"source"`
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

type posted struct {
	event   event.Event
	receipt receipt
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(holds bool, format string, values ...any) {
	if !holds {
		log.Fatalf(format, values...)
	}
}

func newEvent(id, contentType string, data []byte) event.Event {
	e := event.New()
	e.SetID(id)
	e.SetSource("/clients/go")
	e.SetType("client.posted")
	e.SetSubject("café") // the SDK sends the octets as they are, so no percent sign
	e.SetTime(time.Date(2026, 1, 2, 3, 4, 5, 678000000, time.UTC))
	e.SetExtension("tenant", "blue")
	e.SetExtension("urgent", true)
	e.SetExtension("attempt", 7)
	e.SetExtension("partitionkey", "customer-"+id)
	e.SetDataContentType(contentType)
	check(e.SetData(contentType, data) == nil, "%s: data refused by the SDK", id)
	return e
}

func post(request *http.Request, into any) {
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	body := must(io.ReadAll(answer.Body))
	check(answer.StatusCode == http.StatusAccepted, "answered %d: %s", answer.StatusCode, body)
	check(json.Unmarshal(body, into) == nil, "not a receipt: %s", body)
}

func postOne(ctx context.Context, url string, e event.Event) posted {
	request := must(http.NewRequestWithContext(ctx, http.MethodPost, url, nil))
	check(cehttp.WriteRequest(ctx, binding.ToMessage(&e), request) == nil, "%s: no request of it", e.ID())
	var r receipt
	post(request, &r)
	return posted{e, r}
}

func postBatch(ctx context.Context, url string, events []event.Event) []posted {
	request := must(cehttp.NewHTTPRequestFromEvents(ctx, url, events))
	var answer struct {
		Accepted int       `json:"accepted"`
		Events   []receipt `json:"events"`
	}
	post(request, &answer)
	check(answer.Accepted == len(events) && len(answer.Events) == len(events), "batch: %d accepted", answer.Accepted)
	all := make([]posted, len(events))
	for i, e := range events {
		all[i] = posted{e, answer.Events[i]}
	}
	return all
}

func sameEvent(of posted, read event.Event) {
	id := of.event.ID()
	check(read.Validate() == nil, "%s: %v", id, read.Validate())
	check(read.ID() == id && of.receipt.ID == id, "%s: id %s, receipt %s", id, read.ID(), of.receipt.ID)
	check(read.Source() == of.event.Source(), "%s: source %s", id, read.Source())
	check(read.Type() == of.event.Type(), "%s: type %s", id, read.Type())
	check(read.Subject() == of.event.Subject(), "%s: subject %q", id, read.Subject())
	check(read.Time().Equal(of.event.Time()), "%s: time %s", id, read.Time())
	check(read.DataContentType() == of.event.DataContentType(), "%s: content type %s", id, read.DataContentType())
	check(bytes.Equal(read.Data(), of.event.Data()), "%s: data %q", id, read.Data())
	extensions := read.Extensions()
	for _, ofBinding := range []string{"kafkatopic", "kafkapartition", "kafkaoffset"} {
		delete(extensions, ofBinding)
	}
	for name, value := range of.event.Extensions() { // in a record every one is its canonical string
		check(extensions[name] == fmt.Sprint(value), "%s: %s is %v, not %v", id, name, extensions[name], value)
		delete(extensions, name)
	}
	check(len(extensions) == 0, "%s: extensions that were not posted: %v", id, extensions)
}

func main() {
	log.SetFlags(0)
	check(len(os.Args) == 4, "usage: client INGRESS_URL BROKERS TOPIC")
	url, brokers, topic := os.Args[1]+"/v1/topics/"+os.Args[3]+"/events", os.Args[2], os.Args[3]
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	binary := binding.WithForceBinary(ctx)
	structured := binding.WithForceStructured(ctx)

	object, octets := []byte(`{"total":12.50,"big":12345678901234567890}`), []byte("\x00\xff\x80raw")
	all := []posted{
		postOne(binary, url, newEvent("go-binary-json", "application/json", object)),
		postOne(binary, url, newEvent("go-binary-octets", "application/octet-stream", octets)),
		postOne(structured, url, newEvent("go-structured-json", "application/json", object)),
		postOne(structured, url, newEvent("go-structured-octets", "application/octet-stream", octets)),
	}
	var batch []event.Event
	for i := 0; i < 20; i++ {
		batch = append(batch, newEvent(fmt.Sprintf("go-batch-%d", i), "application/json", object))
	}
	all = append(all, postBatch(ctx, url, batch)...)

	for _, of := range all {
		sameEvent(of, readBack(ctx, brokers, of))
	}
	samePartitions(ctx, brokers, topic, all)
	fmt.Printf("go: %d events are what was posted\n", len(all))
}

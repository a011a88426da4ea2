// The Kafka side: records read by coordinates, and the partitions that a producer of Go chooses for keys.
package main

import (
	"context"
	"time"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/twmb/franz-go/pkg/kgo"
)

var consumer sarama.Consumer

// readBack reads the record that the receipt names and makes an event of it by the SDK's Kafka binding.
func readBack(ctx context.Context, brokers string, of posted) event.Event {
	if consumer == nil {
		config := sarama.NewConfig()
		config.Consumer.MaxWaitTime = 20 * time.Millisecond // closing a partition waits for its fetch
		consumer = must(sarama.NewConsumer([]string{brokers}, config))
	}
	at := of.receipt
	partition := must(consumer.ConsumePartition(at.Topic, at.Partition, at.Offset))
	defer partition.Close()
	select {
	case record := <-partition.Messages():
		check(record.Offset == at.Offset, "%s: offset %d, receipt %d", at.ID, record.Offset, at.Offset)
		key := of.event.Extensions()["partitionkey"].(string)
		check(string(record.Key) == key, "%s: key %q, not %q", at.ID, record.Key, key)
		message := kafka_sarama.NewMessageFromConsumerMessage(record)
		check(message.ReadEncoding() == binding.EncodingBinary, "%s: not in binary mode", at.ID)
		return *must(binding.ToEvent(ctx, message))
	case <-ctx.Done():
		check(false, "%s: not read in time", at.ID)
	}
	return event.Event{}
}

// samePartitions produces records of the same keys: franz-go's default is murmur2, as in Kafka's own client.
func samePartitions(ctx context.Context, brokers, topic string, all []posted) {
	client := must(kgo.NewClient(kgo.SeedBrokers(brokers), kgo.DefaultProduceTopic(topic)))
	defer client.Close()
	for _, of := range all {
		key := of.event.Extensions()["partitionkey"].(string)
		sent := must(client.ProduceSync(ctx, &kgo.Record{Key: []byte(key)}).First())
		check(sent.Partition == of.receipt.Partition, "key %q: franz-go chooses partition %d, the ingress %d", key,
			sent.Partition, of.receipt.Partition)
	}
}

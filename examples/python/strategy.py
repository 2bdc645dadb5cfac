"""A strategy that buys for the same amount turn after turn (dollar-cost averaging), for one user or for many."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from confluent_kafka import KafkaException, Producer

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS"), help="host:port,... (default: $KAFKA_BROKERS)")
options.add_argument("--users", type=int, default=1, help="trade for PREFIX-1 to PREFIX-N; 1 is PREFIX itself")
options.add_argument("--user-prefix", default="demo")
options.add_argument("--user-ids-file", type=Path, help="trade for these instead: a JSON list of user ids")
options.add_argument("--signals", type=int, default=10, help="how many in all, the users taking turns")
options.add_argument("--pair", default="BTC-USD")
options.add_argument("--size-quote", default="50.00", help="what each one spends, in the pair's second currency")
options.add_argument("--rate", type=float, default=1, help="signals a second in all; 0: without a pause")
options.add_argument("--topic", default="TradingSignalGenerated")
args = options.parse_args()
if not args.brokers:
    options.error("name the brokers in --brokers or KAFKA_BROKERS")
if args.user_ids_file:
    users = json.loads(args.user_ids_file.read_text(encoding="utf-8"))
else:
    users = [args.user_prefix] if args.users == 1 else [f"{args.user_prefix}-{n + 1}" for n in range(args.users)]
if not users or args.signals < 1 or args.rate < 0:
    options.error("--users and --signals are at least 1, --rate is not below 0")

producer = Producer({
    "bootstrap.servers": args.brokers,
    "partitioner": "murmur2_random",  # Java's and Switchyard's; librdkafka's default puts users into other partitions
    "acks": "all",
    "enable.idempotence": True,  # what is sent again after a lost answer is stored once, and in order
    "delivery.timeout.ms": 30_000,  # Switchyard refuses what is older
    "log_level": 2,  # what matters comes back with each delivery
})
try:
    topic = producer.list_topics(args.topic, timeout=10).topics[args.topic]
    if topic.error:
        raise KafkaException(topic.error)
except KafkaException as problem:
    sys.exit(f"Kafka at {args.brokers} cannot take {args.topic}: {problem.args[0].str()}")

confirmed, problems = 0, Counter()


def delivered(error, _message):
    global confirmed
    if error:
        problems[error.str()] += 1
    else:
        confirmed += 1


run = f"dca-{time.time_ns() // 1_000_000}"
start = time.monotonic()
for turn in range(args.signals):
    while len(producer) > 10_000 or (args.rate and time.monotonic() < start + turn / args.rate):
        producer.poll(0.01)
    user = users[turn % len(users)]
    signal = {
        "signalId": f"{run}-{turn + 1}",  # the same id and content again is the same signal
        "userId": user,
        "strategy": "dollar-cost-averaging",
        "pair": args.pair,
        "side": "buy",
        "signalType": "entry",
        "size": {"quote": args.size_quote},  # money is a decimal in a string
        "orderType": "market",
        "generatedAt": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }
    headers = {"content-type": "application/json"}
    producer.produce(args.topic, json.dumps(signal), key=user, headers=headers, on_delivery=delivered)
producer.flush()

for problem, count in problems.items():
    print(f"{count} not taken: {problem}", file=sys.stderr)
print(f"{confirmed} of {args.signals} signals confirmed by the broker ({run}-1 to {run}-{args.signals})")
sys.exit(0 if confirmed == args.signals else 1)

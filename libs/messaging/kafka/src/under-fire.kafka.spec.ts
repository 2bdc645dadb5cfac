import { afterEach } from '@jest/globals';
import { losingABroker } from './testing/broker-loss.js';
import { describeCluster } from './broker-under-test.js';
import { ClusterUnderTest } from './testing/cluster-under-test.js';
import { publishingUnderFire } from './testing/publishing-under-fire.js';
import { readingUnderFire } from './testing/reading-under-fire.js';
import { StagesUnderTest } from './testing/stages-under-test.js';

const PARTITIONS = 6;

/** One cluster for all: each test has topics and groups of its own, and starts again what it kills. */
describeCluster('Kafka under fire, on three nodes:', () => {
  const cluster = new ClusterUnderTest();
  const stages = new StagesUnderTest(() => cluster.brokers, PARTITIONS);
  afterEach(() => stages.stopAll(), 60_000);

  publishingUnderFire(cluster);
  readingUnderFire(cluster, stages, PARTITIONS);
  losingABroker(cluster, stages, PARTITIONS);
});

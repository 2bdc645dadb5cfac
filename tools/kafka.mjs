// `npm run kafka`: a real Apache Kafka on this machine, without docker. `-- --nodes 3` for a cluster, `-- --data-dir DIR` for where it
// keeps what it stores (default: kafka/ in $SWITCHYARD_DATA_DIR). Prints its brokers; Ctrl-C stops it, the next start goes on.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kafkaJars, missingForKafka } from './kafka-jars.mjs';
import { KafkaNode, clusterId, freePort } from './kafka-node.mjs';

/**
 * Whether a Kafka can be had here: brokers named in KAFKA_BROKERS, or what it takes to start one.
 * @returns {{available: true} | {available: false, reason: string}}
 */
export function kafkaAvailable() {
  if (process.env.KAFKA_BROKERS) return { available: true };
  const reason = missingForKafka();
  return reason === undefined ? { available: true } : { available: false, reason };
}

/** Whether a Kafka can be started here, whatever KAFKA_BROKERS names. */
export const kafkaStartable = () => missingForKafka() === undefined;

/**
 * Starts 1 or more nodes (KRaft, each broker and controller) on free loopback ports, and resolves when all of them answer and know of
 * each other. Without `dir` everything is in a temporary folder that goes with `stop`. `advertise` has clients told other ports than the
 * nodes' own, one a node: a relay's. Among themselves the nodes talk directly.
 *
 * @param {{nodes?: number, dir?: string, port?: number, advertise?: readonly number[], log?: (line: string) => void}} [options]
 */
export async function startKafka({ nodes: count = 1, dir, port, advertise, log = () => undefined } = {}) {
  const jars = await kafkaJars(log);
  const temporary = dir === undefined;
  const home = temporary ? mkdtempSync(join(tmpdir(), 'switchyard-kafka-')) : resolve(dir);
  mkdirSync(home, { recursive: true });
  const cluster = identity(home, count);
  const places = [];
  for (let id = 1; id <= count; id += 1) {
    places.push({
      id,
      port: id === 1 && port ? port : await freePort(),
      controllerPort: await freePort(),
      ...(advertise === undefined ? {} : { advertised: advertise[id - 1], ownPort: await freePort() }),
    });
  }
  const voters = places.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');
  const nodes = places.map(
    (place) => new KafkaNode({ ...place, voters, nodes: count, cluster, jars, dir: join(home, `node-${place.id}`) }),
  );
  const abandon = () => nodes.forEach((node) => node.abandon());
  process.once('exit', abandon);

  const stop = async () => {
    await Promise.all(nodes.map((node) => node.end('SIGTERM')));
    process.off('exit', abandon);
    if (temporary) rmSync(home, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map((node) => node.endOrphan()));
    for (const node of nodes) node.start();
    await ready(nodes, count);
  } catch (error) {
    abandon();
    await stop();
    throw error;
  }
  const nodeOf = (id) => nodes[id - 1] ?? fail(`There is no node ${id}: nodes are 1 to ${count}.`);
  return {
    brokers: nodes.map(({ broker }) => broker).join(','),
    stop,
    /** As if the power of that node failed. @param {number} id from 1 */
    kill: (id) => nodeOf(id).end('SIGKILL'),
    /** Starts a killed node again and waits until it is one of the cluster. @param {number} id from 1 */
    restart: async (id, patienceMs) => {
      nodeOf(id).start();
      await ready([nodeOf(id)], nodes.filter(({ running }) => running).length, patienceMs);
    },
  };
}

/** The cluster's id, kept with its data; a folder of another number of nodes is refused. */
function identity(home, count) {
  const file = join(home, 'cluster.json');
  if (existsSync(file)) {
    const { cluster, nodes } = JSON.parse(readFileSync(file, 'utf8'));
    if (nodes !== count)
      fail(`${home} holds a Kafka of ${nodes} nodes: start it with --nodes ${nodes}, or choose another --data-dir.`);
    return cluster;
  }
  const cluster = clusterId();
  writeFileSync(file, JSON.stringify({ cluster, nodes: count }));
  return cluster;
}

async function ready(nodes, count, patienceMs = 60_000) {
  const end = Date.now() + patienceMs;
  for (const node of nodes) {
    while ((await node.brokersKnown()) < count) {
      if (!node.running) fail(`Kafka ended while starting; its last words, from ${node.log}:\n${node.lastWords()}`);
      if (Date.now() > end) fail(`Kafka did not answer within ${patienceMs / 1000} s; see ${node.log}.`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }
}

function fail(message) {
  throw new Error(message);
}

function options(args) {
  const read = { nodes: 1, dir: join(process.env.SWITCHYARD_DATA_DIR || '.switchyard', 'kafka') };
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i], args[i + 1]];
    if (value === undefined) fail(`${name} needs a value.`);
    if (name === '--data-dir') read.dir = value;
    else if (name === '--nodes' && /^[1-9]$/.test(value)) read.nodes = Number(value);
    else if (name === '--port' && /^\d{2,5}$/.test(value)) read.port = Number(value);
    else
      fail(
        `${name} ${value} is not understood: there are --nodes 1..9, --port N (of the first node) and --data-dir DIR.`,
      );
  }
  return read;
}

async function main() {
  const kafka = await startKafka({ ...options(process.argv.slice(2)), log: (line) => console.log(line) });
  console.log(`KAFKA_BROKERS=${kafka.brokers}`);
  console.log('Ctrl-C stops it.');
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void kafka.stop().then(() => process.exit(0));
    });
  }
  // The brokers run on their own: this process only stays to stop them.
  setInterval(() => undefined, 1 << 30);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

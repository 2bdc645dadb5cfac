// One Kafka node: broker and controller in one process, on loopback only.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/**
 * A port of 127.0.0.1 that is free now, below those that systems deal to outgoing connections: a node that was killed finds it free again.
 */
export const freePort = async () => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    if (await canListen(port)) return port;
  }
};

const canListen = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const REPLICATED = `
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000`;

/** Where clients are told another port (a relay's), the nodes have a listener of their own among themselves. */
const listeners = ({ port, controllerPort, advertised, ownPort }) =>
  advertised === undefined
    ? `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT`
    : `listeners=PLAINTEXT://127.0.0.1:${port},NODES://127.0.0.1:${ownPort},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${advertised},NODES://127.0.0.1:${ownPort}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,NODES:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=NODES`;

const settings = ({ id, voters, nodes, data, ...place }) => `# Made by tools/kafka.mjs at each start.
process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${voters}
${listeners(place)}
controller.listener.names=CONTROLLER
log.dirs=${data}
auto.create.topics.enable=false
unclean.leader.election.enable=false
log.retention.hours=168
default.replication.factor=${Math.min(3, nodes)}
min.insync.replicas=${nodes >= 3 ? 2 : 1}
offsets.topic.num.partitions=6
offsets.topic.replication.factor=${Math.min(3, nodes)}
transaction.state.log.replication.factor=${Math.min(3, nodes)}
transaction.state.log.min.isr=${nodes >= 3 ? 2 : 1}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000${nodes > 1 ? REPLICATED : ''}
`;

const LOGGING = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c{1} %m%n
`;

/** The first 22 characters that name a cluster: base64 of 16 bytes, never beginning with a dash. */
export const clusterId = () => {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
};

/** A node's place on disk and on the network, and its process while it lives. */
export class KafkaNode {
  #child;
  #exited = Promise.resolve();

  /** @param {{id: number, port: number, controllerPort: number, advertised?: number, ownPort?: number, voters: string, nodes: number, dir: string, cluster: string, jars: string}} options */
  constructor(options) {
    this.options = options;
    this.broker = `127.0.0.1:${options.port}`;
    this.log = join(options.dir, 'kafka.log');
    this.pidFile = join(options.dir, 'kafka.pid');
  }

  get running() {
    return this.#child !== undefined;
  }

  /** Ends the broker that a killed owner left behind: it holds the folder, and nobody else would stop it. */
  async endOrphan(patienceMs = 15_000) {
    const pid = existsSync(this.pidFile) ? Number(readFileSync(this.pidFile, 'utf8')) : 0;
    // The number may have gone to another program since.
    const ours = () =>
      pid > 0 &&
      spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout.includes(
        join(this.options.dir, 'server.properties'),
      );
    const end = Date.now() + patienceMs;
    for (let asked = false; ours(); asked = true) {
      if (!asked) process.kill(pid, 'SIGTERM');
      if (Date.now() > end) process.kill(pid, 'SIGKILL');
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }

  /** Formats its storage at the first start, then starts it. Resolves as soon as the process runs: see `answers`. */
  start() {
    const { dir, cluster, nodes } = this.options;
    const data = join(dir, 'data');
    const file = join(dir, 'server.properties');
    mkdirSync(data, { recursive: true });
    writeFileSync(file, settings({ ...this.options, data }));
    writeFileSync(join(dir, 'log4j2.properties'), LOGGING);
    if (!existsSync(join(data, 'meta.properties'))) this.#format(cluster, file);
    const output = openSync(this.log, 'a');
    const memory = nodes > 1 ? '-Xmx384m' : '-Xmx512m';
    const child = spawn('java', [memory, ...this.#flags(), 'kafka.Kafka', file], {
      cwd: dir,
      stdio: ['ignore', output, output],
      // Ctrl-C reaches the whole foreground group: the brokers must outlive those who still write to them.
      detached: true,
    });
    closeSync(output);
    if (child.pid !== undefined) writeFileSync(this.pidFile, String(child.pid));
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', resolve);
      child.once('exit', resolve);
    }).then(() => {
      if (this.#child !== child) return;
      this.#child = undefined;
      rmSync(this.pidFile, { force: true });
    });
  }

  #flags() {
    const { dir, jars } = this.options;
    // One's own broker lives for minutes and shares its cores: compiled quickly it costs less than compiled well.
    const vm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    return [...vm, `-Dlog4j2.configurationFile=${join(dir, 'log4j2.properties')}`, '-cp', join(jars, '*')];
  }

  #format(cluster, file) {
    const args = ['-Xmx128m', ...this.#flags(), 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file];
    const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Kafka could not prepare ${this.options.dir}:\n${stdout}${stderr}`.trimEnd());
  }

  /** @param {NodeJS.Signals} signal SIGTERM: it hands over and ends; SIGKILL: as if the power failed. */
  async end(signal, patienceMs = 15_000) {
    const child = this.#child;
    if (!child) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** For the exit of this process, where nothing can be waited for. */
  abandon() {
    this.#child?.kill('SIGKILL');
  }

  /** What it logged last, without the stacks. */
  lastWords() {
    const lines = existsSync(this.log) ? readFileSync(this.log, 'utf8').split('\n') : [];
    return lines
      .filter((line) => line.trim() !== '' && !/^\s+at |^SLF4J/.test(line))
      .slice(-3)
      .join('\n');
  }

  /** How many brokers this node knows of; 0 where it does not answer. */
  brokersKnown() {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: this.options.port, timeout: 1_000 });
      let answer = Buffer.alloc(0);
      const done = (count) => {
        socket.destroy();
        resolve(count);
      };
      socket.on('connect', () => socket.write(METADATA_REQUEST));
      socket.on('data', (chunk) => {
        answer = Buffer.concat([answer, chunk]);
        // Length, correlation id, then the array of brokers.
        if (answer.length >= 12) done(answer.readInt32BE(8));
      });
      socket.on('timeout', () => done(0));
      socket.on('error', () => done(0));
      socket.on('close', () => done(0));
    });
  }
}

// Metadata, version 1, correlation id 1, no client id, no topics.
const METADATA_REQUEST = Buffer.from('0000000e00030001000000010000' + '00000000', 'hex');

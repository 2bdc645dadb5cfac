// Apache Kafka's own jars, and what its log needs, from Maven's central repository into a cache folder of the user: no docker, no install.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const KAFKA_VERSION = '4.3.0';
const LOG4J_VERSION = '2.25.4';
const JARS = 46;

const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'switchyard',
  `kafka-${KAFKA_VERSION}-${JARS}`,
);

const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>switchyard</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <!-- Kafka's own archive brings it along; without it a broker that does not start would not say why. -->
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J_VERSION}</version></dependency>
  </dependencies>
</project>
`;

const java = () => {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return status === 0 ? Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) : 0;
};

/** Why Kafka can't be run here, in a sentence; undefined where it can. Reaches for no network. */
export const missingForKafka = () => {
  const version = java();
  if (version === 0) return 'Kafka needs Java 17 or later, and there is no java on the PATH.';
  if (version < 17) return `Kafka needs Java 17 or later, and this is Java ${version}.`;
  if (existsSync(cache)) return undefined;
  return spawnSync('mvn', ['-v']).status === 0
    ? undefined
    : 'Kafka is fetched by Maven, once, and there is no mvn on the PATH.';
};

/**
 * The folder with Kafka's jars; fetched (43 MB) where it is missing. Two processes may do so at once: the first to finish wins.
 * @param {(line: string) => void} log
 */
export async function kafkaJars(log) {
  const missing = missingForKafka();
  if (missing) throw new Error(`${missing} Install it, or name running brokers in KAFKA_BROKERS.`);
  if (existsSync(cache)) return cache;
  mkdirSync(dirname(cache), { recursive: true });
  const scratch = mkdtempSync(`${cache}-`);
  try {
    writeFileSync(join(scratch, 'pom.xml'), pom);
    log(`fetching Apache Kafka ${KAFKA_VERSION} from Maven (once, about ${JARS} jars and 43 MB)`);
    await maven(scratch, log);
    if (!existsSync(cache)) renameSync(join(scratch, 'libs'), cache);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return cache;
}

function maven(folder, log) {
  const args = ['-B', '-f', folder, 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs'];
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let tail = '';
    let jars = 0;
    const watch = (chunk) => {
      const text = String(chunk);
      tail = (tail + text).slice(-4_000);
      const before = jars;
      jars += text.match(/Copying .*\.jar/g)?.length ?? 0;
      if (Math.floor(jars / 15) > Math.floor(before / 15)) log(`  ${jars} jars`);
    };
    child.stdout.on('data', watch);
    child.stderr.on('data', watch);
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) return resolve();
      const errors = tail.split('\n').filter((line) => line.startsWith('[ERROR]'));
      reject(new Error(`Maven could not fetch Kafka; is its repository reachable?\n${errors.slice(0, 3).join('\n')}`));
    });
  });
}

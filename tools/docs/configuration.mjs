import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { root } from '../packages.mjs';
import { commentOf, parse, ts, walk } from './source.mjs';
import { code, page, table } from './markdown.mjs';

/** What a program reads from its environment: where its schema stands, and how to get it from the module. */
const PROGRAMS = [
  ['Every service', 'libs/runtime', 'settings', ({ processSettings }) => processSettings],
  [
    'npm start, npm run start:postgres, npm run start:kafka',
    'services/standalone',
    'settings',
    ({ standaloneSettings }) => standaloneSettings,
  ],
  ['accounts', 'services/accounts', 'config', ({ accountsConfig }) => accountsConfig],
  ['`execution-<venue>`', 'services/execution', 'config', ({ executionConfig }) => executionConfig('binance')],
  ['gateway', 'services/gateway', 'config', ({ gatewayConfig }) => gatewayConfig],
  ['journal', 'services/journal', 'config', ({ journalConfig }) => journalConfig],
  ['market-data', 'services/market-data', 'config', ({ marketDataConfig }) => marketDataConfig],
  ['reconciliation', 'services/reconciliation', 'config', ({ reconciliationConfig }) => reconciliationConfig],
  ['risk', 'services/risk', 'config', ({ riskConfig }) => riskConfig],
  ['routing', 'services/routing', 'config', ({ routingConfig }) => routingConfig],
  ['signal-validation', 'services/signal-validation', 'config', ({ validationConfig }) => validationConfig],
];

/** Of variables whose schema has no comment; else the table of the service's README says it. */
const MEANINGS = {
  DATABASE_URL: 'Postgres.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'Where traces go (OTLP over HTTP); nothing of tracing is loaded without it. `OTEL_TRACES_SAMPLER` and its kin are obeyed.',
  PORT: 'Of the HTTP door.',
  SWITCHYARD_ADMIN_TOKEN: "The admin's token; without it one is made at the first start.",
  SWITCHYARD_ALLOWED_LIVE_ORIGINS: "Origins other than the venue's own to which live orders may go.",
  SWITCHYARD_EXECUTION_CLAIMS_PER_USER: 'Tasks of one user in one claim.',
  SWITCHYARD_EXECUTION_CLAIM_SIZE: 'Tasks claimed at once.',
  SWITCHYARD_EXECUTION_RETRIES: 'Attempts after the first, of what is proven not to have been sent or taken.',
  SWITCHYARD_HOST: 'Where it listens.',
  SWITCHYARD_KEY_ENCRYPTION_KEY:
    'What opens sealed exchange keys: base64 of 32 bytes; several with commas between them.',
  SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: 'A file of mode 0600 that holds the same.',
  SWITCHYARD_LIVE_TRADING: "The deployment's half of the switch for real orders; the other half is the account's mode.",
  SWITCHYARD_LOG_FORMAT: '`json`, or `text` for a terminal.',
  SWITCHYARD_LOG_LEVEL: 'Least level of a log entry.',
  SWITCHYARD_MARKET_FRESH_MS: 'Books older than this are not traded on.',
  SWITCHYARD_MARKET_POLL_MS: 'Between two requests for a book.',
  SWITCHYARD_PARTITIONS: 'Of every topic; fixed for the life of a deployment.',
  SWITCHYARD_SIMULATED_ORIGINS: 'Origins that are simulators, beside loopback and official test nets.',
  SWITCHYARD_VENUES: 'Venues of this deployment.',
  venues:
    'A section of the file that `SWITCHYARD_CONFIG` names: `{<venue>: {fees: {maker, taker}}}`, fractions in strings.',
};

/** `SWITCHYARD_VENUE_<NAME>_...` */
const VENUE_MEANINGS = {
  URL: "Another origin for all of the venue's endpoints: a simulator, a proxy.",
  KEY: 'A key of the deployment’s own: the venue tells its listings to customers only. It places nothing; give one that may only read.',
  SECRET: 'Its secret.',
};

export const configurationPage = async (load) => {
  const sections = [];
  // Programs that run services take a part of their schema from there.
  const shared = new Map([
    ...commentsIn('libs/runtime/src/settings.ts'),
    ...commentsIn('libs/platform/config/src/vault.ts'),
  ]);
  for (const [title, folder, module, schemaOf] of PROGRAMS) {
    const comments = commentsIn(`${folder}/src/${module}.ts`);
    const rows = Object.entries(shapeOf(schemaOf(await load(folder, module)))).map(([name, schema]) => [
      code(name),
      defaultOf(schema),
      expectationOf(name, schema),
      comments.get(name) ?? shared.get(name) ?? meaningOf(name, folder),
    ]);
    sections.push(`## ${title}\n`, table(['variable', 'default', 'must be', ''], rows));
  }
  return [
    page(
      'Configuration',
      `Settings are environment variables; each program checks all of its own at once before it starts, names every bad one, and exits with
code 78. Units stand in the names. An empty variable is an absent one. A variable without a default is needed, unless the table says
optional. \`npm start\` gives its variables on to the services in it; what it decides itself (the database, the venues, where accounts
answers) need not be given there.

What is structured stands in the YAML file that \`SWITCHYARD_CONFIG\` names. Its sections are \`venues\`, \`limits\`, \`sectors\`, \`routing\`,
\`algorithms\` and \`watchdog\`; of these \`venues.<venue>.fees\` (market-data) is read so far. What a user may do is not configured here: see
the limits in [rest.md](rest.md).`,
    ),
    ...sections,
    `## Processes that are started by hand\n`,
    table(
      ['variable', 'read by', ''],
      [
        [
          code('SWITCHYARD_VENUE'),
          '`services/execution/dist/main.js`',
          'Which venue this process executes for; `binance` where it is not given.',
        ],
        [
          code('SWITCHYARD_DATA_DIR'),
          '`npm run paper`, `npm run kafka`',
          'Where they keep what they keep; default `.switchyard`.',
        ],
        [code('SWITCHYARD_LOG_LEVEL'), '`npm run paper`', 'Least level of a log entry; default `warn`.'],
        [
          code('KAFKA_BROKERS'),
          '`npm run start:kafka`, `npm run kafka`, Kafka tests',
          'A Kafka that runs already; without it one is started here.',
        ],
        [code('TEST_DATABASE_URL'), 'tests', 'A Postgres for tests; without it one is started here.'],
      ],
    ),
  ].join('\n');
};

/** The variables of a schema, whatever was put around its object. */
const shapeOf = (schema) =>
  schema.shape !== undefined ? schema.shape : shapeOf(schema.def.in ?? schema.def.innerType);

const unwrapped = (schema) =>
  ['default', 'optional'].includes(schema.type) ? unwrapped(schema.def.innerType) : schema;

const defaultOf = (schema) => {
  if (schema.type === 'optional') return 'optional';
  if (schema.type === 'pipe') return defaultOf(schema.def.in);
  if (schema.type !== 'default') return '**needed**';
  const value = schema.def.defaultValue;
  if (value === hostname()) return "the host's name";
  if (Array.isArray(value)) return value.length === 0 ? 'none' : code(value.join(','));
  return typeof value === 'object' ? 'none' : code(String(value));
};

/** What a bad value is told it must be. */
const expectationOf = (name, schema) => {
  if (!/^[A-Z]/.test(name)) return '';
  const { error } = ['x', ' '].map((bad) => unwrapped(schema).safeParse(bad)).find(({ success }) => !success) ?? {};
  return error?.issues[0]?.message.replace(/^must be /, '').replace(/, not "[x ]"$/, '') ?? '';
};

/** Comments on the variables of a file's schemas. */
const commentsIn = (file) => {
  const found = new Map();
  walk(parse(file), (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name)) return;
    const comment = commentOf(node);
    if (comment !== undefined && !found.has(node.name.text)) found.set(node.name.text, comment);
  });
  return found;
};

const meaningOf = (name, folder) => {
  const meaning =
    MEANINGS[name] ??
    VENUE_MEANINGS[/^SWITCHYARD_VENUE_[A-Z]+_(URL|KEY|SECRET)$/.exec(name)?.[1]] ??
    readmeOf(folder).match(new RegExp(`^\\| \`${name}\` \\|[^|]*\\| (.+) \\|$`, 'm'))?.[1];
  if (meaning === undefined) throw new Error(`Say at its schema what ${name} means: a comment in ${folder}.`);
  return meaning;
};

const readmeOf = (folder) => {
  const path = join(root, folder, 'README.md');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

import { flowOf } from './flow.mjs';
import { code, codes, page, table } from './markdown.mjs';
import { schemaComments } from './schema-comments.mjs';

const KEYS = {
  user: 'userId',
  venue: 'venue',
  'venue/pair': '`venue/pair`',
  service: 'service',
  chain: 'chain',
  scope: 'scope',
  strategy: 'strategyId',
};

export const eventsPage = async (load) => {
  const { EVENTS } = await load('libs/contracts', 'topics');
  const parts = await load('libs/contracts', 'events/primitives');
  const types = Object.keys(EVENTS);
  const flow = flowOf(types);
  const comments = schemaComments('libs/contracts/src/events');
  return [
    page(
      'Events',
      `Every event that exists, from its schema ([\`libs/contracts\`](../../libs/contracts/src/topics.ts)). The value is JSON; at the door
(\`TradingSignalGenerated\`) it may be the protobuf message of the same name, with \`content-type: application/protobuf\`
([\`proto/\`](../../proto/README.md)). Money, prices and quantities are decimals in strings; times RFC 3339 in UTC with milliseconds; what is
absent is left out. Unknown fields are ignored, unknown enum values refused at the door.

The key of a user's event is the userId: one partition, in order, on every topic (Java's murmur2; 24 partitions unless
\`SWITCHYARD_PARTITIONS\` says otherwise). A compacted topic holds the newest value per key; its readers compare versions. \`<venue>\` stands
for the venue's name, so \`OrderRouted.binance\`. What can't be read at the door, or isn't its key's, is in
\`TradingSignalGenerated.signal-validation.dlt\` (one partition).

Headers, CloudEvents in binary mode: \`ce_id\` (a function of what caused the event), \`ce_type\`, \`ce_source\`
(\`deployment/shard/generation\`), \`ce_specversion\`, \`ce_time\`, \`ce_sequence\` (dense per source, topic and partition), \`ce_causationid\`,
\`ce_correlationid\` (the signalId), and \`traceparent\`. A strategy need send none of them.`,
    ),
    table(
      [
        'topic',
        'key',
        '',
        'written by',
        'read by (the journal reads all but `MarketSnapshot` and its own `AuditRecorded`)',
      ],
      types.map((type) => [
        `[\`${topicOf(type, EVENTS)}\`](#${type.toLowerCase()})`,
        KEYS[EVENTS[type].key],
        EVENTS[type].compacted ? 'compacted' : '',
        type === 'TradingSignalGenerated'
          ? 'strategies, gateway, signal-validation (copies)'
          : services(flow.get(type).writers),
        services(flow.get(type).readers),
      ]),
    ),
    ...types.map((type) => section(type, EVENTS, parts, comments)),
  ].join('\n');
};

const topicOf = (type, EVENTS) => (EVENTS[type].perVenue ? `${type}.<venue>` : type);
const services = (names) =>
  [...names]
    .sort()
    .map((name) => (name === 'execution' ? 'execution-&lt;venue&gt;' : name))
    .join(', ');
const constantOf = (type) => type[0].toLowerCase() + type.slice(1);

const section = (type, EVENTS, parts, comments) => {
  const known = comments(constantOf(type));
  const rows = fieldsOf(EVENTS[type].schema, '', {
    parts,
    signal: EVENTS.TradingSignalGenerated.schema,
    own: EVENTS[type].schema,
  });
  return [
    `## ${type}\n`,
    table(
      ['field', 'type', 'required', ''],
      rows.map(({ path, type: what, optional }) => [code(path), what, optional ? '' : 'yes', known.get(path) ?? '']),
    ),
  ].join('\n');
};

/** The object under what was put around it. */
const inner = (schema) => {
  if (schema.type === 'optional') return inner(schema.def.innerType);
  if (schema.type === 'pipe') return inner(schema.def.in);
  return schema;
};

const fieldsOf = (schema, prefix, context) =>
  Object.entries(inner(schema).shape).flatMap(([name, field]) =>
    fieldRows(field, prefix === '' ? name : `${prefix}.${name}`, context),
  );

const fieldRows = (field, path, context) => {
  const optional = field.type === 'optional';
  const schema = optional ? field.def.innerType : field;
  const row = (type) => ({ path, optional, type });
  const named = nameOf(schema, context);
  if (named !== undefined) return [row(named)];
  const bare = inner(schema);
  if (bare.type === 'object') return [row('object'), ...fieldsOf(bare, path, context)];
  if (bare.type === 'array' && inner(bare.element).type === 'object') {
    return [row('list of objects'), ...fieldsOf(bare.element, `${path}[]`, context)];
  }
  if (bare.type === 'record' && inner(bare.valueType).type === 'object') {
    const by = `objects by ${typeOf(bare.keyType, context)}`;
    return [row(by), ...fieldsOf(bare.valueType, `${path}.*`, context)];
  }
  return [row(typeOf(bare, context))];
};

/** Building blocks that the contracts name, and whole events inside of others. */
const nameOf = (schema, { parts, signal, own }) => {
  if (schema === signal && schema !== own) return '[TradingSignalGenerated](#tradingsignalgenerated)';
  const names = new Map([
    [parts.decimalString, 'decimal'],
    [parts.positiveDecimal, 'decimal > 0'],
    [parts.nonNegativeDecimal, 'decimal >= 0'],
    [parts.identifier, 'id'],
    [parts.venueName, 'venue'],
    [parts.pair, 'pair'],
    [parts.freeText, 'text'],
    [parts.freeForm, 'any object'],
    [parts.facts, 'any object'],
    [parts.currency, 'currency'],
    [parts.instant, 'time'],
    [parts.count, 'whole number >= 0'],
    [parts.fraction, 'number, 0 to 1'],
  ]);
  return names.get(schema);
};

const typeOf = (schema, context) => {
  const named = nameOf(schema, context);
  if (named !== undefined) return named;
  switch (schema.type) {
    case 'pipe':
      return typeOf(schema.def.in, context);
    case 'enum':
      return codes(schema.options);
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'number':
      return numberOf(schema);
    case 'array':
      return `list of ${typeOf(schema.element, context)}`;
    case 'tuple':
      return `[${schema.def.items.map((item) => typeOf(item, context)).join(', ')}]`;
    case 'record':
      return `${typeOf(schema.valueType, context)} by ${typeOf(schema.keyType, context)}`;
    default:
      throw new Error(`The docs have no word for a schema of the kind "${schema.type}".`);
  }
};

const numberOf = (schema) => {
  const whole = schema.format === 'safeint' ? 'whole number' : 'number';
  const { minimum, exclusiveMinimum, maximum } = schema._zod.bag;
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]),
    ...(minimum === undefined || minimum <= -SAFE ? [] : [`>= ${minimum}`]),
    ...(maximum === undefined || maximum >= SAFE ? [] : [`<= ${maximum}`]),
  ];
  return [whole, ...bounds].join(' ');
};

const SAFE = Number.MAX_SAFE_INTEGER;

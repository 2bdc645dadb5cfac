import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../packages.mjs';
import { code, page, table } from './markdown.mjs';
import { member, parse, sourcesIn, textOf, ts, walk } from './source.mjs';

export const codesPage = async (load) => {
  const { CODES } = await load('libs/domain/model', 'codes');
  const { DOUBTS } = await load('libs/domain/order', 'changes');
  const { VENUE_REJECTIONS } = await load('libs/domain/routing', 'rejections');
  const { REFUSALS } = await load('libs/exchanges', 'refusals');
  const { OTHER_LOG } = await load('libs/messaging/postgres', 'log-settings');
  const users = usersOf(Object.keys(CODES));
  return [
    page(
      'Codes',
      `Every code that leaves Switchyard: in a problem of the REST API, in \`SignalRejected\`, in \`OrderFailed\`, in dead letters. A closed list
([\`codes.ts\`](../../libs/domain/model/src/codes.ts)); a code never changes its meaning. The facts beside it say what was measured against
what. A code that nobody uses yet is reserved.`,
    ),
    table(
      ['code', 'cause', 'remedy', 'used by'],
      Object.entries(CODES).map(([name, [cause, remedy]]) => [code(name), cause, remedy, users(name) || 'reserved']),
    ),
    `## Why a venue was not chosen

In the routing decision, and in the facts of \`NO_SUITABLE_VENUE\` ([\`rejections.ts\`](../../libs/domain/routing/src/rejections.ts)).
`,
    table(
      ['code', 'cause', 'remedy'],
      Object.entries(VENUE_REJECTIONS).map(([name, [cause, remedy]]) => [code(name), cause, remedy]),
    ),
    `## What a venue refused

The fact \`reason\` of an \`OrderFailed\` of the stage execution ([\`refusals.ts\`](../../libs/exchanges/src/refusals.ts)); \`venueCode\` beside it
is the venue's own. Retriable: the same order may be sent again later as it stands.
`,
    table(
      ['reason', 'cause', 'remedy', 'retriable'],
      Object.entries(REFUSALS).map(([name, { cause, remedy, retriable }]) => [
        code(name),
        cause,
        remedy,
        retriable ? 'yes' : '',
      ]),
    ),
    `## What calls a person

As a \`SystemError\` of an executor. The first ones are what can't be true of an order: they change no state
([\`changes.ts\`](../../libs/domain/order/src/changes.ts)).
`,
    table(
      ['code', 'what'],
      [...Object.entries(DOUBTS), ...alarms()].map(([name, what]) => [code(name), what]),
    ),
    `## What refuses a start

On standard error before anything has begun, with exit code 78 ([\`log-settings.ts\`](../../libs/messaging/postgres/src/log-settings.ts)): the
database is the memory of another log than is configured. [Why](../concepts/event-log.md#one-database-one-log).
`,
    table(
      ['code', 'cause', 'remedy'],
      Object.entries(OTHER_LOG).map(([name, [cause, remedy]]) => [code(name), cause, remedy]),
    ),
    `## In the log alone

Error lines with a \`code\`.
`,
    table(
      ['code', 'what', 'of'],
      logged().map(({ name, what, owner }) => [code(name), what, owner]),
    ),
  ].join('\n');
};

/** Whose rules and answers stand in a package, in the words of the map. */
const OWNERS = {
  'libs/domain/signal': 'signal-validation',
  'libs/domain/risk': 'risk',
  'libs/domain/routing': 'routing',
  'libs/platform/http': 'REST',
};

/** Which services' code names a code. */
const usersOf = (names) => {
  const found = new Map(names.map((name) => [name, new Set()]));
  for (const file of [...sourcesIn('libs'), ...sourcesIn('services')]) {
    if (file === 'libs/domain/model/src/codes.ts') continue;
    const [group, ...rest] = file.split('/');
    if (file.startsWith('services/paper-exchange/')) continue; // The venue's own words.
    const owner = group === 'services' ? rest[0] : OWNERS[`${group}/${rest[0]}/${rest[1]}`];
    if (owner === undefined) continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const name of names) if (text.includes(`'${name}'`)) found.get(name).add(owner);
  }
  return (name) => [...found.get(name)].sort().join(', ');
};

/** Alarms that an executor raises by itself: objects with code, message and severity. */
const alarms = () => {
  const found = [];
  for (const file of sourcesIn('services/execution/src')) {
    walk(parse(file), (node) => {
      if (!ts.isObjectLiteralExpression(node) || member(node, 'severity') === undefined) return;
      const [name, what] = [textOf(member(node, 'code')), textOf(member(node, 'message'))];
      if (name !== undefined && what !== undefined) found.push([name, what]);
    });
  }
  return found;
};

/** `logger.error({ code: 'EVENT_GAP', ... }, 'what happened')`. */
const logged = () => {
  const found = [];
  for (const file of [...sourcesIn('libs'), ...sourcesIn('services')]) {
    walk(parse(file), (node) => {
      if (!ts.isCallExpression(node) || !/^(error|warn|fatal)$/.test(node.expression.name?.text ?? '')) return;
      const [facts, what] = node.arguments;
      if (facts === undefined || !ts.isObjectLiteralExpression(facts)) return;
      const name = textOf(member(facts, 'code'));
      const [group, service] = file.split('/');
      if (name !== undefined)
        found.push({ name, what: textOf(what), owner: group === 'services' ? service : 'every service' });
    });
  }
  return found;
};

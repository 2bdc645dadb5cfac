import type { Body } from '../api.js';
import type { Answer, Command, Context, Given, OptionSpec } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { table } from '../table.js';

const SCOPE = 'SCOPE';
const ABOUT_SCOPES = 'A scope is global, venue:<venue> or user:<userId>.';
const REASON: OptionSpec = {
  type: 'string',
  hint: 'TEXT',
  help: 'Why (needed). The audit trail keeps it, and whoever is refused reads it.',
};
const STOPPING: Readonly<Record<string, OptionSpec>> = {
  reason: REASON,
  'cancel-open': { type: 'boolean', help: 'Cancel everything open in the scope, and verify it with the venues.' },
  flatten: { type: 'boolean', help: 'Then close every position in the scope. Implies --cancel-open.' },
};

/** What may be traded, by scope. */
export const STATE: readonly Command[] = [
  stopping(
    'halt',
    'halted',
    'Stop trading in a scope: nothing is opened any more; exits and cancels go on.',
    `Ends with 0 when every executor has verified it, with 1 when something is not verified yet: it is printed, and the halt holds all the
same. The same command again joins what is under way.`,
  ),
  stopping(
    'reduce',
    'reducing',
    'Let a scope only get rid of what it has.',
    'Executors refuse the same as when halted; it says that the scope is to be wound down, not that something is wrong.',
  ),
  {
    name: 'state resume',
    usage: SCOPE,
    summary: 'Let a scope trade again.',
    details: `${ABOUT_SCOPES} What an operator ordered for a user, no trader lifts.`,
    arity: [1, 1],
    options: { reason: REASON },
    run: (context, given) => change(context, given, 'active'),
  },
  {
    name: 'state show',
    usage: `[${SCOPE}]`,
    summary: 'What may be traded: one scope with what is verified, or all that were ever changed.',
    arity: [0, 1],
    run: async ({ api }, given): Promise<Answer> => {
      const [scope] = given.arguments;
      if (scope !== undefined) return shown(await api.get(pathOf(scope)));
      const items = await api.list('/v1/trading-state', {}, 10_000);
      const rows = items.map((item) =>
        ['scope', 'state', 'verified', 'changedBy', 'changedAt', 'reason'].map((field) => item[field]),
      );
      return {
        json: items,
        text: table(['SCOPE', 'STATE', 'VERIFIED', 'BY', 'SINCE', 'WHY'], rows, 'Everything is active.'),
      };
    },
  },
];

function stopping(verb: string, state: string, summary: string, details: string): Command {
  return {
    name: `state ${verb}`,
    usage: SCOPE,
    summary,
    details: `${ABOUT_SCOPES} ${details}`,
    arity: [1, 1],
    options: STOPPING,
    run: (context, given) => change(context, given, state),
  };
}

const pathOf = (scope: string): string => `/v1/trading-state/${encodeURIComponent(scope)}`;

const change = async ({ api }: Context, given: Given, state: string): Promise<Answer> => {
  const reason = given.text('reason');
  if (reason === undefined) throw new Failure(EXIT.usage, '--reason is needed: the audit trail keeps it.');
  const wish = {
    ...{ state, reason },
    ...(given.flag('cancel-open') ? { cancelOpen: true } : {}),
    ...(given.flag('flatten') ? { flatten: true } : {}),
  };
  return shown(await api.send('PUT', pathOf(given.arguments[0] ?? ''), wish));
};

/** Nothing that is not verified is said in small print. */
const shown = (known: Body): Answer => {
  const executors = known['executors'] as readonly Body[];
  const missing = known['notAcknowledged'] as readonly string[];
  const flatten = known['flatten'] as Body | undefined;
  const left = (flatten?.['positions'] ?? []) as readonly Body[];
  const orders = executors.flatMap((word) =>
    (word['orders'] as readonly Body[]).map((order) => [
      order['orderId'],
      word['venue'],
      order['status'],
      order['why'],
    ]),
  );
  const isDone = known['verified'] === true && (flatten === undefined || flatten['outcome'] === 'flat');
  const cancelled = executors.reduce((sum, word) => sum + Number(word['cancelled']), 0);
  const text = [
    `${String(known['scope'])} is ${String(known['state'])} (version ${String(known['version'])})${because(known)}\n`,
    known['verified'] === true
      ? `Verified by every executor.${cancelled > 0 ? ` ${cancelled} orders were cancelled.` : ''}\n`
      : 'NOT VERIFIED yet.\n',
    missing.length === 0 ? '' : `No word from the executors of: ${missing.join(', ')}.\n`,
    orders.length === 0 ? '' : table(['NOT VERIFIED', 'VENUE', 'STATUS', 'WHY'], orders, ''),
    flatten === undefined
      ? ''
      : `Positions: ${typeof flatten['outcome'] === 'string' ? flatten['outcome'] : 'being closed'}.\n`,
    left.length === 0
      ? ''
      : table(
          ['STILL OPEN', 'ACCOUNT', 'PAIR', 'QUANTITY'],
          left.map((position) => ['userId', 'accountId', 'pair', 'quantity'].map((field) => position[field])),
          '',
        ),
  ].join('');
  return { json: known, text, ...(isDone ? {} : { bad: true }) };
};

const because = (known: Body): string => (typeof known['reason'] === 'string' ? `: ${known['reason']}` : '');

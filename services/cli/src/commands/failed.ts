import type { Api, Body } from '../api.js';
import type { Answer, Command, Context, Given, OptionSpec } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { wholeNumber } from '../files.js';
import { table } from '../table.js';

type Action = 'retry' | 'discard' | 'release';

const REASON: OptionSpec = {
  type: 'string',
  hint: 'TEXT',
  help: 'Why (needed). The audit trail keeps it, and the user concerned reads it.',
};

/** Work that failed and waits for a person. */
export const FAILED: readonly Command[] = [
  {
    name: 'failed list',
    usage: '',
    summary: 'What waits for a person: parked keys, dead letters, orders given up.',
    arity: [0, 0],
    options: {
      kind: { type: 'string', hint: 'KIND', help: 'parked, dead_letter or task.' },
      user: { type: 'string', hint: 'ID', help: 'Of this user.' },
      limit: { type: 'string', hint: 'N', help: 'So many at most, newest first. Default 50.' },
    },
    run: async ({ api }, given): Promise<Answer> => {
      const items = await api.list(
        '/v1/failed',
        { kind: given.text('kind'), userId: given.text('user') },
        wholeNumber('limit', given.text('limit'), 50),
      );
      const rows = items.map((item) => [item['id'], item['at'], item['userId'], whatOf(item), whyOf(item)]);
      return { json: items, text: table(['ID', 'SINCE', 'USER', 'WHAT', 'WHY'], rows, 'Nothing failed.') };
    },
  },
  acting(
    'release',
    'Have the events of parked keys handled, in their order.',
    'The cause must be mended first: what fails again stays parked, and those behind it with it.',
  ),
  acting(
    'discard',
    'Drop what a parked key can’t go on with; say of the rest that it was seen to.',
    `Of a parked key, the first event is dropped for good, and those behind it are handled. --events all drops them too. Of a dead
letter or an order that failed nothing is dropped: it leaves the list.`,
    {
      events: {
        type: 'string',
        hint: 'first|all',
        help: 'Of a parked key: its first event (default), or all that wait.',
      },
    },
  ),
  acting(
    'retry',
    'Put dead letters that were unreadable back to their topic.',
    'They are judged anew, their identity and age included. An order that failed is never sent again.',
  ),
];

function acting(action: Action, summary: string, details: string, options = {}): Command {
  return {
    name: `failed ${action}`,
    usage: 'ID...',
    summary,
    details,
    arity: [1, 1_000],
    options: { reason: REASON, ...options },
    run: (context, given) => actOnAll(context, given, action),
  };
}

/** One after the other; one that can't be done does not keep the others from it. */
const actOnAll = async ({ api }: Context, given: Given, action: Action): Promise<Answer> => {
  const reason = given.text('reason');
  if (reason === undefined) throw new Failure(EXIT.usage, '--reason is needed: the audit trail keeps it.');
  const body = { reason, ...(given.text('events') === undefined ? {} : { events: given.text('events') }) };
  const results: Body[] = [];
  for (const id of given.arguments) results.push(await actOn(api, id, action, body));
  const bad = results.some((result) => result['error'] !== undefined);
  const text = results.map((result) => `${String(result['id'])}  ${String(result['error'] ?? result['detail'])}\n`);
  return { json: results, text: text.join(''), bad };
};

const actOn = async (api: Api, id: string, action: Action, body: Body): Promise<Body> => {
  try {
    return await api.send('POST', `/v1/failed/${encodeURIComponent(id)}/${action}`, body);
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== EXIT.refused) throw error;
    return { id, action, error: error.message };
  }
};

const whatOf = (item: Body): string => {
  switch (item['kind']) {
    case 'parked':
      return `${text(item, 'events')} events parked in ${text(item, 'group')}${item['releasing'] === true ? ', releasing' : ''}`;
    case 'dead_letter':
      return `dead letter of ${text(item, 'topic')}`;
    default:
      return `order ${text(item, 'orderId')} at ${text(item, 'venue')}`;
  }
};

const whyOf = (item: Body): string =>
  item['kind'] === 'parked' ? text(item, 'reason') : `${text(item, 'code')}: ${text(item, 'message')}`;

const text = (item: Body, field: string): string => {
  const value = item[field];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
};

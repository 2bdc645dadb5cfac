import { join, relative } from 'node:path';
import { deriveId } from '@switchyard/log';

export interface WelcomeOptions {
  readonly url: string;
  readonly dataDir: string;
  readonly venues: ReadonlyMap<string, string>;
  readonly readyAfter: string;
  readonly demo: boolean;
  readonly now: Date;
}

/** What stands on the terminal when everything runs: the address, the tokens' place, and two commands to paste. */
export function welcome({ url, dataDir, venues, readyAfter, demo, now }: WelcomeOptions): string {
  const file = join(dataDir, 'tokens.json');
  const path = relative(process.cwd(), file).startsWith('..') ? file : `./${relative(process.cwd(), file)}`;
  const lines = [
    '',
    `Switchyard is ready after ${readyAfter}: ${url}`,
    `  tokens            ${path}  (admin, operator${demo ? ', demo, demo-bot, demo-desk' : ''})`,
    ...[...venues].map(([venue, origin]) => `  simulated venue   ${venue}  ${origin}  (ledger: ${origin}/_ledger)`),
    `  API               ${url}/v1/openapi.json`,
    '  orders are dry-run: no real venue is called',
  ];
  if (demo) {
    const signalId = `hello-${String(now.getTime())}`;
    const bearerOf = (user: string): string =>
      `-H "authorization: Bearer $(sed -n 's/.*"${user}": "\\(.*\\)".*/\\1/p' ${path})"`;
    const bearer = bearerOf('demo');
    const post = (body: string, as: string): string =>
      `  curl -s ${url}/v1/signals ${as} -H 'content-type: application/json' -d '${body}'`;
    // At the market: a limit at the touch would rest whenever the book moves between looking and sending.
    const signal = `{"signalId":"${signalId}","pair":"BTC-USD","side":"buy","signalType":"entry","orderType":"market","size":{"quote":"250.00"}}`;
    lines.push(
      '',
      'Send a signal as the user demo:',
      '',
      post(signal, bearer),
      '',
      'and see what became of it:',
      '',
      `  curl -s ${url}/v1/orders/${deriveId('parent-order', 'demo', signalId)} ${bearer}`,
    );
    if (venues.size > 1) {
      const large = `{"signalId":"large-${String(now.getTime())}","pair":"BTC-USD","side":"buy","signalType":"entry","orderType":"market","size":{"base":"25"}}`;
      lines.push(
        '',
        'As demo-desk, who is rich, one that several venues together fill for less than any one: it is split.',
        '',
        post(large, bearerOf('demo-desk')),
      );
    }
  }
  return [...lines, '', 'Ctrl-C stops it; the next start goes on from here.', ''].join('\n');
}

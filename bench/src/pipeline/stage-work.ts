/** What a stage has done: events, and the transactions that it took for them. */
export interface StageWork {
  readonly events: number;
  readonly transactions: number;
  /** Seconds between the begin of its transactions and the confirmation of what they published, added up. */
  readonly seconds: number;
}

/** Reads the stages' metrics (`switchyard_stage_...`) of all these processes. */
export const stageWork = async (urls: readonly string[]): Promise<ReadonlyMap<string, StageWork>> => {
  const found = new Map<string, StageWork>();
  for (const url of urls) {
    const text = await (await fetch(url)).text();
    for (const line of text.split('\n')) {
      const match =
        /^switchyard_stage_(events_total|transaction_seconds_count|transaction_seconds_sum)\{(?:.*,)?service="([^"]+)".*\} (\S+)$/.exec(
          line,
        );
      if (match === null) continue;
      const [, metric, service = '', value] = match;
      const before = found.get(service) ?? { events: 0, transactions: 0, seconds: 0 };
      found.set(service, {
        events: before.events + (metric === 'events_total' ? Number(value) : 0),
        transactions: before.transactions + (metric === 'transaction_seconds_count' ? Number(value) : 0),
        seconds: before.seconds + (metric === 'transaction_seconds_sum' ? Number(value) : 0),
      });
    }
  }
  return found;
};

export const workSince = (
  before: ReadonlyMap<string, StageWork>,
  after: ReadonlyMap<string, StageWork>,
): ReadonlyMap<string, StageWork> =>
  new Map(
    [...after].map(([service, { events, transactions, seconds }]) => {
      const base = before.get(service) ?? { events: 0, transactions: 0, seconds: 0 };
      return [
        service,
        {
          events: events - base.events,
          transactions: transactions - base.transactions,
          seconds: seconds - base.seconds,
        },
      ];
    }),
  );

/** For people: `risk 35 (4.1 ms)`, events a transaction and how long one takes. */
export const describeWork = (work: ReadonlyMap<string, StageWork>): string =>
  [...work]
    .filter(([, { transactions }]) => transactions > 0)
    .map(
      ([service, { events, transactions, seconds }]) =>
        `${service} ${(events / transactions).toFixed(1)} in ${((seconds / transactions) * 1_000).toFixed(1)} ms x ${transactions}`,
    )
    .join(', ');

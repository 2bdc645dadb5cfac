/** What `PUT /v1/trading-state/{scope}` answers, as far as it is asked for. */
interface StateAnswer {
  readonly executors?: readonly {
    readonly venue: string;
    readonly acknowledged: boolean;
    readonly unresolved?: number;
  }[];
}

/** Venues whose executors keep the state, with nothing out of which they don't know. */
export const verifiedVenues = (answer: unknown, among: readonly string[]): readonly string[] =>
  ((answer as StateAnswer).executors ?? [])
    .filter(({ acknowledged, unresolved, venue }) => acknowledged && unresolved === 0 && among.includes(venue))
    .map(({ venue }) => venue);

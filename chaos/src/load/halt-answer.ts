/** What `PUT /v1/trading-state/{scope}` answers, as far as it is asked for. */
interface StateAnswer {
  readonly executors?: readonly { readonly venue: string; readonly unresolved: number }[];
}

/** Venues whose executors keep the state, with nothing on its way of which they don't know. */
export const verifiedVenues = (answer: unknown, among: readonly string[]): readonly string[] =>
  ((answer as StateAnswer).executors ?? [])
    .filter(({ unresolved, venue }) => unresolved === 0 && among.includes(venue))
    .map(({ venue }) => venue);

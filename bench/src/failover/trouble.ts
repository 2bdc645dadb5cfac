import { post } from '../pipeline/venue-accounts.js';
import type { Way } from './way.js';

/** Where the venue in trouble is told of it. */
export interface Victim {
  /** Past the way that services take. */
  readonly url: string;
  readonly way: Way;
}

const fault =
  (body: object) =>
  ({ url }: Victim): Promise<void> =>
    post(`${url}/_faults`, body);

/** What a venue does that takes no orders. All but `unreachable` are faults of the paper exchange. */
export const TROUBLES = {
  /** It says no to every new order. */
  refuse: fault({ fault: 'refuse' }),
  /** It tells everybody to come back later. */
  http_429: fault({ fault: 'http_429' }),
  /** Nobody listens at its address. */
  unreachable: ({ way }: Victim) => way.shut(),
  /** It takes connections and resets each with the request in it: what is written may have arrived, for all that a client knows. */
  down: fault({ fault: 'down' }),
  /** 500, whatever is asked: again nobody knows. */
  http_500: fault({ fault: 'http_500' }),
} as const satisfies Readonly<Record<string, (victim: Victim) => Promise<void>>>;

export type Trouble = keyof typeof TROUBLES;

export const heal = async ({ url, way }: Victim): Promise<void> => {
  const response = await fetch(`${url}/_faults`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`${url} did not clear its faults: ${response.status}`);
  await response.body?.cancel();
  await way.shut();
  await way.open();
};

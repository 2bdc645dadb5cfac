import type { Exchange } from '../core/exchange.js';
import type { VenueReply } from './dialect.js';

/**
 * A reply, or the venue's words for the error that making it threw (`inWords` gives `undefined` for what is none of the dialect's: a bug).
 * Either waits until what it speaks of is on disk, refusals and look-ups too: nobody may hear of what a crash could still undo.
 */
export const answering = async (
  exchange: Exchange,
  make: () => VenueReply,
  inWords: (error: unknown) => VenueReply | undefined,
): Promise<VenueReply> => {
  let reply: VenueReply;
  try {
    reply = make();
  } catch (error) {
    const said = inWords(error);
    if (said === undefined) throw error;
    reply = said;
  }
  await exchange.durable();
  return reply;
};

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): VenueReply => ({
  status,
  headers,
  body: JSON.stringify(body),
});

import type { LedgerRow } from '@switchyard/paper-exchange-service';

/** A row of a venue's ledger. Account keys are different at all venues. */
export interface VenueRow extends LedgerRow {
  readonly venue: string;
}

/** A signal that the load put to a door. */
export interface OfferedSignal {
  readonly signalId: string;
  readonly userId: string;
  /** `none`: no answer came before the load ended; it may have been taken or not. */
  readonly answer: 'accepted' | 'refused' | 'none';
}

/** What an event said, as far as a rule asks for it. */
export interface Said {
  readonly orderId?: string;
  readonly parentOrderId?: string;
  readonly orderVersion?: number;
  readonly clientOrderId?: string;
  readonly quantity?: string;
  readonly status?: string;
  readonly code?: string;
  readonly stage?: string;
}

/** One row of the audit trail. */
export interface AuditFact {
  /** The partition of the log that it came from. */
  readonly chain: number;
  readonly row: number;
  readonly topic: string;
  readonly userId: string | undefined;
  readonly signalId: string | undefined;
  readonly eventId: string;
  /** Who wrote it; undefined for strangers. */
  readonly source: string | undefined;
  readonly sequence: number;
  /** RFC 3339, as the event said it. */
  readonly time: string;
  readonly said: Said;
}

/** A number of a source under which a door published again what the trail has: it is written once. */
export interface Repeat {
  readonly chain: number;
  readonly topic: string;
  readonly source: string;
  readonly sequence: number;
}

export interface Execution {
  readonly venue: string;
  readonly accountKey: string;
  readonly clientOrderId: string;
  readonly tradeId: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeCurrency: string;
}

/** An order as our lists show it. */
export interface ShownOrder {
  readonly orderId: string;
  readonly clientOrderId: string | undefined;
  readonly status: string;
  readonly filledQuantity: string;
}

export interface ShownPosition {
  readonly accountKey: string;
  /** Base currency of its pair. */
  readonly base: string;
  readonly status: 'open' | 'closed';
  readonly quantity: string;
  /** What a closed one left behind. */
  readonly dust: string | undefined;
  readonly openedAt: string;
}

/** So much of a currency, in an account. */
export interface Holding {
  readonly accountKey: string;
  readonly currency: string;
  readonly quantity: string;
}

export interface Books {
  readonly executions: readonly Execution[];
  readonly orders: readonly ShownOrder[];
  readonly positions: readonly ShownPosition[];
  /** What reconciliation's books hold of each base currency, dust included. */
  readonly held: readonly Holding[];
  /** The balances shown: the last that were told. */
  readonly balances: readonly Holding[];
  /** What risk counts on in each account: what was told, and every fill since. */
  readonly countedOn: readonly Holding[];
  /** Parent orders for which risk still reserves something. */
  readonly reserved: readonly { readonly userId: string; readonly parentOrderId: string }[];
}

/** A stretch in which nothing that opens a position was to be sent. */
export interface Halt {
  readonly scope: string;
  /** Undefined: everybody's. */
  readonly accountKeys: readonly string[] | undefined;
  /** Whose executors had acknowledged it, with nothing unverified. */
  readonly venues: readonly string[];
  /** From the answer that said so until somebody asked to go on; milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** All that is known when a run is quiet: what the doors answered, what the trail says, what the books say, and what the venues know. */
export interface Evidence {
  /** In the order in which each user's were sent. */
  readonly offered: readonly OfferedSignal[];
  /** What a strategy's signals were to become: one each of every account that follows it. */
  readonly copies: readonly OfferedSignal[];
  readonly halts: readonly Halt[];
  /** By chain and row. */
  readonly audit: readonly AuditFact[];
  readonly repeats: readonly Repeat[];
  /** Of all venues. */
  readonly ledger: readonly VenueRow[];
  readonly venueBalances: readonly Holding[];
  readonly books: Books;
  /** Where a signal without an end is still to be seen: a sentence a place. */
  readonly inWork: ReadonlyMap<string, readonly string[]>;
  /** What the check of the trail's own hashes found. */
  readonly trail: readonly string[];
}

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]?: Name };

/** Ids of different things are different types, so that a venue's order id can't be stored as ours. */
export type UserId = Branded<'UserId'>;
export type AccountId = Branded<'AccountId'>;
export type StrategyId = Branded<'StrategyId'>;
export type SignalId = Branded<'SignalId'>;
export type ParentOrderId = Branded<'ParentOrderId'>;
/** A child order: one order at one venue. */
export type OrderId = Branded<'OrderId'>;
/** What we send to the venue as our id, derived from the child order alone: 32 lower-case hex characters. */
export type ClientOrderId = Branded<'ClientOrderId'>;
export type VenueOrderId = Branded<'VenueOrderId'>;
export type VenueTradeId = Branded<'VenueTradeId'>;

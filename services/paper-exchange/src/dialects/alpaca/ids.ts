import type { VenueIds } from '../../core/ledger.js';

const HEAD = 'a19aca00-0000-4000-8000-';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const uuid = (number: number): string => HEAD + number.toString(16).padStart(12, '0');

/** Orders have UUIDs; fills have a number that rises (at Alpaca the moment in New York) and a UUID. */
export const alpacaIds: VenueIds = {
  order: uuid,
  trade: (number) => `${String(number).padStart(17, '0')}::${uuid(number)}`,
};

/** The number of one of our orders, `undefined` for any other UUID, `null` for what is none. */
export const orderNumber = (id: string): number | undefined | null => {
  if (!UUID.test(id)) return null;
  return id.startsWith(HEAD) ? Number.parseInt(id.slice(HEAD.length), 16) : undefined;
};

export const tradeNumber = (id: string): number | undefined => {
  const [, digits] = /^(\d{17})::/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

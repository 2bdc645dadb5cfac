import { randomUUID } from 'node:crypto';
import type { VenueIds } from '../../core/ledger.js';
import type { Order } from '../../core/order.js';

/** Ids of Kraken's shape: a letter and sixteen more characters, `O00000-00000-00001A`; here the core's running number, base 36. */
const LENGTH = 16;
const SHAPE = /^([OT])([A-Z0-9]{5})-([A-Z0-9]{5})-([A-Z0-9]{6})$/;

const write = (letter: 'O' | 'T', number: number): string => {
  const digits = number.toString(36).toUpperCase().padStart(LENGTH, '0');
  return `${letter}${digits.slice(0, 5)}-${digits.slice(5, 10)}-${digits.slice(10)}`;
};

const read = (letter: 'O' | 'T', id: string): number | undefined => {
  const [, kind, ...digits] = SHAPE.exec(id) ?? [];
  if (kind !== letter) return undefined;
  const number = Number.parseInt(digits.join(''), 36);
  return Number.isSafeInteger(number) ? number : undefined;
};

export const ids: VenueIds = {
  order: (number) => write('O', number),
  trade: (number) => write('T', number),
};

/** The core's number, `undefined` for what has not the shape of an id. */
export const orderNumber = (id: string): number | undefined => read('O', id);
export const tradeNumber = (id: string): number | undefined => read('T', id);

/** The core wants every order to have a client id; this one says that its customer gave none, and which `userref` instead. */
export const madeUpId = (userref: string | undefined): string => `~${userref ?? ''}~${randomUUID()}`;

const MADE_UP = /^~(-?\d*)~/;

export const clientIdOf = ({ clientOrderId }: Order): string | null =>
  MADE_UP.test(clientOrderId) ? null : clientOrderId;

export const userrefOf = ({ clientOrderId }: Order): number | null => {
  const userref = MADE_UP.exec(clientOrderId)?.[1];
  return userref === undefined || userref === '' ? null : Number(userref);
};

/** An error of the store, by its SQLSTATE: what reads Postgres' errors reads these. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const connectionLost = (): StoreError => new StoreError('08006', 'the connection to the store was lost');
export const deadlock = (): StoreError => new StoreError('40P01', 'deadlock detected');
export const duplicate = (key: string): StoreError => new StoreError('23505', `the key ${key} exists already`);
export const aborted = (): StoreError => new StoreError('25P02', 'an earlier statement of this transaction failed');
export const outOfRoom = (message: string): StoreError => new StoreError('53400', message);

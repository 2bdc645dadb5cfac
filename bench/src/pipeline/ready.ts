import type { Queryable } from '@switchyard/persistence';

const PATIENCE_MS = 60_000;

/** Until risk knows what every one of so many accounts holds: before that it approves nothing. */
export const balancesKnown = async (db: Queryable, accounts: number): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    // Each account of a user's document names its snapshot.
    const { rows } = await db.query<{ known: number }>(
      `SELECT coalesce(sum(regexp_count(doc, '"snapshot":')), 0)::float8 AS known FROM risk.documents WHERE kind = 'user'`,
    );
    const known = rows[0]?.known ?? 0;
    if (known >= accounts) return;
    if (performance.now() > end)
      throw new Error(
        `risk knows the balances of ${known} accounts after ${PATIENCE_MS / 1_000} s, not of ${accounts}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

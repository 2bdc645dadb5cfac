import type { Queryable } from '@switchyard/persistence';

export const APPROVAL_KINDS = ['live_account', 'flatten_all'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export interface AboutAccount {
  readonly userId: string;
  readonly accountId: string;
}

export interface AboutState {
  readonly scope: string;
  readonly version: number;
}

export interface StoredApproval {
  readonly approvalId: string;
  readonly kind: ApprovalKind;
  /** What it is about: an account that waits, or a version of a trading state under which positions are to be closed. */
  readonly about: AboutAccount | AboutState;
  /** `expired` is what is pending after its time. */
  readonly status: ApprovalStatus;
  readonly requestedBy: string;
  /** The token's id. */
  readonly requestedWith: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | undefined;
  readonly decidedAt: Date | undefined;
  readonly reason: string | undefined;
}

interface Row {
  readonly approval_id: string;
  readonly kind: ApprovalKind;
  readonly user_id: string | null;
  readonly account_id: string | null;
  readonly scope: string | null;
  readonly version: string | null;
  readonly status: ApprovalStatus;
  readonly requested_by: string;
  readonly requested_with: string;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
}

const STATUS = `case when status = 'pending' and expires_at <= now() then 'expired' else status end`;
const COLUMNS = `approval_id, kind, user_id, account_id, scope, version, ${STATUS} as status, requested_by, requested_with, requested_at, expires_at,
  decided_by, decided_at, reason`;

const approvalOf = (row: Row): StoredApproval => ({
  approvalId: row.approval_id,
  kind: row.kind,
  about:
    row.scope === null
      ? { userId: row.user_id ?? '', accountId: row.account_id ?? '' }
      : { scope: row.scope, version: Number(row.version) },
  status: row.status,
  requestedBy: row.requested_by,
  requestedWith: row.requested_with,
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  decidedBy: row.decided_by ?? undefined,
  decidedAt: row.decided_at ?? undefined,
  reason: row.reason ?? undefined,
});

export type NewApproval = Pick<
  StoredApproval,
  'approvalId' | 'kind' | 'about' | 'requestedBy' | 'requestedWith' | 'reason'
>;

export const insertApproval = async (
  db: Queryable,
  { approvalId, kind, about, requestedBy, requestedWith, reason }: NewApproval,
  validS: number,
): Promise<StoredApproval> => {
  const subject =
    'scope' in about ? [null, null, about.scope, about.version] : [about.userId, about.accountId, null, null];
  const { rows } = await db.query<Row>(
    `insert into approvals (approval_id, kind, user_id, account_id, scope, version, status, requested_by, requested_with, reason, expires_at)
     values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, now() + make_interval(secs => $10)) returning ${COLUMNS}`,
    [approvalId, kind, ...subject, requestedBy, requestedWith, reason ?? null, validS],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an approval was not stored');
  return approvalOf(row);
};

export const findApproval = async (
  db: Queryable,
  approvalId: string,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<StoredApproval | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from approvals where approval_id = $1 ${lock ? 'for update' : ''}`,
    [approvalId],
  );
  return rows[0] && approvalOf(rows[0]);
};

export interface Decided {
  readonly status: 'approved' | 'rejected' | 'withdrawn';
  readonly decidedBy: string;
  readonly decidedWith: string | undefined;
  readonly reason: string | undefined;
}

export const decideApproval = async (
  db: Queryable,
  approvalId: string,
  { status, decidedBy, decidedWith, reason }: Decided,
): Promise<void> => {
  await db.query(
    `update approvals set status = $2, decided_by = $3, decided_with = $4, reason = coalesce($5, reason), decided_at = now()
     where approval_id = $1`,
    [approvalId, status, decidedBy, decidedWith ?? null, reason ?? null],
  );
};

export interface ApprovalsWanted {
  readonly status: ApprovalStatus | undefined;
  /** Only of this user, or asked for by them. */
  readonly of: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export const listApprovals = async (
  db: Queryable,
  { status, of, limit }: ApprovalsWanted,
): Promise<readonly StoredApproval[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from approvals where ($1::text is null or ${STATUS} = $1)
       and ($2::text is null or user_id = $2 or requested_by = $2)
     order by requested_at desc, approval_id limit $3`,
    [status ?? null, of ?? null, limit],
  );
  return rows.map(approvalOf);
};

/** The request that waits for this version of a trading state. */
export const findStateApproval = async (
  db: Queryable,
  { scope, version }: AboutState,
): Promise<StoredApproval | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from approvals where scope = $1 and version = $2 and status = 'pending'`,
    [scope, version],
  );
  return rows[0] && approvalOf(rows[0]);
};

/** Who made these tokens, by token. */
export const makersOf = async (db: Queryable, tokenIds: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await db.query<{ token_id: string; created_by: string }>(
    'select token_id, created_by from tokens where token_id = any ($1::text[])',
    [tokenIds],
  );
  return new Map(rows.map(({ token_id, created_by }) => [token_id, created_by]));
};

/** Accounts whose approval ran out: users, to be changed one by one. */
export const usersWithExpired = async (db: Queryable, limit: number): Promise<readonly string[]> => {
  const { rows } = await db.query<{ user_id: string }>(
    `select distinct e.user_id from exchange_accounts e join approvals a on a.approval_id = e.pending_approval
     where e.removed_at is null and a.expires_at <= now() limit $1`,
    [limit],
  );
  return rows.map(({ user_id }) => user_id);
};

/** The account may be used from now on. @returns false where it is gone */
export const putInForce = async (db: Queryable, approvalId: string, accountId: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update exchange_accounts set pending_approval = null
     where account_id = $1 and pending_approval = $2 and removed_at is null`,
    [accountId, approvalId],
  );
  return rowCount === 1;
};

/** An account that was never used goes at once, with its keys. */
export const dropPending = async (db: Queryable, approvalId: string): Promise<void> => {
  await db.query(
    `update exchange_accounts set removed_at = now(), erased_at = now(), sealed = null, key_fingerprint = null
     where pending_approval = $1 and removed_at is null`,
    [approvalId],
  );
};

/** The same of a user's accounts whose approval ran out. @returns how many went */
export const dropExpired = async (db: Queryable, userId: string): Promise<number> => {
  const { rowCount } = await db.query(
    `update exchange_accounts e set removed_at = now(), erased_at = now(), sealed = null, key_fingerprint = null
     from approvals a where e.user_id = $1 and e.removed_at is null and a.approval_id = e.pending_approval and a.expires_at <= now()`,
    [userId],
  );
  return rowCount;
};

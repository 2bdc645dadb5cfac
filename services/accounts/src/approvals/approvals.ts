import { randomBytes } from 'node:crypto';
import type { Principal } from '@switchyard/auth';
import type { OperatorActed } from '@switchyard/contracts';
import { Problem } from '@switchyard/http';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import type { Change, Changed, UserChanges } from '../policy/user-changes.js';
import {
  decideApproval,
  dropPending,
  findApproval,
  findStateApproval,
  insertApproval,
  listApprovals,
  makersOf,
  putInForce,
  type AboutAccount,
  type AboutState,
  type ApprovalKind,
  type ApprovalsWanted,
  type StoredApproval,
} from '../store/approvals.js';
import { lockState } from '../store/trading-states.js';
import { deleteSubscriptionsOfAccount } from '../subscriptions/stored-subscription.js';

export interface ApprovalsOptions {
  /** What needs a second person in this deployment. */
  readonly required: readonly ApprovalKind[];
  /** How long a request waits. */
  readonly validS: number;
}

export type Verdict = 'approved' | 'rejected';

/**
 * What needs a second person before it has an effect.
 *
 * 1. The second person is an operator or an admin who is neither who asked nor whom it concerns, and whose token was not made by who asked,
 *    nor the other way round: an admin who makes a token for a colleague is still one person.
 * 2. The decision, what it does and the event that tells of it (`OperatorActed`) are one commit, under a lock: a request is decided once.
 * 3. What is asked for is stored whole with the request, and can't be changed while it waits: what was approved is what happens.
 * 4. A request that nobody decides in time has no effect, and is cleared away.
 */
export class Approvals {
  readonly #db: Database;
  readonly #log: Pick<EventLog<Tx>, 'append'>;
  readonly #changes: UserChanges;
  readonly #options: ApprovalsOptions;

  constructor(db: Database, log: Pick<EventLog<Tx>, 'append'>, changes: UserChanges, options: ApprovalsOptions) {
    this.#db = db;
    this.#log = log;
    this.#changes = changes;
    this.#options = options;
  }

  needs(kind: ApprovalKind): boolean {
    return this.#options.required.includes(kind);
  }

  list(wanted: ApprovalsWanted): Promise<readonly StoredApproval[]> {
    return listApprovals(this.#db, wanted);
  }

  /** Within the transaction that stores the account that waits. */
  requestAccount(tx: Tx, about: AboutAccount, by: Principal): Promise<StoredApproval> {
    return this.#request(tx, 'live_account', about, undefined, by);
  }

  /** That everybody's positions be closed under this version of the global state. Who asks again hears of the same request. */
  requestFlatten(about: AboutState, reason: string, by: Principal): Promise<StoredApproval> {
    return this.#db.transaction(async (tx) => {
      await lockState(tx, about.scope);
      const waiting = await findStateApproval(tx, about);
      if (waiting?.status === 'pending') return waiting;
      if (waiting !== undefined) await decideApproval(tx, waiting.approvalId, OVERDUE);
      return this.#request(tx, 'flatten_all', about, reason, by);
    });
  }

  /** Throws `Problem`: NOT_FOUND, SECOND_PERSON_NEEDED, APPROVAL_OVER. The same verdict again changes nothing. */
  async decide(
    approvalId: string,
    verdict: Verdict,
    reason: string | undefined,
    by: Principal,
  ): Promise<Pick<Changed<StoredApproval>, 'result' | 'missing'>> {
    const asked = await findApproval(this.#db, approvalId);
    if (asked === undefined) throw noSuchApproval(approvalId);
    const { about, requestedBy } = asked;
    const settle = (tx: Tx): Promise<Change<StoredApproval>> => this.#settle(tx, approvalId, verdict, reason, by);
    if ('scope' in about) return { result: (await this.#db.transaction(settle)).result, missing: [] };
    const said = `account ${about.accountId}, asked for by ${requestedBy}, ${verdict} (${approvalId})`;
    return this.#changes.change(about.userId, { changedBy: by.userId, reason: said }, settle);
  }

  async #settle(
    tx: Tx,
    approvalId: string,
    verdict: Verdict,
    reason: string | undefined,
    by: Principal,
  ): Promise<Change<StoredApproval>> {
    const approval = await findApproval(tx, approvalId, { lock: true });
    if (approval === undefined) throw noSuchApproval(approvalId);
    await refuseSamePerson(tx, approval, by);
    if (approval.status === verdict) return { result: approval, unchanged: true };
    if (approval.status !== 'pending') throw over(approval);
    await this.#effect(tx, approval, verdict);
    const decision = { status: verdict, decidedBy: by.userId, decidedWith: by.tokenId, reason };
    await decideApproval(tx, approvalId, decision);
    const decided = (await findApproval(tx, approvalId)) ?? approval;
    await this.#log.append(tx, [actOf(decided, verdict === 'approved' ? 'approve' : 'reject', by)]);
    return { result: decided };
  }

  /** What follows within the transaction. Positions are closed by whoever hears of the approval. */
  async #effect(tx: Tx, approval: StoredApproval, verdict: Verdict): Promise<void> {
    const { approvalId, about } = approval;
    if ('scope' in about) {
      const { state, version } = await lockState(tx, about.scope);
      // Who resumed meanwhile, or ordered something else, did not mean that.
      if (verdict === 'approved' && (state === 'active' || version !== about.version))
        throw over({ ...approval, status: 'withdrawn' });
    } else if (verdict === 'approved') {
      if (!(await putInForce(tx, approvalId, about.accountId))) throw over({ ...approval, status: 'withdrawn' });
    } else {
      await deleteSubscriptionsOfAccount(tx, about.accountId);
      await dropPending(tx, approvalId);
    }
  }

  async #request(
    tx: Tx,
    kind: ApprovalKind,
    about: StoredApproval['about'],
    reason: string | undefined,
    by: Principal,
  ): Promise<StoredApproval> {
    const approvalId = `apr-${randomBytes(8).toString('hex')}`;
    const requested = { requestedBy: by.userId, requestedWith: by.tokenId, reason };
    const approval = await insertApproval(tx, { approvalId, kind, about, ...requested }, this.#options.validS);
    await this.#log.append(tx, [actOf(approval, 'request', by)]);
    return approval;
  }
}

const OVERDUE = { status: 'withdrawn', decidedBy: 'system', decidedWith: undefined, reason: undefined } as const;

/** Keyed by the user it concerns, by who acted where it concerns all. */
const actOf = (approval: StoredApproval, action: 'request' | 'approve' | 'reject', by: Principal): OutgoingEvent => {
  const { approvalId, kind, about, requestedBy, reason = '' } = approval;
  const userId = 'scope' in about ? undefined : about.userId;
  const actId = deriveId('approval', approvalId, action);
  const payload: OperatorActed = {
    ...{ actId, action, itemKind: 'approval', itemId: approvalId },
    ...(userId === undefined ? {} : { userId }),
    ...{ actedBy: by.userId, role: by.role, tokenId: by.tokenId, reason },
    facts: { kind, requestedBy, ...about },
    actedAt: (approval.decidedAt ?? approval.requestedAt).toISOString(),
  };
  return { topic: 'OperatorActed', type: 'OperatorActed', key: userId ?? by.userId, payload, cause: { id: actId } };
};

const noSuchApproval = (approvalId: string): Problem =>
  new Problem('NOT_FOUND', 'There is no such request, or it is not yours to see.', { facts: { approvalId } });

const over = ({ approvalId, status }: StoredApproval): Problem =>
  new Problem('APPROVAL_OVER', `This request is ${status}; it has no effect any more: ask again.`, {
    facts: { approvalId, status },
  });

const refuseSamePerson = async (tx: Tx, approval: StoredApproval, by: Principal): Promise<void> => {
  const { approvalId, about, requestedBy, requestedWith } = approval;
  const concerned = 'scope' in about ? undefined : about.userId;
  const makers = await makersOf(tx, [by.tokenId, requestedWith]);
  const isSame =
    [requestedBy, concerned].includes(by.userId) ||
    makers.get(by.tokenId) === requestedBy ||
    makers.get(requestedWith) === by.userId;
  if (!isSame) return;
  throw new Problem(
    'SECOND_PERSON_NEEDED',
    'Another operator or admin has to decide this, with a token of their own.',
    {
      facts: { approvalId, requestedBy },
    },
  );
};

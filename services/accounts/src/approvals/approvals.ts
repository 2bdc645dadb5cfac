import { randomBytes } from 'node:crypto';
import type { Principal } from '@switchyard/auth';
import { Problem } from '@switchyard/http';
import type { Queryable, Tx } from '@switchyard/persistence';
import type { Changed, UserChanges } from '../policy/user-changes.js';
import {
  decideApproval,
  dropPending,
  findApproval,
  insertApproval,
  listApprovals,
  makersOf,
  putInForce,
  type ApprovalKind,
  type ApprovalsWanted,
  type StoredApproval,
} from '../store/approvals.js';
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
 * 2. The decision, what it does and the event that tells of it are one commit, under the lock of the user concerned: a request is decided once.
 * 3. What is asked for is stored whole with the request, and can't be changed while it waits: what was approved is what happens.
 * 4. A request that nobody decides in time has no effect, and is cleared away.
 */
export class Approvals {
  readonly #db: Queryable;
  readonly #changes: UserChanges;
  readonly #options: ApprovalsOptions;

  constructor(db: Queryable, changes: UserChanges, options: ApprovalsOptions) {
    this.#db = db;
    this.#changes = changes;
    this.#options = options;
  }

  needs(kind: ApprovalKind): boolean {
    return this.#options.required.includes(kind);
  }

  list(wanted: ApprovalsWanted): Promise<readonly StoredApproval[]> {
    return listApprovals(this.#db, wanted);
  }

  /** Within the transaction that stores what waits. */
  request(
    tx: Tx,
    kind: ApprovalKind,
    { userId, accountId }: { readonly userId: string; readonly accountId: string },
    by: Principal,
  ): Promise<StoredApproval> {
    const approvalId = `apr-${randomBytes(8).toString('hex')}`;
    const requested = { requestedBy: by.userId, requestedWith: by.tokenId };
    return insertApproval(tx, { approvalId, kind, userId, accountId, ...requested }, this.#options.validS);
  }

  /** Throws `Problem`: NOT_FOUND, SECOND_PERSON_NEEDED, APPROVAL_OVER. The same verdict again changes nothing. */
  async decide(
    approvalId: string,
    verdict: Verdict,
    reason: string | undefined,
    by: Principal,
  ): Promise<Changed<StoredApproval>> {
    const asked = await findApproval(this.#db, approvalId);
    if (asked === undefined) throw noSuchApproval(approvalId);
    const { userId, accountId, requestedBy } = asked;
    const author = {
      changedBy: by.userId,
      reason: `account ${accountId}, asked for by ${requestedBy}, ${verdict} (${approvalId})`,
    };
    return this.#changes.change(userId, author, async (tx) => {
      const approval = await findApproval(tx, approvalId, { lock: true });
      if (approval === undefined) throw noSuchApproval(approvalId);
      await refuseSamePerson(tx, approval, by);
      if (approval.status === verdict) return { result: approval, unchanged: true };
      if (approval.status !== 'pending') throw over(approval);
      if (verdict === 'approved') {
        if (!(await putInForce(tx, approval))) throw over({ ...approval, status: 'withdrawn' });
      } else {
        await deleteSubscriptionsOfAccount(tx, accountId);
        await dropPending(tx, approvalId);
      }
      await decideApproval(tx, approvalId, {
        status: verdict,
        decidedBy: by.userId,
        decidedWith: by.tokenId,
        reason,
      });
      return { result: (await findApproval(tx, approvalId)) ?? approval };
    });
  }
}

const noSuchApproval = (approvalId: string): Problem =>
  new Problem('NOT_FOUND', 'There is no such request, or it is not yours to see.', { facts: { approvalId } });

const over = ({ approvalId, status }: StoredApproval): Problem =>
  new Problem('APPROVAL_OVER', `This request is ${status}; it has no effect any more: ask again.`, {
    facts: { approvalId, status },
  });

const refuseSamePerson = async (tx: Tx, approval: StoredApproval, by: Principal): Promise<void> => {
  const { approvalId, userId, requestedBy, requestedWith } = approval;
  const makers = await makersOf(tx, [by.tokenId, requestedWith]);
  const isSame =
    [requestedBy, userId].includes(by.userId) ||
    makers.get(by.tokenId) === requestedBy ||
    makers.get(requestedWith) === by.userId;
  if (!isSame) return;
  throw new Problem(
    'SECOND_PERSON_NEEDED',
    'Another operator or admin has to decide this, with a token of their own.',
    {
      facts: { approvalId, requestedBy, userId },
    },
  );
};

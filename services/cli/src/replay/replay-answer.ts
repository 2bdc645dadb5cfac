import { tableOf } from '@switchyard/routing-domain';
import type { Evidence } from '@switchyard/journal-service';
import type { Answer } from '../command.js';
import { card } from '../table.js';
import { differenceText } from './replay-decision.js';
import type { ReplayedDecision, ReplayedOrder } from './replay-order.js';

/** A replayed order for people and for programs. The last line for people is `same`, or why not. */
export const answerOf = (replayed: ReplayedOrder): Answer => {
  const { order, approved, evidence, decisions, verdict } = replayed;
  const { intact, rows, unsealedRows, findings, heads } = evidence;
  return {
    json: {
      ...order,
      ...verdict,
      trail: { intact, rows, unsealedRows, findings, heads },
      decisions: decisions.map(({ decision, realised, result }) => ({
        ...result,
        decidedAt: decision.record.decidedAt,
        children: decision.children.map(({ orderId, plan }) => ({
          orderId,
          ...plan,
          realised: realised[plan.accountId],
        })),
        decision: { ...decision.record, inputs: decision.inputs },
      })),
    },
    text: printable(
      [
        card({
          order: order.parentOrderId,
          user: order.userId,
          signal: order.signalId,
          trail: trailText(evidence),
        }),
        ...decisions.map((decision, at) =>
          decisionText(approved, decision, `Decision ${at + 1} of ${decisions.length}`),
        ),
        lastLine(verdict),
      ].join('\n'),
    ),
    bad: verdict.result !== 'same',
  };
};

const decisionText = (
  approved: ReplayedOrder['approved'],
  { decision, realised, result }: ReplayedDecision,
  title: string,
): string => {
  const tried = decision.inputs?.tried ?? [];
  const why =
    tried.length === 0 ? '' : `, for ${decision.inputs?.quantity ?? 'a part'} that failed (tried: ${tried.join(', ')})`;
  const table = approved === undefined ? '' : tableText(approved, decision, realised);
  const outcome =
    result.result === 'same'
      ? 'same'
      : [
          result.differences === undefined ? `${result.result}: ${result.message}` : `${result.result}:`,
          ...(result.differences ?? [])
            .slice(0, MOST_DIFFERENCES)
            .map((difference) => `  ${differenceText(difference)}`),
        ].join('\n');
  return `${title}${why}\n${table}\n${outcome}\n`;
};

/** Nothing that somebody wrote into the trail may keep the rest from being told. */
const tableText = (
  approved: NonNullable<ReplayedOrder['approved']>,
  { record }: ReplayedDecision['decision'],
  realised: ReplayedDecision['realised'],
): string => {
  try {
    return tableOf(approved, record, realised);
  } catch (error) {
    return `What is recorded can't be shown: ${String(error)}\n`;
  }
};

/** What was changed in one place shows in a few; more is another decision. */
const MOST_DIFFERENCES = 20;

const trailText = ({ rows, unsealedRows, findings, heads }: Evidence): string => {
  if (findings.length > 0) return findings.map(({ problem, message }) => `${problem}: ${message}`).join(' ');
  const held = `${rows} rows, each as its hash says`;
  if (unsealedRows > 0)
    return `${held}; ${unsealedRows} of them not sealed yet (AUDIT_NOT_SEALED), which takes a second`;
  return `${held}; sealed, and held by ${heads.map(({ chain, batch, hash }) => `batch ${batch} of chain ${chain} (${hash.slice(0, 16)})`).join(' and ')}`;
};

const lastLine = ({ result, message }: ReplayedOrder['verdict']): string =>
  result === 'same' || result === 'DECISION_DIFFERS' ? `${message}\n` : `${result}: ${message}\n`;

/** Texts of a trail that somebody changed may hold anything: none may move the cursor. */
const printable = (text: string): string => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');

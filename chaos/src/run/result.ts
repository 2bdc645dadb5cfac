import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { partitionOf } from '@switchyard/log';
import { childrenByClientId } from '../check/children.js';
import type { Evidence } from '../check/evidence.js';
import type { Verdict } from '../check/check.js';
import { killsOf } from '../plan/fault.js';
import { recoveryOf, type Recovery, type Sent } from '../recovery.js';
import type { RunFile } from './run-file.js';

/** What came of one venue's orders. */
export interface VenueShare {
  /** Orders that it received, those that it refused too, and fills. */
  readonly orders: number;
  readonly fills: number;
  /** Signals of which something was traded there. */
  readonly signals: number;
}

/** The last line of a run. Recovery is in milliseconds. */
export interface Result {
  readonly chaos: 'kafka' | 'postgres';
  readonly kills: number;
  readonly seed: number;
  readonly accepted: number;
  readonly executed: number;
  readonly refused: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly stuck: number;
  readonly booksDiffer: number;
  readonly auditBroken: number;
  readonly sentAfterHalt: number;
  /** Offered, without an answer when the load ended. */
  readonly unanswered: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Why accepted signals were not traded, and why doors refused, by code. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly refusedAtDoor: Readonly<Record<string, number>>;
  /** Services that ended without having been killed. */
  readonly endedByThemselves: number;
  /** Orders at the venues, refused ones too, and fills. */
  readonly orders: number;
  readonly fills: number;
  readonly venues: Readonly<Record<string, VenueShare>>;
  /** Signals that were traded at more than one venue. */
  readonly split: number;
  /** Signals of which a venue did not take a part, and which were traded all the same. */
  readonly failedOver: number;
  /** Stretches in which somebody had halted a scope, and pairs of such a stretch and a venue that had verified it. */
  readonly halts: { readonly held: number; readonly verified: number };
  /** Signals of the strategy that all follow, and what they became. */
  readonly fanOut: { readonly signals: number; readonly copies: number };
  readonly recovery: Recovery;
  /** Only kills in whose recovery nothing else went wrong. */
  readonly recoveryAlone: Recovery;
  /** Of load and faults, all parts of the run, their starts included. */
  readonly minutes: number;
  readonly parts: number;
  readonly options: RunFile['options'];
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
}

export interface ResultParts {
  readonly run: RunFile;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly endedByThemselves: number;
  readonly root: string;
  readonly postgresVersion: string;
}

export const resultOf = (parts: ResultParts): Result => {
  const { run, evidence, verdict } = parts;
  const { options, wounds } = run;
  const sent = sentOrders(run, evidence);
  const faults = Map.groupBy(wounds, ({ fault }) => fault.kind);
  return {
    chaos: options.transport,
    kills: wounds.reduce((sum, { fault }) => sum + killsOf(fault), 0),
    seed: options.seed,
    accepted: verdict.accepted,
    executed: verdict.executed,
    refused: verdict.refused,
    ...verdict.counts,
    unanswered: verdict.unanswered,
    faults: Object.fromEntries([...faults].map(([kind, some]) => [kind, some.length])),
    reasons: verdict.reasons,
    refusedAtDoor: run.refusedAtDoor,
    endedByThemselves: parts.endedByThemselves,
    orders: evidence.ledger.length,
    fills: evidence.ledger.reduce((sum, { fills }) => sum + fills.length, 0),
    ...spreadOverVenues(options.venues, evidence),
    halts: { held: run.halts.length, verified: run.halts.reduce((sum, { venues }) => sum + venues.length, 0) },
    fanOut: { signals: run.strategySignals.length, copies: evidence.copies.length },
    recovery: recoveryOf(wounds, sent, { alone: false, replicas: run.options.replicas }),
    recoveryAlone: recoveryOf(wounds, sent, { alone: true, replicas: run.options.replicas }),
    minutes: Math.round(run.parts.reduce((sum, { from, to }) => sum + to - from, 0) / 6_000) / 10,
    parts: run.parts.length,
    options,
    versions: versionsOf(parts),
    date: new Date().toISOString(),
  };
};

/** The orders that reached the venue, with when their signals were offered. */
const sentOrders = (run: RunFile, { audit, ledger }: Evidence): readonly Sent[] => {
  const children = childrenByClientId(audit);
  const offers = new Map(run.signals.map((signal) => [signal.signalId, signal]));
  return ledger.flatMap(({ venue, clientOrderId, receivedAt }) => {
    const offer = offers.get(children.get(clientOrderId)?.signalId ?? '');
    if (offer === undefined) return [];
    const partition = partitionOf(offer.userId, run.options.partitions);
    return [{ venue, at: Date.parse(receivedAt), partition, offeredAt: offer.at }];
  });
};

const spreadOverVenues = (
  names: readonly string[],
  { audit, ledger }: Evidence,
): Pick<Result, 'venues' | 'split' | 'failedOver'> => {
  const children = childrenByClientId(audit);
  const signalOf = (clientOrderId: string): string | undefined => children.get(clientOrderId)?.signalId;
  const traded = ledger.filter(({ fills }) => fills.length > 0);
  const bySignal = Map.groupBy(traded, ({ clientOrderId }) => signalOf(clientOrderId));
  const failed = new Set(
    audit.flatMap(({ topic, signalId, said }) =>
      topic === 'OrderFailed' && said.stage === 'execution' && signalId !== undefined ? [signalId] : [],
    ),
  );
  return {
    venues: Object.fromEntries(
      names.map((name) => {
        const here = traded.filter(({ venue }) => venue === name);
        return [
          name,
          {
            orders: ledger.filter(({ venue }) => venue === name).length,
            fills: here.reduce((sum, { fills }) => sum + fills.length, 0),
            signals: new Set(here.map(({ clientOrderId }) => signalOf(clientOrderId))).size,
          },
        ];
      }),
    ),
    split: [...bySignal.values()].filter((rows) => new Set(rows.map(({ venue }) => venue)).size > 1).length,
    failedOver: [...bySignal.keys()].filter((signalId) => signalId !== undefined && failed.has(signalId)).length,
  };
};

const versionsOf = ({ root, postgresVersion, run }: ResultParts): Readonly<Record<string, string>> => ({
  commit: commitOf(root),
  node: process.version,
  postgres: postgresVersion,
  ...(run.options.transport === 'kafka' ? { kafka: '4.3.0', kafkajs: '2.2.4' } : {}),
  machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`,
});

const commitOf = (root: string): string => {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+changes'}`;
  } catch {
    return 'unknown';
  }
};

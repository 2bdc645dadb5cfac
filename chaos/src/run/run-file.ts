import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Halt, OfferedSignal } from '../check/evidence.js';
import type { Answer } from '../load/door.js';
import { isResting } from '../load/resting.js';
import type { LoadSignal } from '../load/signals.js';
import type { StrategySignal } from '../load/strategy.js';
import type { Wound } from '../recovery.js';
import type { ChaosOptions } from './options.js';

/** One line of the file. Times are milliseconds since 1970. */
type Line =
  | { readonly type: 'run'; readonly at: number; readonly dir: string; readonly options: ChaosOptions }
  | { readonly type: 'part'; readonly at: number }
  | { readonly type: 'offered'; readonly at: number; readonly signal: LoadSignal }
  | { readonly type: 'answered'; readonly at: number; readonly signalId: string; readonly answer: Answer }
  | { readonly type: 'published'; readonly at: number; readonly signal: StrategySignal }
  | { readonly type: 'publishedAnswer'; readonly at: number; readonly signalId: string; readonly answer: Answer }
  | { readonly type: 'halting' | 'resumed'; readonly at: number; readonly scope: string }
  | { readonly type: 'halted'; readonly at: number; readonly halt: Halt }
  /** The plan's fault of this number was carried out. */
  | ({ readonly type: 'fault'; readonly number: number } & Wound);

interface Offer {
  readonly signal: LoadSignal;
  readonly at: number;
  answer: Answer | undefined;
}

/** A strategy's signal, and what the door said. */
export interface Publication {
  readonly signal: StrategySignal;
  answer: Answer | undefined;
}

/**
 * What a run did, a JSON line each, written before it is done: each signal before it is offered, its answer, each fault. A run that is cut
 * off anywhere goes on from it.
 */
export class RunFile {
  private readonly offers = new Map<string, Offer>();
  private readonly done: Wound[] = [];
  private readonly publications = new Map<string, Publication>();
  private readonly stopped = new Set<string>();
  /** Each stretch of the run in which trading was verified to be halted. */
  readonly halts: Halt[] = [];
  private nextFault = 0;
  private closed = false;
  private readonly stretches: { from: number; to: number }[] = [];

  private constructor(
    readonly path: string,
    readonly dir: string,
    readonly options: ChaosOptions,
  ) {}

  /** Throws a sentence where there is a run already. */
  static begin(path: string, dir: string, options: ChaosOptions): RunFile {
    if (existsSync(path))
      throw new Error(`${path} holds a run: go on with --resume ${path}, or remove its folder, or give another --dir.`);
    mkdirSync(dirname(path), { recursive: true });
    const file = new RunFile(path, dir, options);
    file.write({ type: 'run', at: Date.now(), dir, options });
    return file;
  }

  /** Throws a sentence where it is no run's file. */
  static resume(path: string): RunFile {
    const lines = readFileSync(path, 'utf8').split('\n');
    const parsed = lines.flatMap((line, i): readonly Line[] => {
      if (line === '') return [];
      try {
        return [JSON.parse(line) as Line];
      } catch {
        // The last line of a run that was cut off may be half a line.
        if (i === lines.length - 1) return [];
        throw new Error(`${path}: line ${i + 1} is no JSON`);
      }
    });
    const [first] = parsed;
    if (first?.type !== 'run') throw new Error(`${path} is not the file of a run`);
    const file = new RunFile(path, first.dir, first.options);
    for (const line of parsed) file.take(line);
    if (!lines.at(-1)?.endsWith('}') && lines.at(-1) !== '') appendFileSync(path, '\n');
    file.write({ type: 'part', at: Date.now() });
    return file;
  }

  offered(signal: LoadSignal): void {
    this.write({ type: 'offered', at: Date.now(), signal });
  }

  answered(signalId: string, answer: Answer): void {
    this.write({ type: 'answered', at: Date.now(), signalId, answer });
  }

  published(signal: StrategySignal): void {
    this.write({ type: 'published', at: Date.now(), signal });
  }

  publishedAnswer(signalId: string, answer: Answer): void {
    this.write({ type: 'publishedAnswer', at: Date.now(), signalId, answer });
  }

  halting(scope: string): void {
    this.write({ type: 'halting', at: Date.now(), scope });
  }

  halted(halt: Halt): void {
    this.write({ type: 'halted', at: Date.now(), halt });
  }

  resumed(scope: string): void {
    this.write({ type: 'resumed', at: Date.now(), scope });
  }

  /** A strategy's signals, in their order. */
  get strategySignals(): readonly Publication[] {
    return [...this.publications.values()];
  }

  /** Scopes that somebody began to halt, and that may not trade again yet. */
  get haltedScopes(): readonly string[] {
    return [...this.stopped];
  }

  fault(number: number, wound: Wound): void {
    this.write({ type: 'fault', number, ...wound });
  }

  /** The first fault of the plan that has not been carried out. */
  get position(): number {
    return this.nextFault;
  }

  /** Faults as they were carried out. */
  get wounds(): readonly Wound[] {
    return this.done;
  }

  /** Each stretch in which it ran: when it began, and when it wrote last. */
  get parts(): readonly { readonly from: number; readonly to: number }[] {
    return this.stretches;
  }

  /** In the order in which they were offered. */
  get signals(): readonly (OfferedSignal & { readonly at: number })[] {
    return [...this.offers.values()].map(({ signal, at, answer }) => ({
      signalId: signal.signalId,
      userId: signal.userId,
      answer: answer?.kind ?? 'none',
      at,
    }));
  }

  /** As they were offered, with when, and whether they were accepted. */
  get offeredSignals(): readonly Readonly<Offer>[] {
    return [...this.offers.values()];
  }

  get unanswered(): readonly LoadSignal[] {
    return [...this.offers.values()].flatMap(({ signal, answer }) => (answer === undefined ? [signal] : []));
  }

  /** How many signals each user has had. */
  get begun(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    // A resting order is none of its user's own sequence.
    for (const { signal } of this.offers.values())
      if (!isResting(signal)) counts.set(signal.userId, (counts.get(signal.userId) ?? 0) + 1);
    return counts;
  }

  get counts(): { readonly offered: number; readonly accepted: number } {
    return { offered: this.offers.size, accepted: this.acceptedCount };
  }

  /** Codes with which the doors refused, and how often. */
  get refusedAtDoor(): Readonly<Record<string, number>> {
    const codes = new Map<string, number>();
    for (const { answer } of this.offers.values())
      if (answer?.kind === 'refused') codes.set(answer.code, (codes.get(answer.code) ?? 0) + 1);
    return Object.fromEntries(codes);
  }

  private acceptedCount = 0;

  /** Nothing is noted any more. */
  close(): void {
    this.closed = true;
  }

  private write(line: Line): void {
    if (this.closed) return;
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
    this.take(line);
  }

  private take(line: Line): void {
    const stretch = this.stretches.at(-1);
    if (stretch !== undefined && line.type !== 'part') stretch.to = line.at;
    switch (line.type) {
      case 'run':
      case 'part':
        this.stretches.push({ from: line.at, to: line.at });
        return;
      case 'offered':
        this.offers.set(line.signal.signalId, { signal: line.signal, at: line.at, answer: undefined });
        return;
      case 'answered': {
        const offer = this.offers.get(line.signalId);
        if (offer === undefined) return;
        if (offer.answer === undefined && line.answer.kind === 'accepted') this.acceptedCount += 1;
        offer.answer = line.answer;
        return;
      }
      case 'published':
        this.publications.set(line.signal.signalId, { signal: line.signal, answer: undefined });
        return;
      case 'publishedAnswer': {
        const publication = this.publications.get(line.signalId);
        if (publication !== undefined) publication.answer = line.answer;
        return;
      }
      case 'halting':
        this.stopped.add(line.scope);
        return;
      case 'halted':
        this.halts.push(line.halt);
        return;
      case 'resumed':
        this.stopped.delete(line.scope);
        return;
      case 'fault': {
        const { number, at, fault, partitions } = line;
        this.nextFault = number + 1;
        this.done.push({ at, fault, partitions });
      }
    }
  }
}

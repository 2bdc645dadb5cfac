import type { StageChanges } from '@switchyard/log';
import type { Defect } from './defect.js';

/** Defects of what a stage stores and sends: watermarks, decisions, numbers, ownership. */
export const LOG_DEFECTS: readonly Defect[] = [
  {
    name: 'watermark',
    what: 'No watermark is stored: what comes again is taken for new.',
    plant: () => ({ changes: (_, changes) => ({ ...changes, watermarks: [] }) }),
  },
  {
    name: 'watermark-one-low',
    what: 'The watermark is one too low: the last event is taken again when it comes again.',
    plant: () => ({ changes: (_, changes) => withSequences(changes, -1) }),
  },
  {
    name: 'watermark-one-high',
    what: 'The watermark is one too high: the next event is taken for known.',
    plant: () => ({ changes: (group, changes) => (group === 'routing' ? withSequences(changes, 1) : changes) }),
  },
  {
    name: 'offset-one-high',
    what: 'Where to read on is stored one too far, so that a new owner begins behind an event it needs.',
    plant: () => ({
      changes: (_, changes) => ({
        ...changes,
        positions: changes.positions.map((at) => ({ ...at, position: String(Number(at.position) + 1) })),
      }),
    }),
  },
  {
    name: 'stored-decision',
    what: 'Validation does not store what it decided: a signal that comes again is decided again.',
    plant: () => ({ changes: (_, changes) => withoutDocuments(changes, ({ kind }) => kind === 'identity') }),
  },
  {
    name: 'epoch-check',
    what: 'A transaction does not compare its epoch: whoever lost a partition goes on writing.',
    plant: () => ({
      epochs: (stage, epochs) => new CurrentEpochs(epochs, (partition) => stage.memory.epochOf(partition)),
    }),
  },
  {
    name: 'cached-documents',
    what: 'A process keeps documents in memory though another owned their partition meanwhile: a lost update.',
    plant: () => {
      const caches = new Map<string, Map<string, string>>();
      return {
        loads: (_, tx, process) => {
          const cache = caches.get(process) ?? new Map<string, string>();
          caches.set(process, cache);
          return {
            ...tx,
            load: async (refs) => {
              const missing = refs.filter(({ kind, key }) => !cache.has(`${kind}\n${key}`));
              for (const [at, text] of await tx.load(missing)) cache.set(at, text);
              return new Map([...cache].filter(([at]) => refs.some(({ kind, key }) => at === `${kind}\n${key}`)));
            },
          };
        },
        stored: (process, { documents }) => {
          for (const { kind, key, text } of documents)
            if (text === undefined) caches.get(process)?.delete(`${kind}\n${key}`);
            else caches.get(process)?.set(`${kind}\n${key}`, text);
        },
      };
    },
  },
  {
    name: 'commit-without-append',
    what: 'What a transaction decided is stored without its last event, where it has several.',
    plant: () => ({
      changes: (_, changes) =>
        changes.outgoing.length > 1 ? { ...changes, outgoing: changes.outgoing.slice(0, -1) } : changes,
    }),
  },
  {
    name: 'append-without-commit',
    what: 'Events are appended without the documents they follow from, in one of twenty transactions.',
    plant: () => {
      let transactions = 0;
      return {
        changes: (_, changes) => ((transactions += 1) % 20 === 0 ? withoutDocuments(changes, () => true) : changes),
      };
    },
  },
  {
    name: 'takeover-does-not-publish',
    what: 'A new owner does not send what its predecessor stored and did not send.',
    plant: () => ({ unpublished: () => [] }),
  },
  {
    name: 'send-resolves-unsent',
    what: 'A send that covers several places resolves though one of them got nothing, now and then.',
    plant: () => {
      let sends = 0;
      return { loses: (places) => places > 1 && (sends += 1) % 10 === 0 };
    },
  },
  {
    name: 'reservation',
    what: 'Risk approves without reserving what it approved.',
    plant: () => ({
      changes: (group, changes) => (group === 'risk' ? withoutReservations(changes) : changes),
    }),
  },
  {
    name: 'completion-ignored',
    what: 'Risk never hears that an order is completed: what was reserved for it stays so.',
    plant: () => ({
      handler: (group, handler) => (group === 'risk' && handler.topic === 'OrderCompleted' ? deaf(handler) : handler),
    }),
  },
  {
    name: 'released-at-first-fill',
    what: 'Risk lets a whole reservation go at the first fill, before the order is proven finished.',
    plant: () => ({
      changes: (group, changes) => (group === 'risk' ? withoutFilledParents(changes) : changes),
    }),
  },
];

const withSequences = (changes: StageChanges, by: number): StageChanges => ({
  ...changes,
  watermarks: changes.watermarks.map((mark) => ({ ...mark, sequence: mark.sequence + by })),
});

type Document = StageChanges['documents'][number];

const withoutDocuments = (changes: StageChanges, isLost: (document: Document) => boolean): StageChanges => ({
  ...changes,
  documents: changes.documents.filter((document) => !isLost(document)),
});

interface UserDocument {
  readonly parents?: readonly { readonly filled: string; readonly caps: Readonly<Record<string, object>> }[];
}

const ofUsers = (changes: StageChanges, change: (user: UserDocument) => UserDocument): StageChanges => ({
  ...changes,
  documents: changes.documents.map((document) =>
    document.kind !== 'user' || document.text === undefined
      ? document
      : { ...document, text: JSON.stringify(change(JSON.parse(document.text) as UserDocument)) },
  ),
});

const withoutReservations = (changes: StageChanges): StageChanges =>
  ofUsers(changes, (user) => ({
    ...user,
    parents: (user.parents ?? []).map((parent) => ({
      ...parent,
      caps: Object.fromEntries(Object.entries(parent.caps).map(([id, cap]) => [id, { ...cap, left: '0' }])),
    })),
  }));

const withoutFilledParents = (changes: StageChanges): StageChanges =>
  ofUsers(changes, (user) => ({ ...user, parents: (user.parents ?? []).filter(({ filled }) => Number(filled) === 0) }));

const deaf = (handler: Parameters<NonNullable<ReturnType<Defect['plant']>['handler']>>[1]): typeof handler => ({
  ...handler,
  handle: (batch) => {
    batch.each(() => undefined);
  },
});

/** Whatever a transaction thinks its epochs are, they are the present ones. */
class CurrentEpochs extends Map<number, number> {
  constructor(
    given: ReadonlyMap<number, number>,
    private readonly current: (partition: number) => number,
  ) {
    super(given);
  }
  override *[Symbol.iterator](): MapIterator<[number, number]> {
    for (const partition of this.keys()) yield [partition, this.current(partition)];
  }
}

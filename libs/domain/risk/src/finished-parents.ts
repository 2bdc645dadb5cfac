import type { FinishedParent, SeenFills, Stretch } from './state.js';

/**
 * A parent that is over as one text: `<parent> <child>=<from>-<to>,<from>-<to> <child>=...`. A user's document is read and written at
 * every event, and these memories were half of what that cost; they are looked into only when an event comes again. Ids hold neither a
 * space nor a `=`.
 */
export const finishedParent = (parentOrderId: string, seen: SeenFills): FinishedParent =>
  [
    parentOrderId,
    ...Object.entries(seen).map(([child, stretches]) => `${child}=${stretches.map(textOf).join(',')}`),
  ].join(' ');

export const isOfParent = (finished: FinishedParent, parentOrderId: string): boolean =>
  finished.startsWith(parentOrderId) &&
  (finished.length === parentOrderId.length || finished[parentOrderId.length] === ' ');

/** The fills that were seen of it. */
export const seenOf = (finished: FinishedParent): SeenFills =>
  Object.fromEntries(
    finished
      .split(' ')
      .slice(1)
      .map((part) => {
        const at = part.lastIndexOf('=');
        return [
          part.slice(0, at),
          part
            .slice(at + 1)
            .split(',')
            .map(stretchOf),
        ];
      }),
  );

const textOf = ([from, to]: Stretch): string => `${from}-${to}`;

const stretchOf = (text: string): Stretch => {
  const [from = '0', to = '0'] = text.split('-');
  return [from, to];
};

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { CHILD_STATUSES, isTerminal, legalMoves, movesAsMarkdown } from './index.js';

describe('the table of legal moves', () => {
  it('leaves a final state by a late fill only', () => {
    for (const move of legalMoves().filter(({ from }) => isTerminal(from))) expect(move.fact).toBe('fillSeen');
  });

  it('lets every state be reached and every live state be left', () => {
    const moves = legalMoves();
    for (const status of CHILD_STATUSES) {
      if (status !== 'pending') expect(moves.some((move) => move.to === status)).toBe(true);
      if (!isTerminal(status)) expect(moves.some((move) => move.from === status && isTerminal(move.to))).toBe(true);
    }
  });

  it('never sends an order again that may be at the venue', () => {
    const returning = legalMoves().filter(({ to }) => to === 'queued' || to === 'executing');
    expect(returning.map(({ from, fact }) => `${from}:${fact}`)).toEqual([
      'pending:queued',
      'queued:claimed',
      'executing:notSent',
    ]);
  });

  it('is printed with a row for each state', () => {
    const lines = movesAsMarkdown().trim().split('\n');
    expect(lines).toHaveLength(CHILD_STATUSES.length + 2);
    expect(lines.find((line) => line.startsWith('| rejected'))).toContain(
      'partially_filled (fillSeen); filled (fillSeen)',
    );
    expect(lines.find((line) => line.startsWith('| filled'))).toContain('| none |');
  });

  it('stands in the README as it is', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(plainRows(readme)).toEqual(expect.arrayContaining([...plainRows(movesAsMarkdown())]));
  });
});

/** Rows of a table, however a formatter pads them. */
const plainRows = (markdown: string): readonly string[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|--') && !line.startsWith('| --'))
    .map((line) => line.replaceAll(/ +/g, ' '));

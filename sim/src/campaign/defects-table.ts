import type { DefectNoticed } from './defects.js';

/** The table of removed safeguards, as docs/concepts/simulation.md has it. */
export const tableOf = (defects: readonly DefectNoticed[]): string =>
  [
    '| defect | what is wrong | seeds to notice | by |',
    '|---|---|---|---|',
    ...defects.map(
      ({ defect, what, seeds, guarantee }) =>
        `| \`${defect}\` | ${what} | ${seeds ?? 'not noticed'} | ${guarantee ?? ''} |`,
    ),
  ].join('\n');

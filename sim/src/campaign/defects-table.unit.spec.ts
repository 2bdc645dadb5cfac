import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DEFECTS } from '../defects/defects.js';
import { tableOf } from './defects-table.js';
import type { DefectNoticed } from './defects.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { defects } = JSON.parse(read('sim/results/defects.json')) as { readonly defects: readonly DefectNoticed[] };

describe('the table of planted defects in the docs', () => {
  it('is what the last run of them gave: npm run sim -- --defects --out sim/results/defects.json', () => {
    expect(read('docs/concepts/simulation.md')).toContain(tableOf(defects));
  });

  it('shows each defect that can be planted, and that each is noticed', () => {
    expect(defects.map(({ defect }) => defect)).toEqual(DEFECTS.map(({ name }) => name));
    expect(defects.filter(({ seeds }) => seeds === null)).toEqual([]);
  });
});

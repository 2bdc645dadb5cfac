import { DEFECTS, defectNamed } from '../defects/defects.js';
import type { Crew } from './crew.js';
import { runSeeds } from './seeds.js';

export interface DefectsOptions {
  /** Seeds to try at most, for each. */
  readonly most: number;
  readonly from: number;
  /** Only this one. */
  readonly without: string | undefined;
  readonly progress: (line: string) => void;
}

export interface DefectNoticed {
  readonly defect: string;
  readonly what: string;
  /** Seeds until it was noticed, the noticing one included; null where none did. */
  readonly seeds: number | null;
  readonly guarantee: string | null;
  readonly noticedBy: string | null;
}

/** Plants each defect and runs seeds, from the first on, until one shows a violation. */
export const runDefects = async (
  crew: Crew,
  { most, from, without, progress }: DefectsOptions,
): Promise<{ readonly defects: readonly DefectNoticed[]; readonly unnoticed: readonly string[] }> => {
  const defects: DefectNoticed[] = [];
  for (const { name, what } of without === undefined ? DEFECTS : [defectNamed(without)]) {
    const { failed } = await runSeeds(crew, { from, seeds: most, without: name, stopAtFirst: true });
    const [first] = failed;
    const violation = first?.violations[0];
    const seeds = first === undefined ? null : first.seed - from + 1;
    const guarantee = violation?.guarantee ?? null;
    defects.push({ defect: name, what, seeds, guarantee, noticedBy: violation?.what ?? null });
    progress(
      `${name}: ${seeds === null ? `NOT noticed in ${most} seeds` : `${seeds} seeds, ${guarantee ?? ''}: ${violation?.what ?? ''}`}`,
    );
  }
  return { defects, unnoticed: defects.filter(({ seeds }) => seeds === null).map(({ defect }) => defect) };
};

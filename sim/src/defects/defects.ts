import type { Defect } from './defect.js';
import { EXECUTOR_DEFECTS } from './of-the-executor.js';
import { LOG_DEFECTS } from './of-the-log.js';

export const DEFECTS: readonly Defect[] = [...LOG_DEFECTS, ...EXECUTOR_DEFECTS];

export const defectNamed = (name: string): Defect => {
  const found = DEFECTS.find((defect) => defect.name === name);
  if (found === undefined)
    throw new Error(`There is no defect "${name}". There are: ${DEFECTS.map((defect) => defect.name).join(', ')}.`);
  return found;
};

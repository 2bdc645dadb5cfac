import { refuse } from '@switchyard/model';
import type { Check } from './subject.js';

/** The user's policy may require a field that is optional otherwise. */
export const requiredFields: Check = ({ signal, policy }) => {
  const missing = policy?.requiredFields?.filter((field) => signal[field] === undefined) ?? [];
  if (missing.length === 0) return undefined;
  return refuse('MALFORMED', {
    fields: missing.map((path) => ({ path, problem: "is required by the user's policy" })),
  });
};

export const strongEnough: Check = ({ signal: { strength }, limits: { minStrength } }) =>
  strength === undefined || strength >= minStrength ? undefined : refuse('STRENGTH_TOO_LOW', { strength, minStrength });

export const confluentEnough: Check = ({ signal: { confluenceScore }, limits: { minConfluence } }) =>
  confluenceScore === undefined || confluenceScore >= minConfluence
    ? undefined
    : refuse('CONFLUENCE_TOO_LOW', { confluenceScore, minConfluence });

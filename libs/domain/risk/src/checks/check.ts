import type { Refusal } from '@switchyard/model';
import type { Proposal } from '../proposal.js';

/** One rule over a proposal: the refusal, or nothing where the rule holds or doesn't apply. */
export type Check = (proposal: Proposal) => Refusal | undefined;

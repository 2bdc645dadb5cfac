import { refuse } from '@switchyard/model';
import { MAX_STRATEGY_SIGNAL_ID } from '../fan-out/copy-signal.js';
import type { Check } from './subject.js';

/** What a strategy says to all who follow it names no account, and leaves their caps to them. */
export const forEveryFollower: Check = ({ signal: { accountId, maxSize, signalId } }) => {
  const fields = [
    ...(accountId === undefined
      ? []
      : [{ path: 'accountId', problem: "must not be given: the signal is a strategy's" }]),
    ...(maxSize === undefined ? [] : [{ path: 'maxSize', problem: 'must not be given: each follower has caps' }]),
    ...(signalId.length <= MAX_STRATEGY_SIGNAL_ID
      ? []
      : [
          {
            path: 'signalId',
            problem: `must have ${MAX_STRATEGY_SIGNAL_ID} characters at most: its copies add the account's id`,
          },
        ]),
  ];
  return fields.length === 0 ? undefined : refuse('MALFORMED', { fields });
};

import { hash } from 'node:crypto';

/**
 * Ids are functions of what happened, so that a replay makes the same ones (docs/concepts/event-log.md). Version 1: the first 128 bits of
 * sha-256 over the version, the role and the parts, each preceded by its length in UTF-16 units so that no two lists of parts collide.
 * 32 lower-case hex characters, which every venue takes as a client order id. Golden vectors stand in derive-id.unit.spec.ts.
 */
export const deriveId = (role: string, ...parts: readonly string[]): string => {
  let text = `1:${role}`;
  for (const part of parts) text += `|${part.length}:${part}`;
  return hash('sha256', text, 'hex').slice(0, 32);
};

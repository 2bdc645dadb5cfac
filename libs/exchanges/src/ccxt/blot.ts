import type { Credentials } from '../port.js';
import type { Evidence } from '../outcomes.js';

const MAX_EVIDENCE = 4_096;

/** Makes evidence of an answer. */
export type Blot = (httpStatus: number, body: string) => Evidence;

/** Cuts a body to 4 KiB and blots out the account's secrets, should a venue or a proxy echo them, and any request signature. */
export const blotter = (credentials: Credentials | null): Blot => {
  const secrets = credentials === null ? [] : [credentials.apiKey, credentials.secret, credentials.passphrase ?? ''];
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  return (httpStatus, body) => {
    // Blot before the cut, so that the cut cannot leave half a secret.
    let text = body.slice(0, 4 * MAX_EVIDENCE);
    for (const form of forms) text = text.replaceAll(form, '***');
    return { httpStatus, body: text.replace(/signature=[\w%+/=.-]+/gi, 'signature=***').slice(0, MAX_EVIDENCE) };
  };
};

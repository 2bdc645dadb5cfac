import { KeysUnavailableError } from '@switchyard/auth';
import { Problem } from '@switchyard/http';

/** What the holder of the key-encryption key answers. Throws `Problem` KEYS_UNAVAILABLE where it can't be asked now: nothing was changed. */
export const asked = async <T>(question: () => Promise<T>): Promise<T> => {
  try {
    return await question();
  } catch (cause) {
    if (!(cause instanceof KeysUnavailableError)) throw cause;
    throw new Problem('KEYS_UNAVAILABLE', 'Keys can be neither opened nor sealed at the moment; try again.', {
      headers: { 'retry-after': '2' },
      cause,
    });
  }
};

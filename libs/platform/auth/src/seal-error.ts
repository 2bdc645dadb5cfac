export type SealFailure =
  /** Not of our format, or of a later version. */
  | 'malformed'
  /** Sealed under a key-encryption key that is not given here. */
  | 'unknownKey'
  /** Changed, or sealed for another user, account or venue. */
  | 'tampered';

/** A sealed text does not open, and never will with the keys given. The message holds no part of it. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly reason: SealFailure;

  constructor(reason: SealFailure) {
    super(SENTENCES[reason]);
    this.reason = reason;
  }
}

const SENTENCES: Readonly<Record<SealFailure, string>> = {
  malformed: 'What should be sealed is not in a known format.',
  unknownKey: 'It was sealed under a key-encryption key that is not given here.',
  tampered: 'It was changed, or sealed for another user, account or venue.',
};

/** The embedded database can't be started; the message is one sentence that says what and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

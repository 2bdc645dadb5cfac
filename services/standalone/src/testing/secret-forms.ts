/**
 * How a secret can stand somewhere without being read as itself: encoded for a URL, for JSON, in base64 of both alphabets (wherever it
 * begins within the three bytes that four characters stand for), in hex of both cases.
 */
export const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ '': secret }).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
      ...[0, 1, 2].flatMap((before) => base64Core(bytes, before)),
      hex,
      hex.toUpperCase(),
    ]),
  ];
};

/** The characters that depend on the secret alone, with so many other bytes before it. */
const base64Core = (bytes: Buffer, before: number): readonly string[] => {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const from = Math.ceil((before * 8) / 6);
  const core = text.slice(from, from + Math.floor(((before + bytes.length) * 8) / 6) - from);
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
};

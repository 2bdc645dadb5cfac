import type { DestinationStream } from 'pino';

const LABELS: Readonly<Record<string, string>> = { info: '', warn: 'WARN ', error: 'ERROR ', fatal: 'FATAL ' };
/** Told apart by the line itself already. */
const KNOWN = new Set(['level', 'time', 'service', 'message', 'error', 'err']);

/** Turns JSON lines into `08:21:08 gateway  WARN message  key=value`, with an error's stack below; times are local. */
export const prettyStream = (output: { write(text: string): unknown }): DestinationStream => ({
  write(line: string): void {
    output.write(readable(line));
  },
});

const readable = (line: string): string => {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const level = textOf(entry['level']);
  const error = (entry['error'] ?? entry['err']) as
    { readonly message?: unknown; readonly stack?: unknown } | undefined;
  const facts = Object.entries(entry)
    .filter(([key]) => !KNOWN.has(key))
    .map(([key, value]) => `${key}=${textOf(value)}`);
  const words = [
    new Date(textOf(entry['time'])).toTimeString().slice(0, 8),
    textOf(entry['service']).padEnd(18),
    `${LABELS[level] ?? `${level} `}${textOf(entry['message'])}`,
    ...(facts.length === 0 ? [] : ['', facts.join(' ')]),
  ];
  const failure = error === undefined ? '' : `\n    ${textOf(error.stack ?? error.message).replaceAll('\n', '\n    ')}`;
  return `${words.join(' ')}${failure}\n`;
};

const textOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

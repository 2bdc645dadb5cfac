import { parseArgs } from 'node:util';
import { z } from 'zod';
import { VENUES } from './core/venue.js';

export const USAGE =
  'npm run paper -- --venue binance --port 9001 [--host 127.0.0.1] [--data-dir DIR] [--seed TEXT] [--weight-per-minute N]';

const whole = (name: string, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `${name} must be a whole number`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `${name} must be between ${min} and ${max}`);

const schema = z.strictObject({
  venue: z.enum(VENUES, { error: `--venue must be one of ${VENUES.join(', ')}` }),
  port: whole('--port', 0, 65_535).default(9_001),
  host: z.string().min(1, '--host must not be empty').default('127.0.0.1'),
  'data-dir': z.string().min(1, '--data-dir must not be empty').optional(),
  seed: z.string().min(1, '--seed must not be empty').optional(),
  'weight-per-minute': whole('--weight-per-minute', 1, 10_000_000).optional(),
});

export type Arguments = z.infer<typeof schema>;

/** The command line, or every complaint about it. */
export const parseArguments = (argv: readonly string[]): Arguments | readonly string[] => {
  const options = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, { type: 'string' as const }]));
  const { values, positionals } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true });
  const parsed = schema.safeParse(values);
  const stray = positionals.map((word) => `${word} belongs to no option`);
  if (parsed.success) return stray.length === 0 ? parsed.data : stray;
  return [
    ...parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `--${key} is not known`) : [complaint(issue)],
    ),
    ...stray,
  ];
};

/** An option without its value comes as `true`. */
const complaint = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' ? `--${issue.path.join('.')} needs a value` : issue.message;

import { postgresAuditReader, verifyAudit, type AuditReader, type AuditVerdict } from '@switchyard/journal-service';
import type { Command } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { readJson } from '../files.js';
import { openDatabaseOf } from '../open-database.js';
import { card, table } from '../table.js';

type Heads = AuditVerdict['heads'];

/** No gateway is asked: the trail is read where it lies. */
export const AUDIT: readonly Command[] = [
  {
    name: 'audit verify',
    usage: '',
    summary: 'Compute every hash of the audit trail anew, and say what was changed.',
    details: `Reads the journal's tables (DATABASE_URL, else the database in $SWITCHYARD_DATA_DIR). Nothing is asked of a running service.
A trail that was cut off at its end is whole up to there: save the heads now (--json) and give them later (--heads), kept where whoever
could change the trail can't reach them.`,
    arity: [0, 0],
    options: {
      heads: {
        type: 'string',
        hint: 'FILE',
        help: 'What --json printed before (- for standard input): the trail must go on from there.',
      },
    },
    run: async ({ terminal }, given) => {
      const file = given.text('heads');
      const before = file === undefined ? [] : headsOf(await readJson(terminal, file), file);
      const db = await openDatabaseOf(terminal, 'journal', 'audit verify');
      try {
        const reader = postgresAuditReader(db);
        const verdict = await verifyAudit(reader);
        const missing = await notInTrail(reader, before);
        const intact = verdict.intact && missing.length === 0;
        return { json: { ...verdict, intact, missingHeads: missing }, text: shown(verdict, missing), bad: !intact };
      } finally {
        await db.close();
      }
    },
  },
];

const headsOf = (saved: unknown, file: string): Heads => {
  const heads = (saved as { readonly heads?: unknown } | null)?.heads;
  const isHead = (head: Partial<Heads[number]> | null): boolean =>
    typeof head?.chain === 'number' && typeof head.batch === 'number' && typeof head.hash === 'string';
  if (!Array.isArray(heads) || !(heads as Partial<Heads[number]>[]).every(isHead))
    throw new Failure(EXIT.usage, `${file} holds no heads: it must be what "audit verify --json" printed.`);
  return heads as Heads;
};

/** Heads of before that the trail does not hold any more: it was cut off there, or written anew. */
const notInTrail = async (reader: AuditReader, before: Heads): Promise<Heads> => {
  const missing: Heads[number][] = [];
  for (const head of before) {
    if (head.batch === 0) continue;
    const [batch] = await reader.batches(head.chain, head.batch - 1, 1);
    if (batch?.batch !== head.batch || batch.hash.toString('hex') !== head.hash) missing.push(head);
  }
  return missing;
};

const shown = (verdict: AuditVerdict, missing: Heads): string => {
  const { chains, rows, batches, unsealedRows, problems, findings } = verdict;
  const intact = verdict.intact && missing.length === 0;
  const sums = card({
    intact: intact ? 'yes' : 'NO',
    chains,
    rows,
    batches,
    unsealedRows,
    problems: problems + missing.length,
  });
  const found = [
    ...findings.map(({ problem, message }) => [problem, message]),
    ...missing.map(({ chain, batch }) => ['HEAD_MISSING', `Chain ${chain} no longer holds batch ${batch} as it was.`]),
  ];
  return found.length === 0 ? sums : `${sums}\n${table(['PROBLEM', 'WHAT'], found)}`;
};

import { DEFAULT_SECTORS, UNCLASSIFIED, type Sectors } from '@switchyard/risk-domain';
import { z } from 'zod';

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'must be a sector in lower case, such as "defi"' });
const asset = z.string().regex(/^[A-Z0-9]{1,12}$/, { error: 'must be an asset in capitals, such as "BTC"' });

/** The section `sectors` of the configuration file: every sector with its assets, and its own share of equity where it has one. */
export const sectorsSection = z
  .record(
    name,
    z.strictObject({ assets: z.array(asset).default([]), maxPercent: z.number().min(0).max(1_000).optional() }),
  )
  .check(({ value, issues }) => {
    const seen = new Map<string, string>();
    for (const [sector, { assets }] of Object.entries(value)) {
      if (sector === UNCLASSIFIED && assets.length > 0)
        issues.push({
          code: 'custom',
          input: value,
          path: [sector, 'assets'],
          message: 'is for assets that no sector names',
        });
      for (const [place, one] of assets.entries()) {
        const other = seen.get(one);
        if (other !== undefined)
          issues.push({
            code: 'custom',
            input: value,
            path: [sector, 'assets', place],
            message: `${one} is in ${other} already`,
          });
        seen.set(one, sector);
      }
    }
  })
  .optional();

/** What the section says, whole; without it, the sectors that Switchyard comes with. */
export const sectorsOf = (section: z.infer<typeof sectorsSection>): Sectors =>
  section === undefined
    ? DEFAULT_SECTORS
    : {
        of: Object.fromEntries(
          Object.entries(section).flatMap(([sector, { assets }]) => assets.map((one) => [one, sector] as const)),
        ),
        maxPercent: Object.fromEntries(
          Object.entries(section).flatMap(([sector, { maxPercent }]) =>
            maxPercent === undefined ? [] : [[sector, maxPercent] as const],
          ),
        ),
      };

/**
 * Who numbered an event: a deployment's shard in one generation of its database. `execution-binance/7/1`. A restored database gets a
 * higher generation, whose numbers start at 1 again; events of a lower one are dropped.
 */
export interface Source {
  readonly deployment: string;
  readonly shard: number;
  readonly generation: number;
}

export const sourceName = ({ deployment, shard, generation }: Source): string => `${deployment}/${shard}/${generation}`;

const SOURCE = /^([a-z][a-z0-9-]*)\/(\d{1,6})\/(\d{1,9})$/;

/** Undefined for a name that is not a source of ours. */
export const parseSource = (name: string): Source | undefined => {
  const match = SOURCE.exec(name);
  return match?.[1] === undefined
    ? undefined
    : { deployment: match[1], shard: Number(match[2]), generation: Number(match[3]) };
};

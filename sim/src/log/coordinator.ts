import type { World } from '../kernel/world.js';
import type { SimStage } from './sim-stage.js';

/** A member of a group, as the coordinator knows it. */
export interface Member {
  readonly name: string;
  /** In the order in which they are told, each after the one before: partitions that are another's from now on, and new ones. */
  lose(partitions: readonly number[]): void;
  gain(epochs: ReadonlyMap<number, number>): void;
}

/**
 * Deals a group's partitions to its members, partition p of every topic to the same one. A member that dies is missed only when its session
 * is over; one that stands still is taken for dead, and told only when it goes on.
 */
export class Coordinator {
  readonly #members = new Map<string, Member>();
  readonly #owners = new Map<number, Member>();
  #salt = 0;

  constructor(
    private readonly world: World,
    readonly stage: SimStage,
    private readonly partitions: number,
  ) {}

  join(member: Member): void {
    this.#members.set(member.name, member);
    this.#deal();
  }

  leave(member: Member): void {
    if (this.#members.get(member.name) !== member) return;
    this.#members.delete(member.name);
    this.#deal();
  }

  /** It was not heard of. It isn't told now, and goes on when it does. */
  expire(name: string): void {
    const member = this.#members.get(name);
    if (member !== undefined) this.leave(member);
  }

  has(member: Member): boolean {
    return this.#members.get(member.name) === member;
  }

  ownerOf(partition: number): Member | undefined {
    return this.#owners.get(partition);
  }

  /** Deals anew, and otherwise than before: as when a member was slow to say that it lives. */
  rebalance(): void {
    this.#salt += 1;
    this.#deal();
  }

  /** The epoch is raised in the store in this very step: from here on the former owner's transactions fail. */
  #deal(): void {
    const members = [...this.#members.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const lost = new Map<Member, number[]>();
    const gained = new Map<Member, Map<number, number>>();
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const owner = members[(partition + this.#salt) % Math.max(1, members.length)];
      const former = this.#owners.get(partition);
      if (owner === former) continue;
      if (former !== undefined) lost.set(former, [...(lost.get(former) ?? []), partition]);
      if (owner === undefined) {
        this.#owners.delete(partition);
        continue;
      }
      this.#owners.set(partition, owner);
      const epochs = gained.get(owner) ?? new Map<number, number>();
      gained.set(owner, epochs.set(partition, this.stage.raiseEpoch(partition)));
    }
    for (const [member, partitions] of lost) member.lose(partitions);
    for (const [member, epochs] of gained) {
      this.world.note(this.stage.group, `${member.name} has partitions ${[...epochs.keys()].join(', ')}`);
      member.gain(epochs);
    }
  }
}

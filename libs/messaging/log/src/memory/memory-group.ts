import type { MemoryStage } from './memory-stage.js';
import type { MemoryMembership } from './memory-wire.js';

/**
 * Deals a group's partitions to its members: partition p goes to the p-modulo-nth of them in the order of their names, whenever one comes
 * or goes. Nobody waits for a former owner: the epoch is raised, and what that one still stores fails.
 */
export class MemoryGroup {
  private readonly members = new Map<string, MemoryMembership>();
  private readonly evicted = new Map<string, MemoryMembership>();
  /** All that read, those taken for dead too. */
  private readonly readers = new Set<MemoryMembership>();
  private dealing: Promise<void> = Promise.resolve();

  constructor(
    readonly stage: MemoryStage,
    private readonly partitions: number,
  ) {}

  join(member: MemoryMembership): Promise<void> {
    this.members.set(member.name, member);
    this.readers.add(member);
    return this.deal();
  }

  leave(member: MemoryMembership): Promise<void> {
    this.readers.delete(member);
    if (this.evicted.get(member.name) === member) this.evicted.delete(member.name);
    if (this.members.get(member.name) !== member) return Promise.resolve();
    this.members.delete(member.name);
    return this.deal();
  }

  evict(name: string): Promise<void> {
    const member = this.members.get(name);
    if (member === undefined) return Promise.resolve();
    this.members.delete(name);
    this.evicted.set(name, member);
    return this.deal();
  }

  readmit(name: string): Promise<void> {
    const member = this.evicted.get(name);
    if (member === undefined) return Promise.resolve();
    this.evicted.delete(name);
    this.members.set(name, member);
    return this.deal();
  }

  hear(places: readonly string[]): void {
    for (const reader of this.readers) reader.hear(places);
  }

  lookAgain(): void {
    for (const reader of this.readers) reader.lookAgain();
  }

  /** One at a time, in the order in which they were asked for. */
  private deal(): Promise<void> {
    const dealt = this.dealing.then(() => this.dealNow());
    this.dealing = dealt.catch(() => undefined);
    return dealt;
  }

  private async dealNow(): Promise<void> {
    const names = [...this.members.keys()].sort();
    const dealt = names.flatMap((name, index) => {
      const member = this.members.get(name);
      return member === undefined ? [] : [{ member, share: this.shareOf(index, names.length) }];
    });
    for (const { member, share } of dealt) {
      // What somebody else had in the meantime is lost too, though it is due to this member again.
      const lost = [...member.owned].filter(([p, epoch]) => !share.has(p) || epoch !== this.stage.epochOf(p));
      member.revoke(lost.map(([partition]) => partition));
    }
    for (const { member, share } of dealt) {
      const gained = [...share].filter((partition) => !member.owned.has(partition));
      await member.assign(new Map(gained.map((partition) => [partition, this.stage.raiseEpoch(partition)])));
    }
  }

  private shareOf(index: number, count: number): ReadonlySet<number> {
    const all = Array.from({ length: this.partitions }, (_, partition) => partition);
    return new Set(all.filter((partition) => partition % count === index));
  }
}

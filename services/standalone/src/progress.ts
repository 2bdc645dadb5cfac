/** Shows long work on a terminal: what is being done, and how long it took. */
export class Progress {
  private readonly startedAt = performance.now();

  constructor(private readonly write: (text: string) => void = (text) => process.stdout.write(text)) {}

  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.write(`  ${what.padEnd(44, '.')}`);
    const startedAt = performance.now();
    try {
      const result = await work();
      this.write(` ${seconds(startedAt)}\n`);
      return result;
    } catch (error) {
      this.write(' failed\n');
      throw error;
    }
  }

  get elapsed(): string {
    return seconds(this.startedAt);
  }
}

const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

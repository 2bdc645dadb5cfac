/** Wakes those who wait for something to happen, or lets them go on after a while. */
export class Signal {
  private readonly waiting = new Set<() => void>();

  /** Until `fire`, but no longer than this. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
    });
  }

  fire(): void {
    for (const done of [...this.waiting]) done();
  }
}

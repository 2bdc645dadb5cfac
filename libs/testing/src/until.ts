/** Waits for a condition, looking again every few milliseconds; fails after the deadline with what it waited for. */
export const until = async (condition: () => boolean | Promise<boolean>, deadlineMs = 20_000): Promise<void> => {
  const end = performance.now() + deadlineMs;
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 50)) {
    if (await condition()) return;
    if (performance.now() > end) throw new Error(`still not so after ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
};

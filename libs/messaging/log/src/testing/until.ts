/** Waits for a condition, for this package's own specs: @switchyard/testing, which has one for all others, builds on this package. */
export const until = async (condition: () => boolean | Promise<boolean>, deadlineMs = 5_000): Promise<void> => {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`still not so after ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

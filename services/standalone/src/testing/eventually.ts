/** Asks until it holds; after the deadline it fails as it failed last. For lists, which follow what happened a moment later. */
export async function eventually<T>(holds: () => Promise<T>, deadlineMs = 20_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

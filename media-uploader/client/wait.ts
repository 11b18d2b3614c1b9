import { aborted } from "./errors.ts";

/** Wait so many milliseconds; `signal` ends it with an AbortError, `wake` ends it early. */
export function wait(ms: number, signal?: AbortSignal, wake?: (end: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const finish = (end: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      unwake?.();
      end();
    };
    const stop = () => finish(() => reject(aborted()));
    const timer = setTimeout(() => finish(resolve), ms);
    const unwake = wake?.(() => finish(resolve));
    signal?.addEventListener("abort", stop);
  });
}

/** The wait before attempt `n` (1 is the first repetition): doubling, with some chance in it, never above `mostMs`. */
export function backoffMs(n: number, firstMs: number, mostMs: number, chance: () => number = Math.random): number {
  return Math.min(mostMs, firstMs * 2 ** (n - 1)) * (0.75 + chance() / 2);
}

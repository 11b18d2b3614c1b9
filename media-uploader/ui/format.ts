/** Numbers for people. */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1 kB = 1000 bytes, as files are counted on most systems. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** How much smaller, in percent of the original: never rounded up to 100 %. */
export function savedPercent(original: number, compressed: number): string {
  if (original <= 0 || compressed >= original) return "0 %";
  const percent = (100 * (original - compressed)) / original;
  return `${percent >= 99.5 ? "99" : percent < 0.5 ? "<1" : Math.round(percent)} %`;
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(10, Math.round(seconds * 100) * 10)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h} h ${m} min` : s > 0 ? `${m} min ${s} s` : `${m} min`;
}

/** A time that is left: rounded, because it is a guess. */
export function remaining(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 5) return "a few seconds left";
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  return `about ${Math.ceil(seconds / 60)} min left`;
}

export const percent = (value: number): string => `${Math.floor(Math.max(0, Math.min(100, value)))} %`;

export function when(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

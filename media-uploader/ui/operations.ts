/** What the operations page shows, read from answers whose details may grow: what is missing is simply not shown. */

type Json = Record<string, unknown>;

export interface Day {
  day: string;
  original: number;
  compressed: number;
  jobs: number;
}

export interface Savings {
  original: number;
  compressed: number;
  saved: number;
  jobs: number;
  keptRate: number | null;
  byStatus: [string, number][];
  days: Day[];
  steps: { step: string; p50: number; p95: number }[];
  formats: { format: string; jobs: number; ratio: number | null }[];
  failures: { code: string; jobs: number }[];
  queue: { name: string; count: number; oldestS: number | null }[];
}

export interface Job {
  instanceId: string;
  blobName: string;
  status: string;
  stage: string;
  percent: number | null;
  error: string | null;
  at: string | null;
}

const num = (value: unknown, other = 0): number =>
  typeof value === "number" && Number.isFinite(value) ? value : other;
const maybe = (value: unknown): number | null => (typeof value === "number" ? value : null);
const text = (value: unknown): string | null => (typeof value === "string" && value ? value : null);
const object = (value: unknown): Json =>
  value && typeof value === "object" && !Array.isArray(value) ? (value as Json) : {};

/** A list of objects, or an object of objects with the key taken in as `key`. */
function rows(value: unknown, key: string): Json[] {
  if (Array.isArray(value)) return value.map(object);
  return Object.entries(object(value)).map(([name, entry]) =>
    typeof entry === "number" ? { [key]: name, count: entry } : { [key]: name, ...object(entry) },
  );
}

const first = (row: Json, ...keys: string[]): unknown =>
  keys.map((key) => row[key]).find((value) => value !== undefined);

export function savingsOf(answer: unknown): Savings {
  const all = object(answer);
  const sum = { ...all, ...object(all.totals) };
  const original = num(first(sum, "original_size", "originalSize", "bytes_in"));
  const compressed = num(first(sum, "compressed_size", "compressedSize", "bytes_out"));
  return {
    original,
    compressed,
    saved: num(first(sum, "saved_bytes", "savedBytes"), original - compressed),
    jobs: num(first(sum, "jobs", "count")),
    keptRate: maybe(first(sum, "kept_original_rate", "keptOriginalRate", "kept_rate")),
    byStatus: rows(first(sum, "by_status", "byStatus"), "status").map((row) => [String(row.status), num(row.count)]),
    days: rows(first(all, "days", "by_day", "byDay"), "day").map((row) => ({
      day: String(first(row, "day", "date")),
      original: num(first(row, "original_size", "originalSize", "bytes_in")),
      compressed: num(first(row, "compressed_size", "compressedSize", "bytes_out")),
      jobs: num(first(row, "jobs", "count")),
    })),
    steps: rows(first(all, "steps", "by_step", "timings_s", "latency"), "step").map((row) => ({
      step: String(row.step),
      p50: num(first(row, "p50_s", "p50")),
      p95: num(first(row, "p95_s", "p95")),
    })),
    formats: rows(first(all, "formats", "by_format", "byFormat"), "format").map((row) => ({
      format: String(row.format),
      jobs: num(first(row, "jobs", "count")),
      ratio: maybe(first(row, "compression_ratio", "ratio")),
    })),
    failures: rows(first(all, "failures", "by_error", "by_reason", "by_code"), "code").map((row) => ({
      code: String(first(row, "code", "error_code")),
      jobs: num(first(row, "jobs", "count")),
    })),
    queue: rows(first(all, "queue", "queues", "now"), "name").map((row) => ({
      name: String(first(row, "name", "status")),
      count: num(row.count),
      oldestS: maybe(first(row, "oldest_s", "oldestS")),
    })),
  };
}

export function jobsOf(answer: unknown): Job[] {
  const list = Array.isArray(answer) ? answer : (object(answer).jobs ?? []);
  return (Array.isArray(list) ? list.map(object) : []).map((row) => {
    const receipt = object(row.receipt);
    return {
      instanceId: String(first(row, "instanceId", "instance_id") ?? ""),
      blobName: String(first(row, "blobName", "blob_name") ?? receipt.blob_name ?? ""),
      status: String(row.status ?? receipt.status ?? ""),
      stage: String(row.stage ?? ""),
      percent: maybe(row.percent),
      error: text(first(row, "error", "message") ?? receipt.error) ?? text(first(row, "errorCode", "error_code")),
      at: text(
        first(row, "completedAt", "completed_at", "updatedAt", "startedAt", "started_at", "createdAt", "created_at"),
      ),
    };
  });
}

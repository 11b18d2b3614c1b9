/** What `GET /api/savings` and `GET /api/jobs` answer, and what the operations page makes of it. */

export interface Totals {
  jobs: number;
  by_status: Record<string, number>;
  original_size: number;
  compressed_size: number;
  saved_bytes: number;
  compression_ratio: number | null;
  kept_original_rate: number | null;
}

export interface Savings {
  from: string;
  to: string;
  totals: Totals;
  by_day: Record<string, Totals>;
  by_kind: Record<string, Totals>;
  by_format: Record<string, Totals>;
  by_code: Record<string, number>;
  steps_s: Record<string, { p50: number; p95: number; count: number }>;
}

export interface Job {
  instance_id: string;
  status: string;
  blob_name: string;
  stage?: string | null;
  percent?: number | null;
  message?: string | null;
  error_code?: string | null;
  completed_at?: string;
}

export interface Groups {
  running: Job[];
  waiting: Job[];
  failed: Job[];
  ended: Job[];
}

/** Jobs by what has to be done about them. */
export function grouped(jobs: Job[]): Groups {
  const groups: Groups = { running: [], waiting: [], failed: [], ended: [] };
  for (const job of jobs) {
    if (job.status === "running") {
      (job.stage === "deferred" || job.stage === "queued" || !job.stage ? groups.waiting : groups.running).push(job);
    } else if (["failed", "rejected", "cancelled"].includes(job.status)) groups.failed.push(job);
    else groups.ended.push(job);
  }
  return groups;
}

/** A job's own word for its file: the last part of the upload's name. */
export const nameOf = (job: Job): string => job.blob_name.split("/").pop() || job.instance_id;

export function told(job: Job): string {
  if (job.status !== "running") return [job.status, job.error_code?.replaceAll("_", " ")].filter(Boolean).join(" · ");
  const percent = job.percent ? `${Math.floor(job.percent)} %` : "";
  return [job.stage ?? "queued", percent, job.stage === "deferred" ? job.message : ""].filter(Boolean).join(" · ");
}

/** How long ago the oldest of these ended, in seconds; null where there is none. */
export function oldestS(jobs: Job[], now: number): number | null {
  const times = jobs.map((job) => Date.parse(job.completed_at ?? "")).filter(Number.isFinite);
  return times.length ? Math.max(0, (now - Math.min(...times)) / 1000) : null;
}

const DAY_MS = 24 * 3600 * 1000;

/** Every day of the time that was asked for, also those on which nothing happened. */
export function daysOf(savings: Savings): { day: string; original: number; compressed: number }[] {
  const days = [];
  for (let at = Date.parse(savings.from); at <= Date.parse(savings.to); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    const one = savings.by_day[day];
    days.push({ day, original: one?.original_size ?? 0, compressed: one?.compressed_size ?? 0 });
  }
  return days;
}

const STEPS: Record<string, string> = {
  download: "fetch",
  probe: "look",
  main: "compress",
  thumb: "thumbnail",
  upload: "publish",
  update_simpi: "tell SIMPI",
  notify: "tell others",
  total: "whole job",
};

export const stepName = (step: string): string => STEPS[step] ?? step;

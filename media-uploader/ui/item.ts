/** One file in the list: what is kept of it, and how it is told to people. */
import type { JobStatus, Receipt } from "../client/index.ts";
import { bytes, percent, remaining, savedPercent } from "./format.ts";

export type Phase = "waiting" | "uploading" | "paused" | "processing" | "ended" | "failed";

export interface Item {
  id: string;
  name: string;
  size: number;
  type: string;
  modified: number;
  addedAt: number;
  phase: Phase;
  sentBytes: number;
  /** All bytes are in the storage: only the job is left. */
  uploaded: boolean;
  blobName: string | null;
  stepId: string | null;
  status: JobStatus | null;
  /** Why it could not be uploaded or followed, where it could not. */
  problem: { code: string; message: string } | null;
  /** A passing trouble, told while we go on trying. */
  trouble: string | null;
  bytesPerS: number;
  /** From an earlier visit, or put away by its user. */
  archived: boolean;
}

/** What people see of an item. `tone` colours it; `value` is the progress, or null where nothing is measured. */
export interface Shown {
  state: ShownState;
  text: string;
  tone: "calm" | "busy" | "good" | "bad";
  value: number | null;
  isBusy: boolean;
}

export type ShownState =
  | "waiting"
  | "uploading"
  | "paused"
  | "queued"
  | "processing"
  | "done"
  | "kept"
  | "rejected"
  | "cancelled"
  | "failed";

const STAGES: Record<string, string> = {
  queued: "Waiting for a free place",
  deferred: "Waiting for a quiet hour",
  downloading: "Fetching",
  probing: "Looking at it",
  compressing: "Compressing",
  uploading: "Publishing",
  reporting: "Finishing",
  done: "Finishing",
};

export const receiptOf = (item: Item): Receipt | null => item.status?.receipt ?? null;

export function shown(item: Item): Shown {
  const busy = (state: ShownState, text: string, value: number | null): Shown => ({
    state,
    text: item.trouble ?? text,
    tone: "busy",
    value,
    isBusy: true,
  });
  const sent = item.size ? (100 * item.sentBytes) / item.size : 0;
  switch (item.phase) {
    case "waiting":
      return busy("waiting", "Waiting to upload", sent);
    case "uploading":
      return busy("uploading", `Uploading ${percent(sent)}${speed(item)}`, sent);
    case "paused":
      return { state: "paused", text: `Paused at ${percent(sent)}`, tone: "calm", value: sent, isBusy: false };
    case "processing": {
      const stage = item.status?.stage ?? "queued";
      if (stage === "queued" || stage === "deferred") return busy("queued", STAGES[stage] ?? stage, null);
      const at = item.status?.percent ?? 0;
      const text = STAGES[stage] ?? stage;
      return busy("processing", stage === "compressing" ? `${text} ${percent(at)}` : text, at);
    }
    case "failed": {
      const cancelled = item.problem?.code === "cancelled";
      const text = item.problem?.message ?? "It did not work.";
      return {
        state: cancelled ? "cancelled" : "failed",
        text,
        tone: cancelled ? "calm" : "bad",
        value: null,
        isBusy: false,
      };
    }
    case "ended":
      return ended(item);
  }
}

function ended(item: Item): Shown {
  const receipt = receiptOf(item);
  const end = (state: ShownState, text: string, tone: Shown["tone"]): Shown => ({
    state,
    text,
    tone,
    value: null,
    isBusy: false,
  });
  if (receipt?.status === "success") {
    if (receipt.action === "kept_original") return end("kept", "Already optimal: the original was kept", "good");
    return end("done", `Done: ${savedPercent(receipt.original_size, receipt.compressed_size ?? 0)} smaller`, "good");
  }
  const why = receipt?.error ?? item.status?.message ?? "";
  if (receipt?.status === "cancelled") return end("cancelled", "Cancelled", "calm");
  if (receipt?.status === "superseded") return end("cancelled", "Replaced by a newer upload", "calm");
  if (receipt?.status === "rejected") return end("rejected", `Not taken: ${why}`, "bad");
  return end("failed", why ? `Failed: ${why}` : "Failed", "bad");
}

const speed = (item: Item): string => paceOf(item.bytesPerS, item.size - item.sentBytes);

/** How fast something is sent and how long it will take, as the end of a line; nothing where that is not known. */
export function paceOf(bytesPerS: number, leftBytes: number): string {
  return bytesPerS > 0 ? ` · ${bytes(bytesPerS)}/s · ${remaining(leftBytes / bytesPerS)}` : "";
}

/** Whether trying again could help: not where the file itself is at fault. */
export function isRetryable(item: Item): boolean {
  if (item.phase === "failed") return true;
  const status = receiptOf(item)?.status;
  return item.phase === "ended" && (status === "failed" || status === "cancelled");
}

export const isOver = (item: Item): boolean => item.phase === "ended" || item.phase === "failed";

export const hasResult = (item: Item): boolean => receiptOf(item)?.status === "success";

/** The result's name on the user's disk. */
export function resultName(item: Item): string {
  const main = receiptOf(item)?.outputs.find((output) => output.role === "main");
  const extension = main?.blob.split(".").pop() ?? item.name.split(".").pop();
  const stem = item.name.includes(".") ? item.name.slice(0, item.name.lastIndexOf(".")) : item.name;
  return `${stem}.${extension}`;
}

/** What a list of items comes to. */
export interface Totals {
  files: number;
  over: number;
  done: number;
  failed: number;
  busy: number;
  original: number;
  compressed: number;
  percent: number;
  /** Of all uploads together. */
  bytesPerS: number;
  leftBytes: number;
}

export function totals(items: Item[]): Totals {
  const sum: Totals = {
    files: items.length,
    over: 0,
    done: 0,
    failed: 0,
    busy: 0,
    original: 0,
    compressed: 0,
    percent: 0,
    bytesPerS: 0,
    leftBytes: 0,
  };
  let progress = 0;
  for (const item of items) {
    const seen = shown(item);
    const receipt = receiptOf(item);
    if (seen.isBusy) sum.busy++;
    if (isOver(item)) sum.over++;
    if (item.phase === "uploading" || item.phase === "waiting") {
      sum.bytesPerS += item.bytesPerS;
      sum.leftBytes += item.size - item.sentBytes;
    }
    if (receipt?.status === "success") {
      sum.done++;
      sum.original += receipt.original_size;
      sum.compressed += receipt.compressed_size ?? receipt.original_size;
    } else if (seen.tone === "bad") sum.failed++;
    // Sending is half of the way, the job the other half.
    progress += isOver(item)
      ? 1
      : item.phase === "processing"
        ? 0.5 + (item.status?.percent ?? 0) / 200
        : item.sentBytes / (2 * item.size || 1);
  }
  sum.percent = items.length ? (100 * progress) / items.length : 0;
  return sum;
}

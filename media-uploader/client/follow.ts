/** Follow a job to its end: live messages make it quick, polling makes it sure. */
import type { MediaApi } from "./api.ts";
import { isAbort, MediaError } from "./errors.ts";
import type { Live, LiveMessage } from "./live.ts";
import type { JobStatus, Stage } from "./types.ts";
import { backoffMs, wait } from "./wait.ts";

export interface FollowOptions {
  signal?: AbortSignal;
  onStatus?: (status: JobStatus) => void;
  /** Nobody answers (with the error), or somebody does again (with null). */
  onTrouble?: (error: MediaError | null) => void;
  pace?: Partial<Pace>;
}

/** Milliseconds between two questions. */
export interface Pace {
  first: number;
  most: number;
  whileLive: number;
  whileHidden: number;
  inTrouble: number;
}

export const PACE: Pace = { first: 500, most: 4000, whileLive: 5000, whileHidden: 20_000, inTrouble: 8000 };

const MOST_UNKNOWN = 8;

/** Resolves with the terminal status, whose `receipt` is there. Throws where the upload is unknown or one has to sign in. */
export async function follow(
  api: MediaApi,
  live: Live | null,
  blobName: string,
  options: FollowOptions = {},
): Promise<JobStatus> {
  const pace = { ...PACE, ...options.pace };
  const wakers = new Set<() => void>();
  let pending = false;
  const wake = () => {
    pending = wakers.size === 0;
    for (const end of wakers) end();
  };
  let last: JobStatus | null = null;
  const tell = (status: JobStatus) => {
    last = status;
    options.onStatus?.(status);
  };
  const unlisten = live?.listen(blobName, (message, complete) => {
    if (complete) wake();
    else if (last && !last.receipt) tell(advanced(last, message));
  });
  const unwatch = live?.watch(wake);
  const page = globalThis.document;
  page?.addEventListener("visibilitychange", wake);
  globalThis.addEventListener?.("online", wake);
  try {
    let unknown = 0;
    let failures = 0;
    for (let quiet = 1; ; quiet++) {
      const stage: string | undefined = (last as JobStatus | null)?.stage;
      try {
        const status = await api.status(blobName, options.signal);
        if (failures > 0) options.onTrouble?.(null);
        failures = unknown = 0;
        tell(status);
        if (status.receipt) return status;
        if (status.stage !== stage) quiet = 1;
      } catch (error) {
        if (isAbort(error) || !(error instanceof MediaError)) throw error;
        if (error.status === 404 && ++unknown >= MOST_UNKNOWN) throw error;
        if (error.status !== 404 && !error.isPassing) throw error;
        failures++;
        options.onTrouble?.(error);
      }
      const ms =
        failures > 0
          ? backoffMs(failures, pace.first, pace.inTrouble)
          : page?.hidden
            ? pace.whileHidden
            : live?.state === "on"
              ? pace.whileLive
              : Math.min(pace.most, pace.first * 1.4 ** (quiet - 1));
      if (!pending) {
        await wait(ms, options.signal, (end) => {
          wakers.add(end);
          return () => wakers.delete(end);
        });
      }
      pending = false;
    }
  } finally {
    unlisten?.();
    unwatch?.();
    page?.removeEventListener("visibilitychange", wake);
    globalThis.removeEventListener?.("online", wake);
  }
}

/** A live message may be late: it never takes a job back. */
function advanced(status: JobStatus, message: LiveMessage): JobStatus {
  const stages: Stage[] = [
    "queued",
    "deferred",
    "downloading",
    "probing",
    "compressing",
    "uploading",
    "reporting",
    "done",
  ];
  const stage = (message.stage ?? status.stage) as Stage;
  const before = stages.indexOf(status.stage);
  const now = stages.indexOf(stage);
  if (now < before) return status;
  const percent = now === before ? Math.max(status.percent, message.percent ?? 0) : (message.percent ?? 0);
  return { ...status, status: "running", stage, percent, message: message.message ?? status.message };
}

/**
 * The client of SIMPI Media Compression: what its own page uses, and what another front end may import.
 * No framework in it. See docs/web.md for an example.
 */
import { MediaApi } from "./api.ts";
import { uploadBlocks } from "./blocks.ts";
import { type FollowOptions, follow } from "./follow.ts";
import { Live } from "./live.ts";
import type { JobStatus, Resumed, Room } from "./types.ts";

export { MediaApi } from "./api.ts";
export { BLOCK_BYTES, uploadBlocks } from "./blocks.ts";
export { isAbort, MediaError } from "./errors.ts";
export { follow } from "./follow.ts";
export { Live, type LiveState } from "./live.ts";
export type * from "./types.ts";
export { backoffMs, wait } from "./wait.ts";

/** How far an upload is: bytes while it is sent, then the job's stage and percent. */
export interface Progress {
  phase: "uploading" | "processing" | "done";
  sentBytes: number;
  totalBytes: number;
  percent: number;
  status: JobStatus | null;
}

export interface UploadOptions {
  onProgress?: (progress: Progress) => void;
  /** Told the blob's name as soon as it is known: keep it, to resume or to ask for the status later. */
  onBlobName?: (blobName: string) => void;
  /** Go on with this upload instead of beginning a new one. */
  resume?: string;
  signal?: AbortSignal;
}

export interface MediaClient {
  uploadStepMedia(file: File, stepId: string | undefined, options?: UploadOptions): Promise<JobStatus>;
  upload(file: File, stepId: string | undefined, options?: UploadOptions): Promise<string>;
  follow(blobName: string, options?: FollowOptions): Promise<JobStatus>;
  getProcessingStatus(blobName: string): Promise<JobStatus>;
  downloadUrl(blobName: string, options?: { role?: string; fileName?: string }): string;
  readonly api: MediaApi;
  readonly live: Live;
}

const arrivedOf = (room: Room | Resumed): Record<string, number> =>
  "complete" in room && !room.complete ? room.blocks : {};

/** A client of the app at `baseUrl`; empty means: where this page came from. */
export function createMediaClient(baseUrl = "", given: { api?: MediaApi; live?: Live } = {}): MediaClient {
  const api = given.api ?? new MediaApi(baseUrl);
  const live = given.live ?? new Live(api.baseUrl);

  async function upload(file: File, stepId: string | undefined, options: UploadOptions = {}): Promise<string> {
    const { signal, onProgress } = options;
    const onSent = (sentBytes: number) =>
      onProgress?.({
        phase: "uploading",
        sentBytes,
        totalBytes: file.size,
        percent: (100 * sentBytes) / file.size,
        status: null,
      });
    const room = options.resume ? await api.resume(options.resume, signal) : await api.begin(file, stepId, signal);
    options.onBlobName?.(room.blobName);
    if (!("uploadUrl" in room)) {
      onSent(file.size);
      return room.blobName;
    }
    const renew = async () => {
      const again: Resumed = await api.resume(room.blobName, signal);
      // Finished in the meantime: the storage will say that it is there already, which is success.
      return again.complete ? room : again;
    };
    await uploadBlocks({ file, target: room, arrived: arrivedOf(room), renew, onSent, signal });
    return room.blobName;
  }

  return {
    api,
    live,
    upload,
    follow: (blobName, options) => follow(api, live, blobName, options),
    getProcessingStatus: (blobName) => api.status(blobName),
    downloadUrl: (blobName, options) => api.downloadUrl(blobName, options),
    async uploadStepMedia(file, stepId, options = {}) {
      const blobName = await upload(file, stepId, options);
      const all = { sentBytes: file.size, totalBytes: file.size };
      const status = await follow(api, live, blobName, {
        signal: options.signal,
        onStatus: (now) =>
          options.onProgress?.({
            ...all,
            phase: now.receipt ? "done" : "processing",
            percent: now.percent,
            status: now,
          }),
      });
      return status;
    },
  };
}

const client = createMediaClient();

/** Upload a file for a step of SIMPI, follow its job, and resolve with the terminal status and its receipt. */
export const uploadStepMedia = client.uploadStepMedia;

/** How the job of an upload stands now. */
export const getProcessingStatus = client.getProcessingStatus;

/** Where a result is downloaded. */
export const downloadUrl = client.downloadUrl;

/** What the API says and takes. Sizes are bytes, times are seconds or ISO 8601 in UTC. */

/** Who one is here, and what may be uploaded. */
export interface Session {
  user: string | null;
  signIn: boolean;
  maxBytes: number;
  accepted: string[];
}

/** Room for one upload: its bytes go straight to `uploadUrl`, until `expiresAt`. */
export interface Room {
  blobName: string;
  uploadUrl: string;
  expiresAt: string;
  maxBytes: number;
}

/** How an upload stands that was interrupted: `blocks` have arrived; `complete` needs nothing more. */
export type Resumed = Complete | Unfinished;

interface Complete {
  blobName: string;
  complete: true;
}

interface Unfinished extends Room {
  complete: false;
  blocks: Record<string, number>;
}

export type Stage =
  | "queued"
  | "deferred"
  | "downloading"
  | "probing"
  | "compressing"
  | "uploading"
  | "reporting"
  | "done";

export type Outcome = "success" | "rejected" | "superseded" | "cancelled" | "failed";

/** One published file of a job. */
export interface Output {
  role: string;
  blob: string;
  url: string;
  size: number;
  width_px: number | null;
  height_px: number | null;
  content_type: string;
}

/** The terminal record of a job, as far as its owner may see it. */
export interface Receipt {
  instance_id: string;
  status: Outcome;
  error_code: string | null;
  error: string | null;
  blob_name: string;
  step_id: string | null;
  kind: "image" | "video" | null;
  action: "compressed" | "remuxed" | "kept_original" | null;
  reason: string | null;
  original_size: number;
  compressed_size: number | null;
  compression_ratio: number | null;
  saved_bytes: number;
  format: string | null;
  tier: string | null;
  outputs: Output[];
  source: Record<string, unknown>;
  timings_s: Record<string, number>;
  attempts: number;
  warnings: string[];
  processing_time: number;
  started_at: string;
  completed_at: string;
}

/** How a job stands. `receipt` is there when it has ended. */
export interface JobStatus {
  instanceId: string;
  blobName: string;
  status: Outcome | "queued" | "running";
  stage: Stage;
  percent: number;
  message: string;
  kind: "image" | "video" | null;
  receipt: Receipt | null;
}

/** One of one's own uploads, as the server lists them. */
export interface UploadEntry {
  blobName: string;
  instanceId: string;
  size: number;
  uploadedAt: number | null;
  status: Outcome | "running";
  compressedSize: number | null;
}

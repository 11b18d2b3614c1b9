import { errorOf, isAbort, unreachable } from "./errors.ts";
import type { JobStatus, Resumed, Room, Session, UploadEntry } from "./types.ts";

export interface FileFacts {
  name: string;
  size: number;
  type: string;
}

/** The HTTP API, typed. Every method throws a MediaError where it does not succeed. */
export class MediaApi {
  readonly baseUrl: string;
  readonly #fetch: typeof fetch;

  /** `baseUrl` is where the app answers; empty means: where this page came from. */
  constructor(baseUrl = "", fetcher: typeof fetch = (...call) => fetch(...call)) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
    this.#fetch = fetcher;
  }

  session(): Promise<Session> {
    return this.json("GET", "/api/session");
  }

  /** Room for a new upload, under a name that nobody else has. */
  begin(file: FileFacts, stepId?: string, signal?: AbortSignal): Promise<Room> {
    const body = { fileName: file.name, fileSize: file.size, fileType: file.type, ...(stepId ? { stepId } : {}) };
    return this.json("POST", "/api/upload", body, signal);
  }

  /** A new URL for an upload that was interrupted, and what has arrived of it. */
  resume(blobName: string, signal?: AbortSignal): Promise<Resumed> {
    return this.json("POST", "/api/upload/resume", { blobName }, signal);
  }

  status(blobName: string, signal?: AbortSignal): Promise<JobStatus> {
    return this.json("GET", `/api/status?blobName=${encodeURIComponent(blobName)}`, undefined, signal);
  }

  async uploads(): Promise<UploadEntry[]> {
    return (await this.json<{ uploads: UploadEntry[] }>("GET", "/api/uploads")).uploads;
  }

  /** Where a result is downloaded: the server sends the browser on to a link that works for a few minutes. */
  downloadUrl(blobName: string, options: { role?: string; fileName?: string } = {}): string {
    const query = new URLSearchParams({ blobName });
    if (options.role) query.set("role", options.role);
    if (options.fileName) query.set("fileName", options.fileName);
    return `${this.baseUrl}/api/download?${query}`;
  }

  /** Any call: JSON in, JSON out. */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const sent: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    let response: Response;
    try {
      response = await this.#fetch(this.baseUrl + path, {
        method,
        headers: { accept: "application/json", ...sent, ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: this.baseUrl ? "include" : "same-origin",
        cache: "no-store",
        signal: signal ?? null,
      });
    } catch (error) {
      throw isAbort(error) ? error : unreachable();
    }
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as T;
  }
}

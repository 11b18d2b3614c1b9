/** What the tests stand on: a storage that keeps blocks, and an API that answers from a script. */
import type { Connection } from "../client/live.ts";
import type { Put, Putter } from "../client/put.ts";
import type { JobStatus, Outcome, Receipt, Stage } from "../client/types.ts";

/** Keeps blocks and blobs as Azure does. `fail` answers instead, where it wants to. */
export class Storage {
  readonly blocks = new Map<string, Blob>();
  readonly puts: string[] = [];
  committed: Blob | null = null;
  fail: (url: string, n: number) => Put | null = () => null;

  readonly put: Putter = async (url, body, headers, onSent) => {
    this.puts.push(url);
    const failed = this.fail(url, this.puts.length);
    if (failed) return failed;
    const query = new URL(url).searchParams;
    if (query.get("comp") === "block") {
      this.blocks.set(atob(query.get("blockid") ?? ""), body as Blob);
      onSent?.((body as Blob).size);
      return { status: 201, code: null };
    }
    if (headers["if-none-match"] === "*" && this.committed) return { status: 409, code: "BlobAlreadyExists" };
    const ids = [...String(body).matchAll(/<Latest>(.*?)<\/Latest>/g)].map((match) => atob(match[1] ?? ""));
    this.committed =
      query.get("comp") === "blocklist" ? new Blob(ids.map((id) => this.blocks.get(id) ?? "missing")) : (body as Blob);
    return { status: 201, code: null };
  };
}

export const target = (uploadUrl = "https://storage.example/uploads/x?sig=1", seconds = 900) => ({
  uploadUrl,
  expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
});

/** `fetch` that gives these answers one after the other, and the last one forever; an error is thrown. */
export function answers(...given: (object | Error | [number, object])[]): typeof fetch & { calls: string[] } {
  const calls: string[] = [];
  const fetcher = async (url: unknown, init?: RequestInit) => {
    calls.push(`${init?.method ?? "GET"} ${url}`);
    const next = given.length > 1 ? given.shift() : given[0];
    if (next instanceof Error) throw next;
    const [status, body] = Array.isArray(next) ? next : [200, next];
    return new Response(JSON.stringify(body), { status });
  };
  return Object.assign(fetcher as typeof fetch, { calls });
}

export function status(stage: Stage, percent = 0, end: Outcome | null = null): JobStatus {
  return {
    instanceId: "media-1",
    blobName: "u/1/a.jpg",
    status: end ?? (stage === "queued" ? "queued" : "running"),
    stage,
    percent,
    message: "",
    kind: "image",
    receipt: end ? receipt(end) : null,
  };
}

export function receipt(end: Outcome = "success", more: Partial<Receipt> = {}): Receipt {
  return {
    instance_id: "media-1",
    status: end,
    error_code: null,
    error: null,
    blob_name: "u/1/a.jpg",
    step_id: null,
    kind: "image",
    action: "compressed",
    reason: "WEBP quality 85",
    original_size: 1000,
    compressed_size: 250,
    compression_ratio: 4,
    saved_bytes: 750,
    format: "webp",
    tier: null,
    outputs: [],
    source: {},
    timings_s: {},
    attempts: 1,
    warnings: [],
    processing_time: 1,
    started_at: "",
    completed_at: "",
    ...more,
  };
}

/** A SignalR connection that the test holds in its hands. */
export class Hub implements Connection {
  readonly handlers = new Map<string, (message: object) => void>();
  closed: () => void = () => undefined;
  started = 0;
  refuses = false;

  async start(): Promise<void> {
    this.started++;
    if (this.refuses) throw new Error("404");
  }
  async stop(): Promise<void> {
    this.closed();
  }
  on(name: string, handler: (message: object) => void): void {
    this.handlers.set(name, handler);
  }
  onclose(handler: () => void): void {
    this.closed = handler;
  }
  onreconnecting(): void {}
  onreconnected(): void {}
  send(name: string, message: object): void {
    this.handlers.get(name)?.(message);
  }
}

/** Resolves when `ask` is true; fails after a while. */
export async function until(ask: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5000;
  while (!ask()) {
    if (Date.now() > end) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

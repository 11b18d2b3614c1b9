/**
 * The bytes of one file, in blocks, to Azure Blob Storage. Each block is tried again by itself; what has arrived before is not
 * sent again; an expired URL is renewed; nothing is ever overwritten.
 */
import { isAbort, MediaError } from "./errors.ts";
import { type Put, type Putter, xhrPut } from "./put.ts";
import { backoffMs, wait } from "./wait.ts";

export const BLOCK_BYTES = 4 * 1024 * 1024;
export const AT_ONCE = 3;
export const TRIES = 5;
const EXPIRES_SOON_MS = 10_000;

/** A URL that may be written to, until it expires. */
export interface Target {
  uploadUrl: string;
  expiresAt: string;
}

export interface BlockUpload {
  file: Blob;
  target: Target;
  /** What has arrived before: block ids with their sizes. */
  arrived?: Record<string, number>;
  /** Asks for a new URL when the old one has expired. */
  renew: () => Promise<Target>;
  onSent?: (bytes: number) => void;
  signal?: AbortSignal;
  put?: Putter;
  /** Milliseconds before the first repetition. */
  firstWaitMs?: number;
}

interface Block {
  id: string;
  start: number;
  end: number;
}

/** The blocks of a file of this size. The same file always gives the same ids, so that it can be resumed. */
export function blocksOf(size: number): Block[] {
  const count = Math.max(1, Math.ceil(size / BLOCK_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    id: String(index).padStart(6, "0"),
    start: index * BLOCK_BYTES,
    end: Math.min(size, (index + 1) * BLOCK_BYTES),
  }));
}

/** Upload a file. Throws a MediaError, or an AbortError where `signal` stopped it. */
export async function uploadBlocks(upload: BlockUpload): Promise<void> {
  const blocks = blocksOf(upload.file.size);
  const arrived = upload.arrived ?? {};
  const missing = blocks.filter((block) => arrived[block.id] !== block.end - block.start);
  const sending = new Sending(upload, upload.file.size - total(missing));
  if (blocks.length === 1) return sending.whole();
  const stop = new AbortController();
  const signal = upload.signal ? AbortSignal.any([upload.signal, stop.signal]) : stop.signal;
  const queue = [...missing];
  const worker = async () => {
    for (let block = queue.shift(); block; block = queue.shift()) await sending.block(block, signal);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    stop.abort();
    throw error;
  }
  await sending.commit(blocks);
}

const total = (blocks: Block[]) => blocks.reduce((sum, block) => sum + block.end - block.start, 0);

class Sending {
  readonly #upload: BlockUpload;
  readonly #put: Putter;
  readonly #underWay = new Map<string, number>();
  #sent: number;
  #target: Target;
  #renewing: Promise<Target> | null = null;

  constructor(upload: BlockUpload, sentBefore: number) {
    this.#upload = upload;
    this.#put = upload.put ?? xhrPut;
    this.#sent = sentBefore;
    this.#target = upload.target;
    this.#tell();
  }

  /** A small file goes in one piece. */
  async whole(): Promise<void> {
    const bytes = await this.#read(0, this.#upload.file.size);
    const headers = { "x-ms-blob-type": "BlockBlob", "if-none-match": "*" };
    await this.#persist("whole", "", bytes, headers, this.#upload.signal);
    this.#done("whole", bytes.size);
  }

  async block(block: Block, signal: AbortSignal): Promise<void> {
    const bytes = await this.#read(block.start, block.end);
    await this.#persist(block.id, `&comp=block&blockid=${encodeURIComponent(btoa(block.id))}`, bytes, {}, signal);
    this.#done(block.id, bytes.size);
  }

  async commit(blocks: Block[]): Promise<void> {
    const listed = blocks.map((block) => `<Latest>${btoa(block.id)}</Latest>`).join("");
    const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${listed}</BlockList>`;
    const headers = { "content-type": "application/xml", "if-none-match": "*" };
    await this.#persist("", "&comp=blocklist", body, headers, this.#upload.signal);
  }

  async #read(start: number, end: number): Promise<Blob> {
    try {
      const part = this.#upload.file.slice(start, end);
      return new Blob([await part.arrayBuffer()]);
    } catch {
      throw new MediaError(
        "unreadable",
        "The file cannot be read any more: was it moved or changed? Choose it again.",
        400,
      );
    }
  }

  /** PUT until it has worked: again after a passing fault, with a new URL after the old one has expired. */
  async #persist(
    id: string,
    query: string,
    body: Blob | string,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<void> {
    let renewed = 0;
    for (let attempt = 1; ; attempt++) {
      if (Date.parse(this.#target.expiresAt) < Date.now() + EXPIRES_SOON_MS && renewed === 0) {
        renewed++;
        await this.#renew(this.#target);
      }
      const used = this.#target;
      const onSent = id ? (bytes: number) => this.#tell(id, bytes) : undefined;
      const answer = await this.#put(used.uploadUrl + query, body, this.#headers(headers), onSent, signal);
      if (succeeded(answer)) return;
      this.#tell(id, 0);
      if (answer.status === 403 && renewed < 2) {
        renewed++;
        await this.#renew(used);
        continue;
      }
      const error = problemOf(answer);
      if (!error.isPassing || attempt >= TRIES) throw error;
      await wait(backoffMs(attempt, this.#upload.firstWaitMs ?? 500, 8000), signal);
    }
  }

  #headers(more: Record<string, string>): Record<string, string> {
    return { "x-ms-version": "2023-11-03", ...more };
  }

  /** One renewal for all blocks that meet the same expired URL. */
  async #renew(old: Target): Promise<void> {
    if (this.#target !== old) return;
    this.#renewing ??= this.#upload.renew().finally(() => {
      this.#renewing = null;
    });
    try {
      this.#target = await this.#renewing;
    } catch (error) {
      if (isAbort(error) || error instanceof MediaError) throw error;
      throw problemOf({ status: 0, code: null });
    }
  }

  #done(id: string, bytes: number): void {
    this.#underWay.delete(id);
    this.#sent += bytes;
    this.#tell();
  }

  #tell(id?: string, bytes?: number): void {
    if (id !== undefined && bytes !== undefined) this.#underWay.set(id, bytes);
    let sum = this.#sent;
    for (const part of this.#underWay.values()) sum += part;
    this.#upload.onSent?.(Math.min(sum, this.#upload.file.size));
  }
}

/** "It is there already" can only mean that an earlier try arrived and its answer did not: the name is ours alone. */
const succeeded = (answer: Put) =>
  (answer.status >= 200 && answer.status < 300) ||
  ((answer.status === 409 || answer.status === 412) &&
    (answer.code === null || answer.code === "BlobAlreadyExists" || answer.code === "ConditionNotMet"));

function problemOf(answer: Put): MediaError {
  if (answer.status === 0) {
    return new MediaError(
      "storage_unreachable",
      "The connection to the storage was lost. Try again: it goes on where it stopped.",
    );
  }
  if (answer.status === 403) {
    return new MediaError(
      "upload_link_expired",
      "The upload link has expired. Try again: it goes on where it stopped.",
      403,
    );
  }
  if (answer.status === 413) return new MediaError("too_large", "The storage does not take a file of this size.", 413);
  return new MediaError(
    "storage_error",
    `The storage did not take the file (${answer.code ?? answer.status}).`,
    answer.status,
  );
}

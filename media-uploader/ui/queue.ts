/**
 * The list of files and what happens to them: a few uploads at a time, each followed to its end; paused, cancelled, tried again;
 * all of it kept, so that a reload goes on where it was.
 */
import { backoffMs, isAbort, type MediaClient, MediaError, type Session, wait } from "../client/index.ts";
import { check, type Refused } from "./checks.ts";
import { hasResult, type Item, isOver, isRetryable, shown } from "./item.ts";
import type { Store } from "./store.ts";

export const UPLOADS_AT_ONCE = 3;
const TRIES = 4;
const LONGEST_WAIT_S = 60;
const TELL_EVERY_MS = 120;
const MOST_KEPT = 500;
const ANEW = { blobName: null, sentBytes: 0, uploaded: false };

/** Holds a name for as long as `work` runs, so that two tabs do not do the same thing. Null where another tab holds it. */
export type Hold = <T>(name: string, work: () => Promise<T>) => Promise<T | null>;

export class Queue {
  readonly #client: MediaClient;
  readonly #store: Store;
  readonly #hold: Hold;
  readonly #listeners = new Set<() => void>();
  readonly #files = new Map<string, File>();
  readonly #running = new Map<string, AbortController>();
  readonly #elsewhere = new Set<string>();
  readonly #sentAgain = new Set<string>();
  #items: Item[] = [];
  #said = "";
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: MediaClient, store: Store, hold: Hold = tabLock) {
    this.#client = client;
    this.#store = store;
    this.#hold = hold;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly items = (): Item[] => this.#items;

  /** The last thing worth saying to somebody who does not look. */
  readonly said = (): string => this.#said;

  /** Bring back what was there before the reload, and go on with it. `isNewVisit` puts away what had ended. */
  async restore(isNewVisit: boolean): Promise<void> {
    const kept = (await this.#store.items()).sort((a, b) => a.addedAt - b.addedAt);
    for (const old of kept.slice(0, Math.max(0, kept.length - MOST_KEPT))) await this.#forget(old.id);
    const known = new Set(this.#items.map((item) => item.id));
    const back = kept.slice(-MOST_KEPT).filter((item) => !known.has(item.id));
    for (const item of back) {
      item.trouble = null;
      item.bytesPerS = 0;
      if (item.phase === "uploading") item.phase = "waiting";
      if (isNewVisit && isOver(item)) item.archived = true;
    }
    this.#items = [...back, ...this.#items];
    this.#tell();
    for (const item of back) if (item.phase === "processing") void this.#run(item.id);
    this.#pump();
  }

  /** Add files; those that are refused come back with the reason. */
  add(files: File[], session: Session, stepId: string | null = null): Refused[] {
    const refused: Refused[] = [];
    for (const file of files) {
      const present = this.#items.filter((item) => !item.archived && shown(item).state !== "cancelled");
      const reason = check(file, session, present);
      if (reason) refused.push({ name: file.name, reason });
      else this.#insert(file, stepId);
    }
    const added = files.length - refused.length;
    if (added) this.#say(`${added} added${refused.length ? `, ${refused.length} refused` : ""}`);
    this.#pump();
    return refused;
  }

  pause(id: string): void {
    const item = this.#get(id);
    if (item?.phase !== "waiting" && item?.phase !== "uploading") return;
    this.#change(id, { phase: "paused", bytesPerS: 0, trouble: null });
    this.#running.get(id)?.abort();
  }

  resume(id: string): void {
    if (this.#get(id)?.phase === "paused") this.#change(id, { phase: "waiting" });
    this.#pump();
  }

  /** Stop it: an upload here, a job on the server. */
  async cancel(id: string): Promise<void> {
    const item = this.#get(id);
    if (!item || isOver(item)) return;
    if (item.phase === "processing" && item.blobName) {
      await this.#client.api.json("POST", "/api/upload/cancel", { blobName: item.blobName }).catch(() => undefined);
      return;
    }
    this.#change(id, {
      phase: "failed",
      problem: { code: "cancelled", message: "Cancelled" },
      trouble: null,
      bytesPerS: 0,
    });
    this.#running.get(id)?.abort();
  }

  /** Try again: an interrupted upload goes on where it stopped, a failed job gets a new upload. */
  async retry(id: string, chosen?: File): Promise<void> {
    const item = this.#get(id);
    if (!item || !isRetryable(item)) return;
    if (chosen) {
      if (chosen.name !== item.name || chosen.size !== item.size) {
        this.#change(id, {
          problem: { code: "other_file", message: `This is another file: choose ${item.name} again.` },
        });
        return;
      }
      await this.#keep(id, chosen);
    }
    // A job that has ended is not run again under the same name, nor is one whose upload nobody knows.
    const anew = item.phase === "ended" || item.problem?.code === "not_found";
    const uploaded = !anew && item.uploaded;
    this.#change(id, {
      phase: uploaded ? "processing" : "waiting",
      problem: null,
      status: null,
      ...(anew ? ANEW : {}),
    });
    if (uploaded) void this.#run(id);
    this.#pump();
  }

  async retryFailed(): Promise<void> {
    const failed = this.#items.filter((item) => !item.archived && isRetryable(item) && shown(item).tone === "bad");
    for (const item of failed) await this.retry(item.id);
  }

  /** Take it off the list; what is under way is stopped first. */
  async remove(id: string): Promise<void> {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#running.get(id)?.abort();
    this.#tell();
    await this.#forget(id);
  }

  /** Put away everything that has ended. */
  clear(): void {
    for (const item of this.#items) if (!item.archived && isOver(item)) this.#change(item.id, { archived: true });
  }

  async forgetHistory(): Promise<void> {
    for (const item of this.#items.filter((one) => one.archived)) await this.remove(item.id);
  }

  /** The file itself, where it is still at hand. */
  async file(id: string): Promise<File | null> {
    return this.#files.get(id) ?? (await this.#store.file(id));
  }

  #insert(file: File, stepId: string | null): void {
    const item: Item = {
      id: crypto.randomUUID(),
      name: file.name,
      size: file.size,
      type: file.type,
      modified: file.lastModified,
      addedAt: Date.now(),
      phase: "waiting",
      sentBytes: 0,
      uploaded: false,
      blobName: null,
      stepId,
      status: null,
      problem: null,
      trouble: null,
      bytesPerS: 0,
      archived: false,
    };
    this.#items = [...this.#items, item];
    void this.#keep(item.id, file);
    void this.#store.save(item);
    this.#tell();
  }

  async #keep(id: string, file: File): Promise<void> {
    this.#files.set(id, file);
    await this.#store.keepFile(id, file);
  }

  async #forget(id: string): Promise<void> {
    this.#files.delete(id);
    await Promise.all([this.#store.remove(id), this.#store.dropFile(id)]);
  }

  /** Begin as many uploads as there are places for. */
  #pump(): void {
    const uploading = this.#items.filter((item) => item.phase === "uploading").length;
    const free = UPLOADS_AT_ONCE - uploading;
    const next = this.#items.filter(
      (one) => one.phase === "waiting" && !this.#running.has(one.id) && !this.#elsewhere.has(one.id),
    );
    for (const item of next.slice(0, Math.max(0, free))) {
      this.#change(item.id, { phase: "uploading" });
      void this.#run(item.id);
    }
  }

  async #run(id: string): Promise<void> {
    if (this.#running.has(id)) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const ran = await this.#hold(`simpi-item-${id}`, () => this.#whole(id, controller.signal));
    this.#running.delete(id);
    if (ran === null) {
      this.#elsewhere.add(id);
      this.#items = this.#items.filter((item) => item.id !== id);
      this.#tell();
    }
    this.#pump();
  }

  async #whole(id: string, signal: AbortSignal): Promise<true> {
    try {
      if (this.#get(id)?.phase === "uploading") await this.#upload(id, signal);
      await this.#follow(id, signal);
    } catch (error) {
      if (isAbort(error)) return true;
      if (await this.#isLost(id, error)) this.#change(id, { ...ANEW, phase: "waiting" });
      else this.#failed(id, error);
    }
    return true;
  }

  /** The server has lost an upload that was complete, and the file is still at hand: once, it is simply sent again. */
  async #isLost(id: string, error: unknown): Promise<boolean> {
    const isUnknown = error instanceof MediaError && error.code === "not_found";
    if (!isUnknown || this.#sentAgain.has(id) || !(await this.file(id))) return false;
    this.#sentAgain.add(id);
    return true;
  }

  /** Upload it, over a server that is away for a moment or asks us to slow down. */
  async #upload(id: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#uploadOnce(id, signal);
      } catch (error) {
        const passing = error instanceof MediaError && error.isPassing && (error.retryAfterS ?? 0) <= LONGEST_WAIT_S;
        if (!passing || attempt >= TRIES) throw error;
        this.#progressed(id, { trouble: `${error.message} Trying again…`, bytesPerS: 0 });
        const ms = error.retryAfterS ? error.retryAfterS * 1000 : backoffMs(attempt, 800, 8000);
        await wait(ms, signal);
        this.#progressed(id, { trouble: null });
      }
    }
  }

  async #uploadOnce(id: string, signal: AbortSignal): Promise<void> {
    const item = this.#get(id);
    const file = await this.file(id);
    if (!item) return;
    if (!file) throw new MediaError("file_gone", "The file is not at hand any more: choose it again to go on.", 400);
    const pace = new Speed(item.sentBytes);
    await this.#client.upload(file, item.stepId ?? undefined, {
      signal,
      resume: item.blobName ?? undefined,
      onBlobName: (blobName) => this.#change(id, { blobName }),
      onProgress: ({ sentBytes }) => this.#progress(id, sentBytes, pace.after(sentBytes)),
    });
    this.#change(id, { phase: "processing", uploaded: true, sentBytes: item.size, bytesPerS: 0 });
    this.#pump();
  }

  async #follow(id: string, signal: AbortSignal): Promise<void> {
    const blobName = this.#get(id)?.blobName;
    if (!blobName) return;
    const status = await this.#client.follow(blobName, {
      signal,
      onStatus: (now) => this.#progressed(id, { status: now, trouble: null }),
      onTrouble: (error) => this.#progressed(id, { trouble: error ? `${error.message} Trying again…` : null }),
    });
    this.#change(id, { phase: "ended", status, trouble: null });
    const item = this.#get(id);
    if (item) this.#say(`${item.name}: ${shown(item).text}`);
    if (item && (hasResult(item) || !isRetryable(item))) {
      this.#files.delete(id);
      await this.#store.dropFile(id);
    }
  }

  #failed(id: string, error: unknown): void {
    const known = error instanceof MediaError;
    const problem = known
      ? { code: error.code, message: error.message }
      : { code: "unexpected", message: "Something unexpected went wrong. Try again." };
    this.#change(id, { phase: "failed", problem, trouble: null, bytesPerS: 0 });
    const item = this.#get(id);
    if (item) this.#say(`${item.name}: ${problem.message}`);
  }

  #get(id: string): Item | undefined {
    return this.#items.find((item) => item.id === id);
  }

  /** A change that is kept and told at once. */
  #change(id: string, change: Partial<Item>): void {
    this.#replace(id, change);
    const item = this.#get(id);
    if (item) void this.#store.save(item);
    this.#tell();
  }

  #progress(id: string, sentBytes: number, bytesPerS: number): void {
    if (this.#get(id)?.phase === "uploading") this.#progressed(id, { sentBytes, bytesPerS });
  }

  /** A change that may be told a little later, with others. */
  #progressed(id: string, change: Partial<Item>): void {
    this.#replace(id, change);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #replace(id: string, change: Partial<Item>): void {
    this.#items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item));
  }

  #say(text: string): void {
    this.#said = text;
    this.#tell();
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const listener of this.#listeners) listener();
  }
}

/** Bytes per second over the last few seconds. */
class Speed {
  #marks: [number, number][];

  constructor(sentBefore: number) {
    this.#marks = [[performance.now(), sentBefore]];
  }

  after(sent: number): number {
    const now = performance.now();
    this.#marks.push([now, sent]);
    while (this.#marks.length > 2 && (this.#marks[0]?.[0] ?? now) < now - 4000) this.#marks.shift();
    const [at, before] = this.#marks[0] ?? [now, sent];
    return now - at > 400 ? Math.max(0, ((sent - before) * 1000) / (now - at)) : 0;
  }
}

/** The browser's own locks, shared by all tabs. A tab that is just being reloaded lets go within a moment. */
async function tabLock<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  if (!globalThis.navigator?.locks) return work();
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(2000) }, () => work());
  } catch (error) {
    if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError")) return null;
    throw error;
  }
}

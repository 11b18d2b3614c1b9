/** Live messages by SignalR. They only make things quicker: whoever listens also polls, so that nothing depends on them. */
import type { HubConnection } from "@microsoft/signalr";

export interface LiveMessage {
  blobName: string;
  stage?: string;
  percent?: number;
  message?: string;
}

export type LiveState = "off" | "connecting" | "on";

/** What Live needs of a connection: the real one is SignalR's. */
export type Connection = Pick<HubConnection, "start" | "stop" | "on" | "onclose" | "onreconnecting" | "onreconnected">;

const AGAIN_MS = [2_000, 10_000, 30_000, 60_000];

export class Live {
  readonly #connect: () => Promise<Connection>;
  readonly #listeners = new Map<string, Set<(message: LiveMessage, complete: boolean) => void>>();
  readonly #watchers = new Set<(state: LiveState) => void>();
  readonly #againMs: number[];
  #connection: Connection | null = null;
  #state: LiveState = "off";
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(baseUrl = "", connect?: () => Promise<Connection>, againMs: number[] = AGAIN_MS) {
    this.#connect = connect ?? (() => signalR(`${baseUrl}/api`));
    this.#againMs = againMs;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Be told about one upload. Connects with the first listener and lets go after the last; returns how to stop. */
  listen(blobName: string, listener: (message: LiveMessage, complete: boolean) => void): () => void {
    const listeners = this.#listeners.get(blobName) ?? new Set();
    this.#listeners.set(blobName, listeners.add(listener));
    if (this.#state === "off" && this.#timer === null) void this.#start();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(blobName);
      if (this.#listeners.size === 0) void this.#stop();
    };
  }

  /** Be told when the connection comes and goes. */
  watch(watcher: (state: LiveState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async #start(): Promise<void> {
    this.#timer = null;
    this.#become("connecting");
    try {
      const connection = await this.#connect();
      connection.on("MediaProcessingProgress", (message: LiveMessage) => this.#tell(message, false));
      connection.on("MediaProcessingComplete", (message: LiveMessage) => this.#tell(message, true));
      connection.onreconnecting(() => this.#become("connecting"));
      connection.onreconnected(() => this.#become("on"));
      connection.onclose(() => connection === this.#connection && this.#lost());
      this.#connection = connection;
      await connection.start();
      if (this.#connection !== connection) return;
      this.#failures = 0;
      this.#become("on");
    } catch {
      this.#lost();
    }
  }

  #lost(): void {
    this.#connection = null;
    this.#become("off");
    if (this.#listeners.size === 0) return;
    const ms = this.#againMs[Math.min(this.#failures++, this.#againMs.length - 1)] ?? 60_000;
    if (this.#timer === null) this.#timer = setTimeout(() => void this.#start(), ms);
  }

  async #stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const connection = this.#connection;
    this.#connection = null;
    this.#become("off");
    await connection?.stop().catch(() => undefined);
  }

  #tell(message: LiveMessage, complete: boolean): void {
    for (const listener of this.#listeners.get(message.blobName) ?? []) listener(message, complete);
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

/** The real connection: SignalR asks `{api}/negotiate` by itself, again at each reconnect. Loaded only when it is needed. */
async function signalR(api: string): Promise<Connection> {
  const { HubConnectionBuilder, LogLevel } = await import("@microsoft/signalr");
  return new HubConnectionBuilder()
    .withUrl(api)
    .withAutomaticReconnect([0, 1000, 3000, 10_000])
    .configureLogging(LogLevel.None)
    .build();
}

/** Why something could not be done: `code` is stable, the message is a sentence for people. */
export class MediaError extends Error {
  readonly code: string;
  /** The HTTP status, or 0 where nobody answered. */
  readonly status: number;
  /** Seconds after which it is worth trying again, where the server said so. */
  readonly retryAfterS: number | null;

  constructor(code: string, message: string, status = 0, retryAfterS: number | null = null) {
    super(message);
    this.name = "MediaError";
    this.code = code;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }

  /** Whether the same thing may work in a moment: nobody answered, or the server is busy or broken. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = () =>
  new MediaError("unreachable", "The server cannot be reached. Check the connection and try again.");

/** The error in an answer that is not a success: problem JSON (RFC 9457), or whatever else came. */
export async function errorOf(response: Response): Promise<MediaError> {
  const wait = Number.parseFloat(response.headers.get("retry-after") ?? "");
  const retryAfterS = Number.isFinite(wait) ? wait : null;
  try {
    const problem = (await response.json()) as { code?: unknown; detail?: unknown };
    if (typeof problem.code === "string" && typeof problem.detail === "string") {
      return new MediaError(problem.code, problem.detail, response.status, retryAfterS);
    }
  } catch {
    // Not JSON: a gateway's page, say.
  }
  const text = response.status >= 500 ? "The server has a problem. Try again in a moment." : "The server refused this.";
  return new MediaError(`http_${response.status}`, text, response.status, retryAfterS);
}

export const aborted = () => new DOMException("Stopped", "AbortError");

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

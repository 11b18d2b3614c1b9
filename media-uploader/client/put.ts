import { aborted } from "./errors.ts";

/** What the storage answered. `status` 0: nobody did. */
export interface Put {
  status: number;
  code: string | null;
}

export type Putter = (
  url: string,
  body: Blob | string,
  headers: Record<string, string>,
  onSent?: (bytes: number) => void,
  signal?: AbortSignal,
) => Promise<Put>;

/** PUT by XMLHttpRequest: `fetch` does not tell how much of a body has been sent. */
export const xhrPut: Putter = (url, body, headers, onSent, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (finish: () => void) => {
      signal?.removeEventListener("abort", stop);
      finish();
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onSent) request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () =>
      end(() => resolve({ status: request.status, code: request.getResponseHeader("x-ms-error-code") }));
    request.onerror = () => end(() => resolve({ status: 0, code: null }));
    request.ontimeout = request.onerror;
    request.onabort = () => end(() => reject(aborted()));
    request.timeout = 120_000;
    signal?.addEventListener("abort", stop);
    request.send(body);
  });

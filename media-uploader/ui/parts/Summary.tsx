/** What the list comes to, and what can be done with all of it. */
import { useState } from "react";
import { isAbort, type MediaClient } from "../../client/index.ts";
import { bytes, percent, plural, savedPercent } from "../format.ts";
import { hasResult, type Item, paceOf, totals } from "../item.ts";
import type { Queue } from "../queue.ts";
import { save, zipOf } from "../zip.ts";
import { DownloadIcon } from "./icons.tsx";

interface SummaryProps {
  items: Item[];
  queue: Queue;
  client: MediaClient;
  onProblem: (text: string) => void;
}

export function Summary({ items, queue, client, onProblem }: SummaryProps) {
  const [zipped, setZipped] = useState<number | null>(null);
  const sum = totals(items);
  const saved = sum.original - sum.compressed;
  const done = items.filter(hasResult);
  const paused = items.filter((item) => item.phase === "paused");
  const sending = items.filter((item) => item.phase === "uploading" || item.phase === "waiting");

  const zip = async () => {
    setZipped(0);
    try {
      save(await zipOf(done, client, setZipped), "compressed.zip");
    } catch (error) {
      if (!isAbort(error)) onProblem(error instanceof Error ? error.message : "The ZIP could not be made.");
    }
    setZipped(null);
  };

  return (
    <section className="summary" aria-label="All files">
      <div className="summary-numbers">
        <p className="summary-saved" data-testid="saved">
          {sum.original > 0 ? (
            <>
              <strong>{bytes(Math.max(0, saved))}</strong> saved{" "}
              <small>{savedPercent(sum.original, sum.compressed)} smaller</small>
            </>
          ) : (
            <>
              <strong>{plural(sum.files, "file")}</strong>{" "}
              <small>{sum.busy ? `${percent(sum.percent)} of the way` : ""}</small>
            </>
          )}
        </p>
        <p className="summary-counts" data-testid="counts">
          {sum.over} of {plural(sum.files, "file")} finished{sum.failed ? `, ${sum.failed} not compressed` : ""}
          {paceOf(sum.bytesPerS, sum.leftBytes)}
        </p>
      </div>
      <div className="summary-buttons">
        {sending.length > 1 ? (
          <button type="button" className="plain small" onClick={() => sending.map((item) => queue.pause(item.id))}>
            Pause all
          </button>
        ) : null}
        {paused.length > 1 ? (
          <button type="button" className="plain small" onClick={() => paused.map((item) => queue.resume(item.id))}>
            Resume all
          </button>
        ) : null}
        {sum.failed > 0 ? (
          <button type="button" className="plain small" onClick={() => void queue.retryFailed()}>
            Retry all failed
          </button>
        ) : null}
        {sum.over > 0 ? (
          <button type="button" className="plain small" onClick={() => queue.clear()}>
            Clear finished
          </button>
        ) : null}
        {done.length > 1 ? (
          <button type="button" className="small" disabled={zipped !== null} onClick={() => void zip()}>
            <DownloadIcon /> {zipped === null ? "Download all" : `${zipped} of ${done.length}…`}
          </button>
        ) : null}
      </div>
      <progress aria-label="All files" max={100} value={sum.percent} />
    </section>
  );
}

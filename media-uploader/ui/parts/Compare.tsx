/** Before and after of a picture, one over the other, with a line between that can be moved; at 100 % pixel for pixel. */
import { type PointerEvent, useEffect, useId, useRef, useState } from "react";
import type { MediaClient, Receipt } from "../../client/index.ts";
import { bytes } from "../format.ts";
import type { Item } from "../item.ts";
import type { Queue } from "../queue.ts";

interface CompareProps {
  item: Item;
  queue: Queue;
  client: MediaClient;
  receipt: Receipt;
}

export function Compare({ item, queue, client, receipt }: CompareProps) {
  const [split, setSplit] = useState(50);
  const [isFull, setFull] = useState(false);
  const [noBefore, setNoBefore] = useState(false);
  const before = useBefore(item, queue, client);
  const frame = useRef<HTMLDivElement>(null);
  const slider = useId();
  const main = receipt.outputs.find((output) => output.role === "main");
  const after = client.downloadUrl(item.blobName ?? "");

  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    box.style.setProperty("--split", `${split}%`);
    box.style.setProperty("--width", `${main?.width_px ?? 0}px`);
    box.style.setProperty("--ratio", `${main?.width_px ?? 4} / ${main?.height_px ?? 3}`);
  }, [split, main]);

  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (isFull || noBefore || event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    setSplit(Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width)));
  };

  return (
    <div className={`compare ${isFull ? "is-full" : ""}`} ref={frame}>
      <section className="compare-view" aria-label="The picture" tabIndex={isFull ? 0 : undefined}>
        <div className="compare-pair" onPointerDown={move} onPointerMove={move}>
          {/* biome-ignore lint/performance/noImgElement: a static page has no image server */}
          <img src={after} alt={`${item.name}, compressed`} draggable={false} data-testid="after" />
          {before && !noBefore ? (
            <>
              {/* biome-ignore lint/performance/noImgElement: a static page has no image server */}
              <img
                className="compare-before"
                src={before}
                alt={`${item.name}, as it was`}
                draggable={false}
                data-testid="before"
                onError={() => setNoBefore(true)}
              />
              <span className="compare-line" aria-hidden="true" />
            </>
          ) : null}
        </div>
      </section>
      {noBefore ? (
        <p className="note">This browser cannot show the original, so there is only the result to see.</p>
      ) : (
        <div className="compare-tools">
          <label htmlFor={slider}>
            Before <small>{bytes(receipt.original_size)}</small>
          </label>
          <input
            id={slider}
            type="range"
            min={0}
            max={100}
            step={1}
            value={Math.round(split)}
            aria-label="How much of the original is shown"
            aria-valuetext={`${Math.round(split)} % original`}
            onChange={(event) => setSplit(Number(event.target.value))}
          />
          <span>
            After <small>{bytes(receipt.compressed_size ?? 0)}</small>
          </span>
          <button type="button" className="plain small" aria-pressed={isFull} onClick={() => setFull(!isFull)}>
            100 %
          </button>
        </div>
      )}
    </div>
  );
}

/** The original: from this machine while it is at hand, else from the storage. */
function useBefore(item: Item, queue: Queue, client: MediaClient): string | null {
  const [url, setUrl] = useState<string | null>(null);
  const { id, blobName, name } = item;
  useEffect(() => {
    let own: string | null = null;
    let isGone = false;
    void queue.file(id).then((file) => {
      if (isGone) return;
      own = file && URL.createObjectURL(file);
      setUrl(own ?? client.downloadUrl(blobName ?? "", { role: "original", fileName: name }));
    });
    return () => {
      isGone = true;
      if (own) URL.revokeObjectURL(own);
    };
  }, [id, blobName, name, queue, client]);
  return url;
}

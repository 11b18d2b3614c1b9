/** A closer look at one result: before and after, and the facts of its receipt. */
import { useEffect, useId, useRef } from "react";
import type { MediaClient, Receipt } from "../../client/index.ts";
import { bytes, duration, savedPercent } from "../format.ts";
import { type Item, receiptOf, resultName } from "../item.ts";
import type { Queue } from "../queue.ts";
import { Compare } from "./Compare.tsx";
import { CloseIcon, DownloadIcon } from "./icons.tsx";

interface DetailsProps {
  item: Item;
  queue: Queue;
  client: MediaClient;
  onClose: () => void;
}

export function Details({ item, queue, client, onClose }: DetailsProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const shownDialog = dialog.current;
    shownDialog?.showModal();
    return () => shownDialog?.close();
  }, []);
  const receipt = receiptOf(item);
  const blobName = item.blobName;
  if (!receipt || !blobName) return null;
  const url = (role: string) => client.downloadUrl(blobName, { role, fileName: item.name });
  const extras = receipt.outputs.filter((output) => output.role !== "main");
  const poster = receipt.outputs.find((output) => output.role === "poster");
  return (
    <dialog ref={dialog} className="details" aria-labelledby={title} onClose={onClose}>
      <article>
        <header>
          <h2 id={title}>{item.name}</h2>
          <button type="button" className="action" aria-label="Close" onClick={() => dialog.current?.close()}>
            <CloseIcon />
          </button>
        </header>
        {receipt.kind === "video" ? (
          // biome-ignore lint/a11y/useMediaCaption: people's own clips have no captions
          <video
            className="player"
            controls
            preload="metadata"
            poster={poster ? url("poster") : undefined}
            src={url("main")}
            aria-label={`${item.name}, compressed`}
          />
        ) : (
          <Compare item={item} queue={queue} client={client} receipt={receipt} />
        )}
        <dl className="facts">
          {facts(receipt).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {receipt.warnings.length ? <p className="note">{receipt.warnings.join(" ")}</p> : null}
        <footer>
          <a className="button" href={url("main")} download={resultName(item)}>
            <DownloadIcon /> Download
          </a>
          {extras.map((output) => (
            <a key={output.role} className="button plain" href={url(output.role)} download>
              {output.role === "thumb" ? "Thumbnail" : output.role === "poster" ? "Poster" : output.role}
            </a>
          ))}
          <a className="button plain" href={url("original")} download>
            Original
          </a>
        </footer>
      </article>
    </dialog>
  );
}

const STEPS: [string, string][] = [
  ["download", "fetched"],
  ["probe", "looked at"],
  ["main", "compressed"],
  ["upload", "published"],
];

function facts(receipt: Receipt): [string, string][] {
  const main = receipt.outputs.find((output) => output.role === "main");
  const source = receipt.source as Record<string, unknown>;
  const was = `${source.width_px ?? "?"} × ${source.height_px ?? "?"}`;
  const is = main?.width_px ? `${main.width_px} × ${main.height_px}` : was;
  const before = String(source.format ?? source.container ?? "").toUpperCase();
  const after = (receipt.format ?? "").toUpperCase();
  const codec = source.codec ? `${String(source.codec).toUpperCase()}` : null;
  const timings = STEPS.filter(([key]) => receipt.timings_s[key] !== undefined);
  const found: [string, string | null][] = [
    [
      "Size",
      receipt.compressed_size === null
        ? bytes(receipt.original_size)
        : `${bytes(receipt.original_size)} → ${bytes(receipt.compressed_size)} (${savedPercent(receipt.original_size, receipt.compressed_size)} smaller)`,
    ],
    [
      "What was done",
      receipt.action === "kept_original" ? `The original was kept. ${receipt.reason ?? ""}` : receipt.reason,
    ],
    ["Format", before && before !== after ? `${before} → ${after}` : after || null],
    ["Pixels", was === is ? is : `${was} → ${is}`],
    ["Codec", codec],
    ["Duration", typeof source.duration_s === "number" ? duration(source.duration_s) : null],
    ["Frames", typeof source.frames === "number" && source.frames > 1 ? String(source.frames) : null],
    ["Size class", receipt.tier && receipt.tier !== "default" ? receipt.tier : null],
    ["Took", duration(receipt.processing_time)],
    ["Steps", timings.map(([key, text]) => `${text} in ${duration(receipt.timings_s[key] ?? 0)}`).join(", ") || null],
  ];
  return found.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

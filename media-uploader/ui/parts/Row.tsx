/** One file of the list. Its height never changes: what comes and goes has its place kept. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { MediaClient } from "../../client/index.ts";
import { bytes, savedPercent } from "../format.ts";
import { hasResult, type Item, isOver, isRetryable, receiptOf, resultName, shown } from "../item.ts";
import type { Queue } from "../queue.ts";
import { thumbnail } from "../thumbs.ts";
import {
  CheckIcon,
  CloseIcon,
  CompareIcon,
  DownloadIcon,
  PauseIcon,
  PhotoIcon,
  PlayIcon,
  RetryIcon,
  VideoIcon,
  WarnIcon,
} from "./icons.tsx";

interface RowProps {
  item: Item;
  queue: Queue;
  client: MediaClient;
  onOpen: (id: string) => void;
}

export function Row({ item, queue, client, onOpen }: RowProps) {
  const seen = shown(item);
  const receipt = receiptOf(item);
  return (
    <li className="row" data-state={seen.state} data-tone={seen.tone} data-name={item.name}>
      <Thumb item={item} queue={queue} client={client} />
      <div className="row-what">
        <span className="row-name" title={item.name}>
          {item.name}
        </span>
        <span className="row-state" title={seen.text}>
          {seen.tone === "good" ? <CheckIcon /> : seen.tone === "bad" ? <WarnIcon /> : null}
          <span>{seen.text}</span>
        </span>
        <div className="row-bar">
          {seen.isBusy || seen.state === "paused" ? (
            <progress
              aria-label={`Progress of ${item.name}`}
              max={100}
              {...(seen.value === null ? {} : { value: seen.value })}
            />
          ) : null}
        </div>
      </div>
      <div className="row-sizes">
        {hasResult(item) && receipt?.compressed_size != null ? (
          <>
            <span className="row-saved">
              {receipt.action === "kept_original"
                ? "as it was"
                : `−${savedPercent(receipt.original_size, receipt.compressed_size)}`}
            </span>
            <span className="row-from">
              {bytes(receipt.original_size)} → {bytes(receipt.compressed_size)}
            </span>
          </>
        ) : (
          <span className="row-from">{bytes(item.size)}</span>
        )}
      </div>
      <Actions item={item} queue={queue} client={client} onOpen={onOpen} />
    </li>
  );
}

function Actions({ item, queue, client, onOpen }: RowProps) {
  const again = useRef<HTMLInputElement>(null);
  const needsFile =
    item.problem?.code === "file_gone" || item.problem?.code === "other_file" || item.problem?.code === "unreadable";
  const retry = async () => {
    if (needsFile || (!item.uploaded && !(await queue.file(item.id)))) again.current?.click();
    else await queue.retry(item.id);
  };
  return (
    <div className="row-actions">
      {item.phase === "waiting" || item.phase === "uploading" ? (
        <Action label={`Pause ${item.name}`} onClick={() => queue.pause(item.id)} icon={<PauseIcon />} />
      ) : null}
      {item.phase === "paused" ? (
        <Action label={`Resume ${item.name}`} onClick={() => queue.resume(item.id)} icon={<PlayIcon />} />
      ) : null}
      {hasResult(item) && item.blobName ? (
        <>
          <Action
            label={`Compare and details of ${item.name}`}
            onClick={() => onOpen(item.id)}
            icon={<CompareIcon />}
          />
          <a
            className="action"
            href={client.downloadUrl(item.blobName, { fileName: item.name })}
            download={resultName(item)}
            aria-label={`Download ${resultName(item)}`}
            title="Download"
          >
            <DownloadIcon />
          </a>
        </>
      ) : null}
      {isRetryable(item) ? <Action label={`Try ${item.name} again`} onClick={retry} icon={<RetryIcon />} /> : null}
      <Action
        label={isOver(item) ? `Remove ${item.name}` : `Cancel ${item.name}`}
        onClick={() => (isOver(item) ? queue.remove(item.id) : queue.cancel(item.id))}
        icon={<CloseIcon />}
      />
      <input
        ref={again}
        type="file"
        className="hidden"
        tabIndex={-1}
        aria-label={`Choose ${item.name} again`}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void queue.retry(item.id, file);
        }}
      />
    </div>
  );
}

function Action({ label, onClick, icon }: { label: string; onClick: () => unknown; icon: ReactNode }) {
  return (
    <button
      type="button"
      className="action"
      aria-label={label}
      title={label.split(" ")[0]}
      onClick={() => void onClick()}
    >
      {icon}
    </button>
  );
}

function Thumb({ item, queue, client }: Omit<RowProps, "onOpen">) {
  const [own, setOwn] = useState<string | null>(null);
  const [isBroken, setBroken] = useState(false);
  const role = receiptOf(item)?.outputs.find((output) => output.role === "thumb" || output.role === "poster")?.role;
  useEffect(() => {
    let url: string | null = null;
    let isGone = false;
    void queue.file(item.id).then(async (file) => {
      url = file && (await thumbnail(file));
      if (url && isGone) URL.revokeObjectURL(url);
      else if (url) setOwn(url);
    });
    return () => {
      isGone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [item.id, queue]);
  const source = own ?? (role && item.blobName && !isBroken ? client.downloadUrl(item.blobName, { role }) : null);
  return (
    <span className="thumb">
      {source ? (
        // biome-ignore lint/performance/noImgElement: a static page has no image server
        <img src={source} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
      ) : isVideo(item) ? (
        <VideoIcon />
      ) : (
        <PhotoIcon />
      )}
    </span>
  );
}

export const isVideo = (item: Item): boolean => /\.(mp4|avi|mov|wmv|flv|webm)$/i.test(item.name);

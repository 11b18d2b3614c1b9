/** What is refused before anything is sent, each with its reason. The server checks all of it again. */
import type { Session } from "../client/index.ts";
import { bytes } from "./format.ts";

export interface Refused {
  name: string;
  reason: string;
}

interface Known {
  name: string;
  size: number;
  modified: number;
}

export function check(file: File, session: Pick<Session, "maxBytes" | "accepted">, known: Known[]): string | null {
  const dot = file.name.lastIndexOf(".");
  const extension = dot < 0 ? "" : file.name.slice(dot + 1).toLowerCase();
  if (!session.accepted.includes(extension)) {
    return extension ? `.${extension} files are not taken: only photos and videos are` : "it is not a photo or a video";
  }
  if (file.size === 0) return "it is empty";
  if (file.size > session.maxBytes) return `it has ${bytes(file.size)}, and ${bytes(session.maxBytes)} is the most`;
  const same = (one: Known) => one.name === file.name && one.size === file.size && one.modified === file.lastModified;
  return known.some(same) ? "it is in the list already" : null;
}

const EXTENSION_OF: Record<string, string> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/bmp": "bmp",
  "video/mp4": "mp4",
  "video/webm": "webm",
};

/** A pasted picture is always called "image.png": give it a name of its own. */
export function pasted(file: File, at: Date, index: number): File {
  if (!/^image\.\w+$/.test(file.name) && file.name) return file;
  const extension = EXTENSION_OF[file.type] ?? "png";
  const stamp = at.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  const name = `Pasted ${stamp}${index ? ` (${index + 1})` : ""}.${extension}`;
  return new File([file], name, { type: file.type, lastModified: at.getTime() });
}

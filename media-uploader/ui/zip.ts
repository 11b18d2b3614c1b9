/** All results as one ZIP, made in the browser. */
import type { MediaClient } from "../client/index.ts";
import { MediaError } from "../client/index.ts";
import { type Item, resultName } from "./item.ts";

export async function zipOf(items: Item[], client: MediaClient, onDone: (count: number) => void): Promise<Blob> {
  const { downloadZip } = await import("client-zip");
  const taken = new Set<string>();
  async function* entries() {
    let count = 0;
    for (const item of items) {
      const response = await fetch(client.downloadUrl(item.blobName ?? "")).catch(() => null);
      if (!response?.ok) throw new MediaError("download", `${item.name} could not be fetched. Try again in a moment.`);
      yield { name: unique(resultName(item), taken), input: response, lastModified: new Date(item.modified) };
      onDone(++count);
    }
  }
  return downloadZip(entries()).blob();
}

function unique(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf(".");
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
  taken.add(free.toLowerCase());
  return free;
}

/** Hand a file to the user, as a click on a download link does. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

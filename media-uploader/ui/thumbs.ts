/** Small pictures for the list, made from the file itself while it is at hand, one after the other. */

const SIDE_PX = 128;
let last: Promise<unknown> = Promise.resolve();

/** An object URL of a small picture; null where this browser cannot show the file. */
export function thumbnail(file: File): Promise<string | null> {
  const next = last.then(() => made(file)).catch(() => null);
  last = next;
  return next;
}

async function made(file: File): Promise<string | null> {
  if (!file.type.startsWith("image/")) return null;
  const bitmap = await createImageBitmap(file);
  const scale = SIDE_PX / Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/webp", 0.8));
  return blob && URL.createObjectURL(blob);
}

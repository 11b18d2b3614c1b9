import assert from "node:assert/strict";
import { test } from "node:test";
import { check, pasted } from "../ui/checks.ts";
import { bytes, duration, remaining, savedPercent } from "../ui/format.ts";
import { type Item, isRetryable, resultName, shown, totals } from "../ui/item.ts";
import { grouped, type Job, nameOf, oldestS, told } from "../ui/operations.ts";
import { receipt, status } from "./fakes.ts";

const SESSION = { maxBytes: 100_000_000, accepted: ["jpg", "mp4"] };

function item(more: Partial<Item> = {}): Item {
  return {
    id: "1",
    name: "photo.jpg",
    size: 1000,
    type: "image/jpeg",
    modified: 1,
    addedAt: 1,
    phase: "waiting",
    sentBytes: 0,
    uploaded: false,
    blobName: null,
    stepId: null,
    status: null,
    problem: null,
    trouble: null,
    bytesPerS: 0,
    archived: false,
    ...more,
  };
}

test("what is refused is told why", () => {
  const file = (name: string, size: number) =>
    Object.defineProperty(new File([], name, { lastModified: 5 }), "size", { value: size });
  assert.equal(check(file("a.JPG", 10), SESSION, []), null);
  assert.match(check(file("a.exe", 10), SESSION, []) ?? "", /\.exe files are not taken/);
  assert.match(check(file("README", 10), SESSION, []) ?? "", /not a photo or a video/);
  assert.match(check(file("a.jpg", 0), SESSION, []) ?? "", /empty/);
  assert.match(check(file("a.mp4", 101_000_000), SESSION, []) ?? "", /101 MB, and 100 MB is the most/);
  assert.match(check(file("a.jpg", 10), SESSION, [{ name: "a.jpg", size: 10, modified: 5 }]) ?? "", /already/);
});

test("a pasted picture gets a name of its own", () => {
  const at = new Date("2026-01-31T10:20:30Z");
  assert.equal(
    pasted(new File(["x"], "image.png", { type: "image/png" }), at, 0).name,
    "Pasted 2026-01-31 10.20.30.png",
  );
  assert.equal(pasted(new File(["x"], "cat.jpg"), at, 0).name, "cat.jpg");
});

test("numbers are told as people say them", () => {
  assert.deepEqual([0, 999, 1000, 412_345, 5_100_000, 99_960_000].map(bytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "412 kB",
    "5.1 MB",
    "100 MB",
  ]);
  assert.deepEqual([savedPercent(1000, 1), savedPercent(1000, 999), savedPercent(10, 20)], ["99 %", "<1 %", "0 %"]);
  assert.deepEqual([0.004, 2.34, 75, 3700].map(duration), ["10 ms", "2.3 s", "1 min 15 s", "1 h 1 min"]);
  assert.deepEqual([2, 31, 600].map(remaining), ["a few seconds left", "about 35 s left", "about 10 min left"]);
});

test("every state has words of its own", () => {
  const ended = (end: Parameters<typeof receipt>[0], more = {}) =>
    shown(item({ phase: "ended", status: { ...status("done", 100, end), receipt: receipt(end, more) } })).text;
  assert.equal(
    shown(item({ phase: "uploading", sentBytes: 500, bytesPerS: 100 })).text,
    "Uploading 50 % · 100 B/s · about 5 s left",
  );
  assert.equal(shown(item({ phase: "processing", status: status("compressing", 41.9) })).text, "Compressing 41 %");
  assert.equal(ended("success"), "Done: 75 % smaller");
  assert.equal(ended("success", { action: "kept_original" }), "Already optimal: the original was kept");
  assert.equal(ended("rejected", { error: "It cannot be decoded." }), "Not taken: It cannot be decoded.");
  assert.equal(ended("failed", { error: "The disk is full." }), "Failed: The disk is full.");
  assert.equal(ended("cancelled"), "Cancelled");
  assert.equal(shown(item({ phase: "processing", trouble: "Away. Trying again…" })).text, "Away. Trying again…");
});

test("only what can work is offered to be tried again", () => {
  const over = (end: Parameters<typeof receipt>[0]) =>
    isRetryable(item({ phase: "ended", status: status("done", 100, end) }));
  assert.deepEqual([over("failed"), over("cancelled"), over("rejected"), over("success")], [true, true, false, false]);
  assert.equal(isRetryable(item({ phase: "failed" })), true);
});

test("a result keeps the user's name and takes the result's extension", () => {
  const output = {
    role: "main",
    blob: "u/1/x/9/main.webp",
    url: "",
    size: 1,
    width_px: 1,
    height_px: 1,
    content_type: "",
  };
  const done = status("done", 100, "success");
  const named = item({
    name: "My trip.2026.heic",
    status: { ...done, receipt: receipt("success", { outputs: [output] }) },
  });
  assert.equal(resultName(named), "My trip.2026.webp");
});

test("the totals count what was saved, and progress over all files", () => {
  const sum = totals([
    item({ phase: "ended", status: status("done", 100, "success") }),
    item({ phase: "ended", status: status("done", 100, "rejected") }),
    item({ phase: "uploading", sentBytes: 600, bytesPerS: 40 }),
    item({ phase: "processing", status: status("compressing", 50) }),
  ]);
  assert.deepEqual([sum.done, sum.failed, sum.busy, sum.original, sum.compressed], [1, 1, 2, 1000, 250]);
  assert.equal(Math.round(sum.percent), 76);
  assert.deepEqual([sum.bytesPerS, sum.leftBytes], [40, 400]);
});

test("operators see first what runs and what has failed", () => {
  const job = (status: string, more: Partial<Job> = {}): Job => ({
    instance_id: "media-1",
    blob_name: "u/1/a.jpg",
    status,
    ...more,
  });
  const now = Date.parse("2026-01-31T12:00:00Z");
  const failed = job("failed", { error_code: "upload_failed", completed_at: "2026-01-31T11:59:00Z" });
  const running = job("running", { stage: "compressing", percent: 41.7 });
  const groups = grouped([
    running,
    job("running", { stage: "deferred", message: "Until 02:00" }),
    failed,
    job("success"),
  ]);
  assert.deepEqual(
    [groups.running.length, groups.waiting.length, groups.failed.length, groups.ended.length],
    [1, 1, 1, 1],
  );
  assert.equal(oldestS(groups.failed, now), 60);
  assert.equal(oldestS([], now), null);
  assert.deepEqual(
    [told(running), told(failed), nameOf(failed)],
    ["compressing · 41 %", "failed · upload failed", "a.jpg"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaApi } from "../client/api.ts";
import type { MediaError } from "../client/errors.ts";
import { follow } from "../client/follow.ts";
import { Live } from "../client/live.ts";
import type { JobStatus } from "../client/types.ts";
import { answers, Hub, status, until } from "./fakes.ts";

const QUICK = { first: 1, most: 2, whileLive: 60_000, whileHidden: 1, inTrouble: 2 };
const NAME = "u/1/a.jpg";

test("without live messages it asks until the job has ended", async () => {
  const fetcher = answers(status("queued"), status("compressing", 40), status("done", 100, "success"));
  const seen: JobStatus[] = [];
  const end = await follow(new MediaApi("", fetcher), null, NAME, { onStatus: (now) => seen.push(now), pace: QUICK });
  assert.equal(end.receipt?.status, "success");
  assert.deepEqual(
    seen.map((now) => now.stage),
    ["queued", "compressing", "done"],
  );
});

test("a server that is away is trouble, told and over when it answers again", async () => {
  const fetcher = answers(status("queued"), new TypeError("down"), [503, {}], status("done", 100, "success"));
  const troubles: (string | null)[] = [];
  const onTrouble = (error: MediaError | null) => troubles.push(error?.code ?? null);
  await follow(new MediaApi("", fetcher), null, NAME, { onTrouble, pace: QUICK });
  assert.deepEqual(troubles, ["unreachable", "http_503", null]);
});

test("an upload that nobody knows is given up", async () => {
  const fetcher = answers([404, { code: "not_found", detail: "There is no upload of this name." }]);
  await assert.rejects(follow(new MediaApi("", fetcher), null, NAME, { pace: QUICK }), { code: "not_found" });
});

test("who has to sign in is not asked again and again", async () => {
  const fetcher = answers([401, { code: "sign_in_required", detail: "Sign in." }]);
  await assert.rejects(follow(new MediaApi("", fetcher), null, NAME, { pace: QUICK }), { code: "sign_in_required" });
  assert.equal(fetcher.calls.length, 1);
});

test("live messages move it on, and the last one brings the receipt at once", async () => {
  const hub = new Hub();
  const live = new Live("", async () => hub);
  const fetcher = answers(status("queued"), status("queued"), status("done", 100, "success"));
  const seen: string[] = [];
  const onStatus = (now: JobStatus) => seen.push(`${now.stage} ${now.percent}`);
  const following = follow(new MediaApi("", fetcher), live, NAME, { onStatus, pace: QUICK });
  await until(() => live.state === "on" && fetcher.calls.length === 2, "the connection");
  hub.send("MediaProcessingProgress", { blobName: "u/2/other.jpg", stage: "compressing", percent: 99 });
  hub.send("MediaProcessingProgress", { blobName: NAME, stage: "compressing", percent: 50 });
  hub.send("MediaProcessingProgress", { blobName: NAME, stage: "compressing", percent: 20 });
  hub.send("MediaProcessingProgress", { blobName: NAME, stage: "probing", percent: 5 });
  hub.send("MediaProcessingComplete", { blobName: NAME });
  assert.equal((await following).receipt?.status, "success");
  assert.deepEqual(seen, ["queued 0", "queued 0", "compressing 50", "compressing 50", "compressing 50", "done 100"]);
});

test("when the live connection dies, polling takes over", async () => {
  const hub = new Hub();
  const live = new Live("", async () => hub, [60_000]);
  const fetcher = answers(
    status("queued"),
    status("queued"),
    status("compressing", 30),
    status("done", 100, "success"),
  );
  const following = follow(new MediaApi("", fetcher), live, NAME, { pace: QUICK });
  await until(() => live.state === "on" && fetcher.calls.length === 2, "the connection");
  hub.closed();
  assert.equal((await following).receipt?.status, "success");
  assert.equal(live.state, "off");
});

test("a hub that refuses is tried again later, and only while somebody listens", async () => {
  const hub = new Hub();
  hub.refuses = true;
  const live = new Live("", async () => hub, [5]);
  const stop = live.listen(NAME, () => undefined);
  await until(() => hub.started >= 2, "a second try");
  hub.refuses = false;
  await until(() => live.state === "on", "the connection");
  stop();
  assert.equal(live.state, "off");
});

test("stopping ends the wait", async () => {
  const stop = new AbortController();
  const pace = { ...QUICK, first: 60_000, most: 60_000 };
  const following = follow(new MediaApi("", answers(status("queued"))), null, NAME, { signal: stop.signal, pace });
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(following, { name: "AbortError" });
});

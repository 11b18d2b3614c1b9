import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaApi } from "../client/api.ts";
import { errorOf, type MediaError } from "../client/errors.ts";
import { createMediaClient } from "../client/index.ts";
import { backoffMs } from "../client/wait.ts";
import { answers, status } from "./fakes.ts";

test("an upload that had finished before a reload is not sent again", async () => {
  const fetcher = answers({ blobName: "u/1/a.jpg", complete: true, blocks: {} });
  const client = createMediaClient("", { api: new MediaApi("", fetcher) });
  const file = new File(["abc"], "a.jpg", { type: "image/jpeg" });
  const name = await client.upload(file, undefined, { resume: "u/1/a.jpg" });
  assert.equal(name, "u/1/a.jpg");
  assert.deepEqual(fetcher.calls, ["POST /api/upload/resume"]);
});

test("a problem's code and sentence reach the caller", async () => {
  const body = JSON.stringify({ code: "quota_used_up", detail: "Try again later." });
  const error = await errorOf(new Response(body, { status: 429, headers: { "retry-after": "3600" } }));
  assert.deepEqual(
    [error.code, error.message, error.retryAfterS, error.isPassing],
    ["quota_used_up", "Try again later.", 3600, true],
  );
  const page = await errorOf(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  assert.deepEqual([page.code, page.isPassing], ["http_502", true]);
});

test("nobody answering is a passing error", async () => {
  const api = new MediaApi("", answers(new TypeError("fetch failed")));
  await assert.rejects(api.session(), (error: MediaError) => error.code === "unreachable" && error.isPassing);
});

test("names are escaped in what is asked and downloaded", async () => {
  const fetcher = answers(status("queued"));
  const api = new MediaApi("https://media.example/", fetcher);
  await api.status("u/1/a b#?.jpg");
  assert.deepEqual(fetcher.calls, ["GET https://media.example/api/status?blobName=u%2F1%2Fa%20b%23%3F.jpg"]);
  const url = api.downloadUrl("u/1/a.jpg", { role: "thumb", fileName: "Grüße & co.jpg" });
  assert.equal(new URL(url).searchParams.get("fileName"), "Grüße & co.jpg");
});

test("waits grow, with some chance in them, up to a bound", () => {
  assert.equal(
    backoffMs(1, 500, 8000, () => 0.5),
    500,
  );
  assert.equal(
    backoffMs(3, 500, 8000, () => 0.5),
    2000,
  );
  assert.equal(
    backoffMs(20, 500, 8000, () => 1),
    10_000,
  );
});

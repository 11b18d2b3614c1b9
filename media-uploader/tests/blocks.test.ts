import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_BYTES, blocksOf, uploadBlocks } from "../client/blocks.ts";
import type { MediaError } from "../client/errors.ts";
import { Storage, target } from "./fakes.ts";

const bytesOf = async (blob: Blob | null) => Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
const noise = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255));
const never = async () => assert.fail("no new URL was needed");

test("a small file goes in one request and never over another one", async () => {
  const storage = new Storage();
  const file = new Blob([noise(1000)]);
  await uploadBlocks({ file, target: target(), renew: never, put: storage.put });
  assert.equal(storage.puts.length, 1);
  assert.deepEqual(await bytesOf(storage.committed), noise(1000));
});

test("a large file goes in blocks and arrives byte for byte, with its progress told", async () => {
  const storage = new Storage();
  const content = noise(2 * BLOCK_BYTES + 123);
  const told: number[] = [];
  await uploadBlocks({
    file: new Blob([content]),
    target: target(),
    renew: never,
    put: storage.put,
    onSent: (bytes) => told.push(bytes),
  });
  assert.equal(storage.puts.length, 4);
  assert.deepEqual(await bytesOf(storage.committed), content);
  assert.equal(told[0], 0);
  assert.equal(told.at(-1), content.length);
});

test("blocks that have arrived before are not sent again", async () => {
  const storage = new Storage();
  const content = noise(3 * BLOCK_BYTES);
  storage.blocks.set("000000", new Blob([content.subarray(0, BLOCK_BYTES)]));
  storage.blocks.set("000002", new Blob([content.subarray(2 * BLOCK_BYTES)]));
  const arrived = { "000000": BLOCK_BYTES, "000002": BLOCK_BYTES };
  const told: number[] = [];
  const onSent = (bytes: number) => told.push(bytes);
  await uploadBlocks({ file: new Blob([content]), target: target(), arrived, renew: never, put: storage.put, onSent });
  assert.equal(storage.puts.length, 2, "one block and the list");
  assert.equal(told[0], 2 * BLOCK_BYTES, "the progress begins where it was");
  assert.deepEqual(await bytesOf(storage.committed), content);
});

test("a block of another size is sent again: the file was cut differently", async () => {
  const storage = new Storage();
  const file = new Blob([noise(BLOCK_BYTES + 10)]);
  await uploadBlocks({ file, target: target(), arrived: { "000000": 7 }, renew: never, put: storage.put });
  assert.equal(storage.puts.length, 3);
});

test("a passing fault repeats only its own block", async () => {
  const storage = new Storage();
  let failures = 2;
  storage.fail = (url) => (url.includes("blockid") && failures-- > 0 ? { status: 503, code: "ServerBusy" } : null);
  const content = noise(3 * BLOCK_BYTES);
  await uploadBlocks({ file: new Blob([content]), target: target(), renew: never, put: storage.put, firstWaitMs: 1 });
  assert.equal(storage.puts.length, 3 + 2 + 1);
  assert.deepEqual(await bytesOf(storage.committed), content);
});

test("an expired URL is renewed once for all blocks, and the upload goes on", async () => {
  const storage = new Storage();
  storage.fail = (url) => (url.includes("sig=old") ? { status: 403, code: "AuthenticationFailed" } : null);
  let renewals = 0;
  const renew = async () => {
    renewals++;
    return target("https://storage.example/uploads/x?sig=new");
  };
  const file = new Blob([noise(4 * BLOCK_BYTES)]);
  await uploadBlocks({ file, target: target("https://storage.example/uploads/x?sig=old"), renew, put: storage.put });
  assert.equal(renewals, 1);
  assert.equal(storage.committed?.size, file.size);
});

test("a URL that is about to expire is renewed before it is used", async () => {
  const storage = new Storage();
  let renewals = 0;
  const renew = async () => {
    renewals++;
    return target();
  };
  await uploadBlocks({ file: new Blob(["x"]), target: target(undefined, 2), renew, put: storage.put });
  assert.equal(renewals, 1);
});

test("when renewing does not help, the error says that the link has expired", async () => {
  const storage = new Storage();
  storage.fail = () => ({ status: 403, code: "AuthenticationFailed" });
  const upload = uploadBlocks({
    file: new Blob(["x"]),
    target: target(),
    renew: async () => target(),
    put: storage.put,
  });
  await assert.rejects(upload, (error: MediaError) => error.code === "upload_link_expired" && !error.isPassing);
});

test("a lost answer to the last request is no failure: what is there is ours", async () => {
  const storage = new Storage();
  storage.fail = (url) => {
    if (!url.includes("blocklist") || storage.committed) return null;
    storage.committed = new Blob(["whole"]);
    return { status: 0, code: null };
  };
  const file = new Blob([noise(BLOCK_BYTES + 1)]);
  await uploadBlocks({ file, target: target(), renew: never, put: storage.put, firstWaitMs: 1 });
  assert.equal(storage.puts.filter((url) => url.includes("blocklist")).length, 2);
});

test("a storage that is gone ends in a passing error after some tries", async () => {
  const storage = new Storage();
  storage.fail = () => ({ status: 0, code: null });
  const upload = uploadBlocks({
    file: new Blob(["x"]),
    target: target(),
    renew: never,
    put: storage.put,
    firstWaitMs: 1,
  });
  await assert.rejects(upload, (error: MediaError) => error.code === "storage_unreachable" && error.isPassing);
  assert.equal(storage.puts.length, 5);
});

test("stopping ends it at once and commits nothing", async () => {
  const storage = new Storage();
  const stop = new AbortController();
  storage.fail = (_, n) => {
    if (n === 2) stop.abort();
    return { status: 503, code: null };
  };
  const file = new Blob([noise(4 * BLOCK_BYTES)]);
  const upload = uploadBlocks({ file, target: target(), renew: never, put: storage.put, signal: stop.signal });
  await assert.rejects(upload, { name: "AbortError" });
  assert.equal(storage.committed, null);
});

test("the same file always has the same blocks", () => {
  assert.deepEqual(blocksOf(BLOCK_BYTES + 1), [
    { id: "000000", start: 0, end: BLOCK_BYTES },
    { id: "000001", start: BLOCK_BYTES, end: BLOCK_BYTES + 1 },
  ]);
});

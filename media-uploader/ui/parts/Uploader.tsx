/** The page where files are compressed. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { createMediaClient, type LiveState, type MediaError, type Session } from "../../client/index.ts";
import type { Refused } from "../checks.ts";
import type { Item } from "../item.ts";
import { Queue } from "../queue.ts";
import { browserStore } from "../store.ts";
import { useSession } from "../useSession.ts";
import { Details } from "./Details.tsx";
import { Dropzone } from "./Dropzone.tsx";
import { History } from "./History.tsx";
import { Row } from "./Row.tsx";
import { Shell } from "./Shell.tsx";
import { Summary } from "./Summary.tsx";

const VISIT = "simpi-visit";
const NOTHING: Item[] = [];

/** What may be uploaded until the server has said it: its own defaults, so that nothing jumps when it does. */
const ASSUMED: Session = {
  user: null,
  signIn: false,
  maxBytes: 100_000_000,
  accepted: "jpg jpeg png gif bmp webp heic heif mp4 avi mov wmv flv webm".split(" "),
};

export function Uploader() {
  const client = useMemo(() => createMediaClient(), []);
  const queue = useMemo(() => new Queue(client, browserStore()), [client]);
  const items = useSyncExternalStore(queue.subscribe, queue.items, () => NOTHING);
  const said = useSyncExternalStore(queue.subscribe, queue.said, () => "");
  const { session, problem } = useSession(client.api);
  const [refused, setRefused] = useState<Refused[]>([]);
  const [notice, setNotice] = useState("");
  const [opened, setOpened] = useState<string | null>(null);
  const [stepId, setStepId] = useState<string | null>(null);
  const [live, setLive] = useState<LiveState>("off");

  useEffect(() => client.live.watch(setLive), [client]);
  useEffect(() => setStepId(new URLSearchParams(location.search).get("step")), []);

  const known = session !== null;
  useEffect(() => {
    // Only after the server has given us our cookie: what we go on with has to be ours.
    if (!known) return;
    const isNewVisit = sessionStorage.getItem(VISIT) === null;
    sessionStorage.setItem(VISIT, "1");
    void queue.restore(isNewVisit);
  }, [queue, known]);

  const add = useCallback(
    (files: File[]) => {
      setNotice("");
      setRefused(files.length ? queue.add(files, session ?? ASSUMED, stepId) : []);
    },
    [queue, session, stepId],
  );

  const present = items.filter((item) => !item.archived);
  const earlier = items.filter((item) => item.archived);
  const shownItem = items.find((item) => item.id === opened);

  return (
    <Shell title="SIMPI Media Compression" active="upload" user={session?.user}>
      {problem?.code === "sign_in_required" ? (
        <SignIn />
      ) : (
        <>
          <div className="intro">
            <h1>Smaller photos and videos that look the same</h1>
            <p>They keep their quality, lose their location and other metadata, and play in every browser.</p>
          </div>
          {problem ? <ServerDown problem={problem} /> : null}
          <Dropzone session={session ?? ASSUMED} isCompact={present.length > 0} stepId={stepId} onFiles={add} />
          <Notices refused={refused} notice={notice} onClose={() => add([])} />
          {present.length > 0 ? (
            <>
              <Summary items={present} queue={queue} client={client} onProblem={setNotice} />
              <ul className="rows" aria-label="Files">
                {present.map((item) => (
                  <Row key={item.id} item={item} queue={queue} client={client} onOpen={setOpened} />
                ))}
              </ul>
            </>
          ) : null}
          {earlier.length > 0 ? <History items={earlier} queue={queue} client={client} onOpen={setOpened} /> : null}
        </>
      )}
      <p className="visually-hidden" role="status" data-testid="said">
        {said}
      </p>
      <span hidden data-testid="live" data-live={live} data-ready={known} />
      {shownItem ? (
        <Details key={shownItem.id} item={shownItem} queue={queue} client={client} onClose={() => setOpened(null)} />
      ) : null}
    </Shell>
  );
}

function Notices({ refused, notice, onClose }: { refused: Refused[]; notice: string; onClose: () => void }) {
  if (refused.length === 0 && !notice) return null;
  return (
    <div className="notice is-bad" role="alert">
      <div>
        {notice ? <p>{notice}</p> : null}
        {refused.length > 0 ? (
          <ul>
            {refused.slice(0, 6).map((one) => (
              <li key={`${one.name} ${one.reason}`}>
                <strong>{one.name}</strong> was not added: {one.reason}.
              </li>
            ))}
            {refused.length > 6 ? <li>and {refused.length - 6} more.</li> : null}
          </ul>
        ) : null}
      </div>
      <button type="button" className="plain small" onClick={onClose}>
        Dismiss
      </button>
    </div>
  );
}

function ServerDown({ problem }: { problem: MediaError }) {
  return (
    <div className="notice" role="alert" data-testid="server-down">
      <p>{problem.message} The page goes on by itself as soon as it can.</p>
    </div>
  );
}

function SignIn() {
  return (
    <section className="sign-in">
      <h1>Sign in first</h1>
      <p>Everyone here sees only their own photos and videos.</p>
      <a className="button" href="/.auth/login/aad?post_login_redirect_uri=/">
        Sign in
      </a>
    </section>
  );
}

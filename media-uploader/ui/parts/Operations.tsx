/** The page for those who run it: what it saves, what is under way, how long it takes, what has failed. */
import { type FormEvent, type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { MediaApi, MediaError } from "../../client/index.ts";
import { bytes, duration, plural, savedPercent } from "../format.ts";
import { type Job, jobsOf, type Savings, savingsOf } from "../operations.ts";
import { useSession } from "../useSession.ts";
import { DayChart } from "./DayChart.tsx";
import { Shell } from "./Shell.tsx";

const EVERY_MS = 5000;

interface Answers {
  savings: Savings | null;
  jobs: Job[] | null;
  problem: MediaError | null;
  needsKey: boolean;
}

const NONE: Answers = { savings: null, jobs: null, problem: null, needsKey: false };

export function Operations() {
  const api = useMemo(() => new MediaApi(), []);
  const { session } = useSession(api);
  const [key, setKey] = useState("");
  const [answers, setAnswers] = useState<Answers>(NONE);
  const [said, setSaid] = useState("");

  const load = useCallback(async () => {
    const headers = keyHeader(key);
    const [savings, jobs] = await Promise.allSettled([
      api.json("GET", "/api/savings", undefined, undefined, headers),
      api.json("GET", "/api/jobs", undefined, undefined, headers),
    ]);
    const errors = [savings, jobs].flatMap((one) => (one.status === "rejected" ? [one.reason as MediaError] : []));
    setAnswers((old) => ({
      savings: savings.status === "fulfilled" ? savingsOf(savings.value) : old.savings,
      jobs: jobs.status === "fulfilled" ? jobsOf(jobs.value) : old.jobs,
      problem: errors.find((error) => error.status === 0 || error.status >= 500) ?? null,
      needsKey: errors.some((error) => error.status === 401 || error.status === 403),
    }));
  }, [api, key]);

  useEffect(() => {
    void load();
    const timer = setInterval(() => document.hidden || void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [load]);

  const act = async (job: Job, what: "redrive" | "cancel" | "run-now") => {
    try {
      await api.json("POST", `/api/jobs/${job.instanceId}/${what}`, {}, undefined, keyHeader(key));
      setSaid(`${DONE[what]}: ${nameOf(job)}`);
    } catch (error) {
      setSaid(error instanceof MediaError ? `${nameOf(job)}: ${error.message}` : "It did not work.");
    }
    await load();
  };

  const { savings, jobs, problem, needsKey } = answers;
  return (
    <Shell title="Operations · SIMPI Media Compression" active="operations" user={session?.user}>
      <div className="intro">
        <h1>Operations</h1>
        <p>What it saves, what is under way, and what needs a hand.</p>
      </div>
      {problem ? (
        <div className="notice" role="alert">
          <p>{problem.message} The page goes on by itself as soon as it can.</p>
        </div>
      ) : null}
      {needsKey ? <KeyForm onKey={setKey} /> : null}
      <p role="status" className={said ? "notice" : "visually-hidden"}>
        {said}
      </p>
      {savings ? <Saved savings={savings} /> : null}
      {jobs ? <Jobs jobs={jobs} onAct={act} /> : null}
      {savings ? <Tables savings={savings} /> : null}
      {!savings && !jobs && !problem && !needsKey ? <p className="note">Nothing to show yet.</p> : null}
    </Shell>
  );
}

const DONE = { redrive: "Started again", cancel: "Being cancelled", "run-now": "Started now" };

const keyHeader = (key: string): Record<string, string> => (key ? { "x-functions-key": key } : {});

const nameOf = (job: Job): string => job.blobName.split("/").pop() || job.instanceId;

/** The key stays in this page's memory: it is gone with the next reload. */
function KeyForm({ onKey }: { onKey: (key: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onKey(String(new FormData(event.currentTarget).get("key") ?? ""));
  };
  return (
    <form className="card key-form" onSubmit={submit}>
      <label htmlFor="key">Function key</label>
      <input id="key" name="key" type="password" autoComplete="off" required />
      <button type="submit">Show the jobs</button>
    </form>
  );
}

function Saved({ savings }: { savings: Savings }) {
  return (
    <section className="card" aria-labelledby="saved">
      <h2 id="saved">Saved</h2>
      <div className="figures">
        <Figure value={bytes(savings.saved)} text="saved" isMain />
        <Figure value={savings.original ? savedPercent(savings.original, savings.compressed) : "–"} text="smaller" />
        <Figure value={bytes(savings.original)} text="came in" />
        <Figure value={bytes(savings.compressed)} text="went out" />
        <Figure value={String(savings.jobs)} text="files" />
        {savings.keptRate === null ? null : (
          <Figure value={`${Math.round(100 * savings.keptRate)} %`} text="kept as they were" />
        )}
      </div>
      {savings.days.length > 0 ? (
        <DayChart days={savings.days} />
      ) : (
        <p className="note">The first finished job starts the chart.</p>
      )}
      {savings.queue.length > 0 ? (
        <div className="figures">
          {savings.queue.map((one) => (
            <Figure
              key={one.name}
              value={String(one.count)}
              text={`${one.name.replaceAll("_", " ")}${one.oldestS ? `, oldest ${duration(one.oldestS)}` : ""}`}
            />
          ))}
        </div>
      ) : null}
    </section>
  );
}

function Figure({ value, text, isMain }: { value: string; text: string; isMain?: boolean }) {
  return (
    <div className={`figure ${isMain ? "is-main" : ""}`}>
      <strong>{value}</strong>
      <span>{text}</span>
    </div>
  );
}

const BAD = ["failed", "rejected", "cancelled"];
const SHOWN_AT_FIRST = 50;

function Jobs({ jobs, onAct }: { jobs: Job[]; onAct: (job: Job, what: "redrive" | "cancel" | "run-now") => void }) {
  const isUnderWay = (job: Job) => ["running", "queued", "pending", "suspended"].includes(job.status.toLowerCase());
  const running = jobs.filter(isUnderWay);
  const failed = jobs.filter((job) => BAD.includes(job.status));
  const rest = jobs.filter((job) => !running.includes(job) && !failed.includes(job));
  return (
    <>
      <JobTable title="Under way" empty="Nothing is under way." jobs={running}>
        {(job) => (
          <>
            {job.stage === "deferred" ? <Do text="Start now" job={job} onClick={() => onAct(job, "run-now")} /> : null}
            <Do text="Cancel" job={job} onClick={() => onAct(job, "cancel")} />
          </>
        )}
      </JobTable>
      <JobTable title="Not compressed" empty="Nothing has failed." jobs={failed}>
        {(job) =>
          job.status === "rejected" ? null : <Do text="Redrive" job={job} onClick={() => onAct(job, "redrive")} />
        }
      </JobTable>
      {rest.length > 0 ? <JobTable title="Finished" empty="" jobs={rest.slice(0, SHOWN_AT_FIRST)} /> : null}
    </>
  );
}

interface JobTableProps {
  title: string;
  empty: string;
  jobs: Job[];
  children?: (job: Job) => ReactNode;
}

function JobTable({ title, empty, jobs, children }: JobTableProps) {
  return (
    <section className="card" aria-label={title}>
      <h2>
        {title} <small>{jobs.length > 0 ? plural(jobs.length, "job") : ""}</small>
      </h2>
      {jobs.length === 0 ? (
        <p className="note">{empty}</p>
      ) : (
        <ul className="jobs">
          {jobs.map((job) => (
            <li key={job.instanceId}>
              <div className="row-what">
                <span className="row-name" title={job.blobName}>
                  {nameOf(job)}
                </span>
                <span className="note">
                  {[
                    job.stage && job.stage !== "done" ? job.stage : job.status,
                    job.percent && job.percent < 100 ? `${Math.floor(job.percent)} %` : "",
                    job.error,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </div>
              <div className="job-actions">{children?.(job)}</div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Do({ text, job, onClick }: { text: string; job: Job; onClick: () => void }) {
  return (
    <button type="button" className="plain small" aria-label={`${text} ${nameOf(job)}`} onClick={onClick}>
      {text}
    </button>
  );
}

function Tables({ savings }: { savings: Savings }) {
  return (
    <div className="tables">
      <Table title="Time per step" head={["Step", "Half within", "95 % within"]}>
        {savings.steps.map((one) => [one.step, duration(one.p50), duration(one.p95)])}
      </Table>
      <Table title="Formats" head={["Format", "Files", "Ratio"]}>
        {savings.formats.map((one) => [one.format, String(one.jobs), one.ratio ? `${one.ratio.toFixed(1)} ×` : "–"])}
      </Table>
      <Table title="How jobs ended" head={["Status", "Jobs"]}>
        {savings.byStatus.map(([status, count]) => [status, String(count)])}
      </Table>
      <Table title="Reasons" head={["Code", "Jobs"]}>
        {savings.failures.map((one) => [one.code, String(one.jobs)])}
      </Table>
    </div>
  );
}

function Table({ title, head, children }: { title: string; head: string[]; children: string[][] }) {
  if (children.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            {head.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {children.map((cells) => (
            <tr key={cells[0]}>
              {cells.map((cell, index) => (
                <td key={head[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

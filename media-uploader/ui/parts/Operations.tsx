/** The page for those who run it: what it saves, what is under way, how long it takes, what has failed. */
import { type FormEvent, type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { MediaApi, MediaError } from "../../client/index.ts";
import { bytes, duration, plural, savedPercent } from "../format.ts";
import { daysOf, grouped, type Job, nameOf, oldestS, type Savings, stepName, told } from "../operations.ts";
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
      api.json<Savings>("GET", "/api/savings", undefined, undefined, headers),
      api.json<{ jobs: Job[] }>("GET", "/api/jobs?limit=200", undefined, undefined, headers),
    ]);
    const errors = [savings, jobs].flatMap((one) => (one.status === "rejected" ? [one.reason as MediaError] : []));
    setAnswers((old) => ({
      savings: savings.status === "fulfilled" ? savings.value : old.savings,
      jobs: jobs.status === "fulfilled" ? jobs.value.jobs : old.jobs,
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
      await api.json("POST", `/api/jobs/${job.instance_id}/${what}`, {}, undefined, keyHeader(key));
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
  const sum = savings.totals;
  const days = daysOf(savings);
  return (
    <section className="card" aria-labelledby="saved">
      <h2 id="saved">
        Saved <small>in the last 30 days</small>
      </h2>
      <div className="figures">
        <Figure value={bytes(sum.saved_bytes)} text="saved" isMain />
        <Figure value={sum.original_size ? savedPercent(sum.original_size, sum.compressed_size) : "–"} text="smaller" />
        <Figure value={bytes(sum.original_size)} text="came in" />
        <Figure value={bytes(sum.compressed_size)} text="went out" />
        <Figure value={String(sum.jobs)} text="jobs" />
        {sum.kept_original_rate === null ? null : (
          <Figure value={`${Math.round(100 * sum.kept_original_rate)} %`} text="kept as they were" />
        )}
      </div>
      {sum.jobs > 0 ? <DayChart days={days} /> : <p className="note">The first finished job starts the chart.</p>}
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

const SHOWN_AT_FIRST = 50;

function Jobs({ jobs, onAct }: { jobs: Job[]; onAct: (job: Job, what: "redrive" | "cancel" | "run-now") => void }) {
  const { running, waiting, failed, ended } = grouped(jobs);
  const oldest = oldestS(failed, Date.now());
  return (
    <>
      <section className="card" aria-label="Now">
        <div className="figures">
          <Figure value={String(running.length)} text="running" />
          <Figure value={String(waiting.length)} text="waiting" />
          <Figure
            value={String(failed.length)}
            text={`not compressed${oldest === null ? "" : `, oldest ${duration(oldest)} ago`}`}
          />
        </div>
      </section>
      <JobTable title="Under way" empty="Nothing is under way." jobs={[...running, ...waiting]}>
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
      {ended.length > 0 ? <JobTable title="Finished" empty="" jobs={ended.slice(0, SHOWN_AT_FIRST)} /> : null}
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
            <li key={job.instance_id}>
              <div className="row-what">
                <span className="row-name" title={job.blob_name}>
                  {nameOf(job)}
                </span>
                <span className="note">{told(job)}</span>
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
  const percent = (rate: number | null) => (rate === null ? "–" : `${Math.round(100 * rate)} %`);
  return (
    <div className="tables">
      <Table title="Time per step" head={["Step", "Half within", "95 % within"]}>
        {Object.entries(savings.steps_s).map(([step, one]) => [stepName(step), duration(one.p50), duration(one.p95)])}
      </Table>
      <Table title="Formats" head={["Format", "Files", "Ratio", "Kept"]}>
        {Object.entries(savings.by_format).map(([format, one]) => [
          format,
          String(one.jobs),
          one.compression_ratio ? `${one.compression_ratio.toFixed(1)} ×` : "–",
          percent(one.kept_original_rate),
        ])}
      </Table>
      <Table title="How jobs ended" head={["Status", "Jobs"]}>
        {Object.entries(savings.totals.by_status).map(([status, count]) => [status, String(count)])}
      </Table>
      <Table title="Reasons" head={["Code", "Jobs"]}>
        {Object.entries(savings.by_code).map(([code, count]) => [code, String(count)])}
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

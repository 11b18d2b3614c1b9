/** Files of earlier visits, with a search and a filter. */
import { useState } from "react";
import type { MediaClient } from "../../client/index.ts";
import { bytes, plural, savedPercent } from "../format.ts";
import { hasResult, type Item, totals } from "../item.ts";
import type { Queue } from "../queue.ts";
import { Row } from "./Row.tsx";

interface HistoryProps {
  items: Item[];
  queue: Queue;
  client: MediaClient;
  onOpen: (id: string) => void;
}

type Kind = "all" | "done" | "not";

const FIRST = 20;

export function History({ items, queue, client, onOpen }: HistoryProps) {
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState<Kind>("all");
  const [most, setMost] = useState(FIRST);
  const found = items
    .filter((item) => kind === "all" || hasResult(item) === (kind === "done"))
    .filter((item) => item.name.toLowerCase().includes(search.trim().toLowerCase()))
    .reverse();
  const sum = totals(items);
  return (
    <details className="history">
      <summary>
        Earlier{" "}
        <small>
          {plural(items.length, "file")}
          {sum.original > sum.compressed
            ? `, ${bytes(sum.original - sum.compressed)} saved (${savedPercent(sum.original, sum.compressed)})`
            : ""}
        </small>
      </summary>
      <div className="history-tools">
        <input
          type="search"
          placeholder="Search by name"
          aria-label="Search by name"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <select aria-label="Show" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          <option value="all">All</option>
          <option value="done">Compressed</option>
          <option value="not">Not compressed</option>
        </select>
        <button type="button" className="plain small" onClick={() => void queue.forgetHistory()}>
          Forget all
        </button>
      </div>
      {found.length === 0 ? <p className="note">Nothing like that.</p> : null}
      <ul className="rows">
        {found.slice(0, most).map((item) => (
          <Row key={item.id} item={item} queue={queue} client={client} onOpen={onOpen} />
        ))}
      </ul>
      {found.length > most ? (
        <button type="button" className="plain small" onClick={() => setMost(most + 50)}>
          Show more
        </button>
      ) : null}
    </details>
  );
}

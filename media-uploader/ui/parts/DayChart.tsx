/** Bytes in and out per day, as bars. The table below says the same to those who do not see it. */
import { bytes } from "../format.ts";

export interface Day {
  day: string;
  original: number;
  compressed: number;
}

const HEIGHT = 160;
const MOST_DAYS = 30;

export function DayChart({ days }: { days: Day[] }) {
  const last = days.slice(-MOST_DAYS);
  const most = Math.max(1, ...last.map((day) => day.original));
  const step = 100 / Math.max(last.length, 7);
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Bytes before and after, per day"
      >
        {last.map((day, index) => {
          const before = (HEIGHT * day.original) / most;
          const after = (HEIGHT * day.compressed) / most;
          const x = index * step + step * 0.15;
          return (
            <g key={day.day}>
              <title>{`${day.day}: ${bytes(day.original)} → ${bytes(day.compressed)}`}</title>
              <rect className="bar-before" x={x} y={HEIGHT - before} width={step * 0.7} height={before} />
              <rect className="bar-after" x={x} y={HEIGHT - after} width={step * 0.7} height={after} />
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span className="key key-before">before</span>
        <span className="key key-after">after</span>
        <span>
          {last[0]?.day}
          {last.length > 1 ? ` to ${last.at(-1)?.day}` : ""}
        </span>
      </figcaption>
    </figure>
  );
}

import { useEffect, useState } from "react";
import { backoffMs, isAbort, type MediaApi, MediaError, type Session, wait } from "../client/index.ts";

/** Who one is here, asked until the server answers; `problem` tells why it has not. */
export function useSession(api: MediaApi): { session: Session | null; problem: MediaError | null } {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<MediaError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const ask = async () => {
      for (let attempt = 1; !stop.signal.aborted; attempt++) {
        try {
          setSession(await api.session());
          return setProblem(null);
        } catch (error) {
          if (!(error instanceof MediaError)) throw error;
          setProblem(error);
          if (!error.isPassing) return;
        }
        await wait(backoffMs(attempt, 500, 5000), stop.signal);
      }
    };
    ask().catch((error) => {
      if (!isAbort(error)) throw error;
    });
    return () => stop.abort();
  }, [api]);
  return { session, problem };
}

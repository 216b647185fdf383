import { useEffect, useState } from 'react';
import { TransferTargets } from '../../protocol/softphone.ts';
import { api } from '../ui/api.ts';

/** What the search found last, and what went wrong with it. */
export interface FoundTargets {
  targets: TransferTargets['targets'];
  /** The text that they were found for; another one is typed by now when it differs. */
  text: string | undefined;
  error: unknown;
}

/**
 * Whom a call can be given to, asked of the server at every key; an answer that is overtaken is dropped. Asked again every
 * few seconds, because colleagues come and go.
 */
export function useTargets(text: string): FoundTargets {
  const [found, setFound] = useState<FoundTargets>({ targets: [], text: undefined, error: undefined });
  useEffect(() => {
    const gone = new AbortController();
    const ask = () => {
      api<TransferTargets>(`/api/transfer-targets?q=${encodeURIComponent(text)}`, {
        signal: gone.signal,
        schema: TransferTargets,
      }).then(
        ({ targets }) => gone.signal.aborted || setFound({ targets, text, error: undefined }),
        (error: unknown) => gone.signal.aborted || setFound((before) => ({ ...before, text, error })),
      );
    };
    ask();
    const again = setInterval(ask, AGAIN_MS);
    return () => {
      gone.abort();
      clearInterval(again);
    };
  }, [text]);
  return found;
}

const AGAIN_MS = 3_000;

/** The signed-in user's runs of agent scripts: the server keeps them, so that every tab shows the same. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { z } from 'zod';
import { ScriptRun, type ScriptRunStart } from '../../protocol/scripts.ts';
import { api } from '../ui/api.ts';

/** Everything that is read of scripts lies under this key. */
export const SCRIPTS_KEY = ['script-runs'];
const RUNNING = [...SCRIPTS_KEY, 'running'];
const Runs = z.object({ runs: z.array(ScriptRun) });

/** What he has not ended yet, and what he has ended on this page and not put away, the newest first. */
export function useScriptRuns() {
  return useQuery({
    queryKey: RUNNING,
    queryFn: async ({ signal }) =>
      (await api<z.infer<typeof Runs>>('/api/script-runs', { signal, schema: Runs })).runs,
    refetchOnWindowFocus: true,
  });
}

/** Of one call, for its log. */
export function useScriptRunsOf(conversationId: string | undefined) {
  return useQuery({
    queryKey: [...SCRIPTS_KEY, 'of', conversationId],
    queryFn: async ({ signal }) => {
      const path = `/api/script-runs?conversationId=${encodeURIComponent(conversationId ?? '')}`;
      return (await api<z.infer<typeof Runs>>(path, { signal, schema: Runs })).runs;
    },
    enabled: conversationId !== undefined,
  });
}

/** Begins a script; one that he has for this call already goes on. */
export function useBeginScript() {
  const put = usePutRun();
  return useMutation({
    mutationFn: (start: Partial<ScriptRunStart>) =>
      api<ScriptRun>('/api/script-runs', { body: start, schema: ScriptRun }),
    onSuccess: put,
  });
}

/** Shows what became of a run, before the list is read anew. */
export function usePutRun(): (run: ScriptRun) => void {
  const client = useQueryClient();
  return useCallback(
    (run) => {
      client.setQueryData<ScriptRun[]>(RUNNING, (runs = []) =>
        runs.some(({ id }) => id === run.id)
          ? runs.map((one) => (one.id === run.id ? run : one))
          : [run, ...runs],
      );
      if (run.conversationId !== null)
        void client.invalidateQueries({ queryKey: [...SCRIPTS_KEY, 'of', run.conversationId] });
    },
    [client],
  );
}

/** Takes an ended run off the page. */
export function usePutAway(): (run: ScriptRun) => void {
  const client = useQueryClient();
  return useCallback(
    (run) => client.setQueryData<ScriptRun[]>(RUNNING, (runs = []) => runs.filter(({ id }) => id !== run.id)),
    [client],
  );
}

/** What a pop's address asks for: `/scripts/ID?conversation=…`; undefined for any other address. */
export function scriptStartOf(path: string): { scriptId: string; conversationId?: string } | undefined {
  const [place = '', query = ''] = path.split('?');
  const id = /^\/scripts\/([^/]+)$/.exec(place)?.[1];
  if (id === undefined) return undefined;
  const conversationId = new URLSearchParams(query).get('conversation');
  return { scriptId: decodeURIComponent(id), ...(conversationId === null ? {} : { conversationId }) };
}

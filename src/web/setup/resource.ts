import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../ui/api.ts';

/** What a page needs to know of something that is read: a query, or what was made of some. */
export interface Reading<T> {
  data: T | undefined;
  isError: boolean;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** A reading with its data turned into something else. */
export function mapReading<T, U>(reading: Reading<T>, map: (data: T) => U): Reading<U> {
  const { data, isError, error, isFetching, refetch } = reading;
  return { data: data === undefined ? undefined : map(data), isError, error, isFetching, refetch };
}

/** Everything that Setup reads lies under this key, so that one save renews what depends on it. */
const SETUP_KEY = 'setup';

/** The list at `/api/<noun>`, which answers `{<noun>: [...]}`. `everyMs`: read anew while the page is open. */
export function useRecords<T>(
  noun: string,
  { field = noun, everyMs, enabled = true }: { field?: string; everyMs?: number; enabled?: boolean } = {},
): UseQueryResult<T[]> {
  return useQuery({
    queryKey: [SETUP_KEY, noun],
    queryFn: async ({ signal }) => (await api<Record<string, T[]>>(`/api/${noun}`, { signal }))[field] ?? [],
    refetchInterval: everyMs,
    enabled,
  });
}

/** What `path` answers. */
export function useAnswer<T>(path: string, options: { everyMs?: number } = {}): UseQueryResult<T> {
  return useQuery({
    queryKey: [SETUP_KEY, path],
    queryFn: ({ signal }) => api<T>(path, { signal }),
    refetchInterval: options.everyMs,
  });
}

/** A request that changes something; afterwards everything of Setup is read anew. */
export function useChange<T, Input = void>(send: (input: Input) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => client.invalidateQueries({ queryKey: [SETUP_KEY] }),
  });
}

/** Creates (`id` undefined) or changes one of `/api/<noun>`. */
export function useSaveRecord<T>(noun: string, id: string | undefined) {
  return useChange<T, object>((body) =>
    id === undefined
      ? api<T>(`/api/${noun}`, { body })
      : api<T>(`/api/${noun}/${encodeURIComponent(id)}`, { method: 'PUT', body }),
  );
}

export function useRemoveRecord(noun: string) {
  return useChange<void, string>((id) =>
    api<void>(`/api/${noun}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  );
}

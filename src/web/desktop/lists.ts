import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RecordPage } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { ListView, ListViewInput } from '../../protocol/list-views.ts';
import { api } from '../ui/api.ts';
import { CRM_KEY } from './data.ts';

const LISTS_KEY = ['lists'];
/** Under the key of the CRM: a record that is renamed or gone is so there too. */
const VIEWED_KEY = [...CRM_KEY, 'viewed'];

/** The list views of an object that the user sees. */
export function useListViews(object: string) {
  return useQuery({
    queryKey: [...LISTS_KEY, object],
    queryFn: async ({ signal }) =>
      (await api<{ lists: ListView[] }>(`/api/lists?object=${encodeURIComponent(object)}`, { signal })).lists,
  });
}

/** Makes a list view, or changes the one with `id`. */
export function useSaveList() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: Partial<ListViewInput> & { id?: string }) =>
      id === undefined
        ? api<ListView>('/api/lists', { body })
        : api<ListView>(`/api/lists/${encodeURIComponent(id)}`, { method: 'PUT', body }),
    onSuccess: async (view) => {
      client.setQueryData<ListView[]>([...LISTS_KEY, view.object], (views) => [
        ...(views ?? []).filter((one) => one.id !== view.id),
        view,
      ]);
      await client.invalidateQueries({ queryKey: LISTS_KEY });
    },
  });
}

export function useRemoveList() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api<undefined>(`/api/lists/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: LISTS_KEY }),
  });
}

/** What the user viewed last, of all objects, the newest first. */
export function useViewed() {
  return useQuery({
    queryKey: [...VIEWED_KEY, 'all'],
    queryFn: async ({ signal }) =>
      (await api<{ records: RecordRef[] }>('/api/recent?limit=12', { signal })).records,
  });
}

/** What the user viewed last of one object. */
export function useViewedPage(object: string, enabled: boolean) {
  return useQuery({
    queryKey: [...VIEWED_KEY, object],
    queryFn: ({ signal }) => api<RecordPage>(`/api/recent/${encodeURIComponent(object)}`, { signal }),
    enabled,
  });
}

/** Says that the user has a record before him. That it could not be said costs the list of recent records only. */
export function useNoteViewed(): (id: string) => void {
  const client = useQueryClient();
  const note = useMutation({
    mutationFn: (id: string) => api<undefined>(`/api/recent/${encodeURIComponent(id)}`, { method: 'PUT' }),
    onSuccess: () => client.invalidateQueries({ queryKey: VIEWED_KEY }),
  });
  return note.mutate;
}

import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback } from 'react';
import type { CrmRecord, FieldValue, ObjectMeta, RecordPage, SearchResult } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import { api } from '../ui/api.ts';

/** Records a page of a list. */
const PAGE_SIZE = 50;

/** Everything read from the CRM lies under this key, so that one call can renew it. */
export const CRM_KEY = ['crm'];

export type Fields = Record<string, FieldValue>;

export interface ListQuery {
  q: string;
  /** Conditions as JSON, or empty. */
  conditions: string;
  sort: string;
  direction: 'asc' | 'desc';
}

/** `/api/crm/…` with each part escaped and empty parameters left out. */
function crmPath(parts: string[], query: Record<string, string | number | undefined> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/crm/${parts.map(encodeURIComponent).join('/')}${search && `?${search}`}`;
}

/** What objects and fields there are; they do not change while the page is open. */
export function useObjectsQuery() {
  return useQuery({
    queryKey: [...CRM_KEY, 'objects'],
    queryFn: async ({ signal }) => {
      const answer = await api<ObjectMeta[] | { objects: ObjectMeta[] }>(crmPath(['objects']), { signal });
      return Array.isArray(answer) ? answer : answer.objects;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function recordQuery(object: string, id: string) {
  return queryOptions({
    queryKey: [...CRM_KEY, 'record', id],
    queryFn: ({ signal }) => api<CrmRecord>(crmPath([object, id]), { signal }),
  });
}

/** One record; not asked for while the id is missing. */
export function useRecord(object: string, id: string | undefined) {
  return useQuery({ ...recordQuery(object, id ?? ''), enabled: id !== undefined });
}

function nameKey(id: string): string[] {
  return ['record-name', id];
}

/** Says that a record is about to be shown: it is asked for at once, and until it is there its page has the name. */
export function useExpectRecord(): (record: RecordRef) => void {
  const client = useQueryClient();
  return useCallback(
    ({ object, id, name }: RecordRef) => {
      client.setQueryData(nameKey(id), name);
      void client.prefetchQuery(recordQuery(object, id));
    },
    [client],
  );
}

/** The name of a record that was expected, while the record itself is on its way. */
export function useExpectedName(id: string): string | undefined {
  return useQueryClient().getQueryData<string>(nameKey(id));
}

/** The list of an object, page by page; the old list stays while a new filter is asked for. */
export function useList(object: string, query: ListQuery, enabled: boolean) {
  return useInfiniteQuery({
    enabled,
    queryKey: [...CRM_KEY, 'list', object, query],
    queryFn: ({ pageParam, signal }) =>
      api<RecordPage>(crmPath([object], { ...query, after: pageParam, limit: PAGE_SIZE }), { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useRelated(object: string, id: string, related: { object: string; field: string }) {
  return useQuery({
    queryKey: [...CRM_KEY, 'related', id, related.object, related.field],
    queryFn: ({ signal }) =>
      api<RecordPage>(crmPath([object, id, 'related', related.object, related.field], { limit: 10 }), {
        signal,
      }),
  });
}

/** The tasks about a record, newest first, page by page. */
export function useActivity(object: string, id: string) {
  return useInfiniteQuery({
    queryKey: [...CRM_KEY, 'activity', id],
    queryFn: ({ pageParam, signal }) =>
      api<RecordPage>(crmPath([object, id, 'activity'], { after: pageParam, limit: 20 }), { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** Records by name or number; nothing is asked for less than two characters. */
export function useSearchQuery(text: string, limit: number) {
  const q = text.trim();
  return useQuery({
    queryKey: [...CRM_KEY, 'search', q, limit],
    queryFn: ({ signal }) => api<SearchResult>(crmPath(['search'], { q, limit }), { signal }),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  });
}

/** Creates a record, or changes the fields given of the one with `id` if it still has revision `rev`. */
export function useSave(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, fields, rev }: { id?: string; fields: Fields; rev?: number }) =>
      id === undefined
        ? api<CrmRecord>(crmPath([object]), { body: { fields } })
        : api<CrmRecord>(crmPath([object, id]), { method: 'PATCH', body: { fields, rev } }),
    onSuccess: (record) => {
      client.setQueryData([...CRM_KEY, 'record', record.id], record);
      void client.invalidateQueries({
        queryKey: CRM_KEY,
        predicate: ({ queryKey }) => queryKey[1] !== 'objects',
      });
    },
  });
}

export function useRemove(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api<undefined>(crmPath([object, id]), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: CRM_KEY, refetchType: 'none' }),
  });
}

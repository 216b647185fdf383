/**
 * What has changed between two versions of a JSON document, found in one walk: the operations (RFC 6902) and the new version,
 * which shares with the old one what is the same in both and is a copy where it differs. Pure.
 *
 * Keys that are undefined are absent, as in JSON. Of two arrays what is alike at both ends is left alone, and what lies between
 * is followed place by place: lists of ours grow and shrink at an end, or change in place.
 */
import type { PatchOperation } from '../../protocol/socket.ts';

export interface Advance<T> {
  /** Empty when nothing has changed. */
  ops: PatchOperation[];
  /** `before` itself when nothing has changed. */
  document: T;
}

/** @param before a plain document: an earlier result of this, or of `copyOf`. */
export function advance<T>(before: T, next: T): Advance<T> {
  const ops: PatchOperation[] = [];
  return { ops, document: follow(before, next, '', ops) as T };
}

/** A deep copy without keys that are undefined. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isObject(value)) return value;
  const copy: Json = {};
  for (const key of Object.keys(value)) if (value[key] !== undefined) copy[key] = copyOf(value[key]);
  return copy as T;
}

type Json = Record<string, unknown>;

function follow(before: unknown, next: unknown, path: string, ops: PatchOperation[]): unknown {
  if (before === next) return before;
  if (Array.isArray(before) && Array.isArray(next)) return followArray(before, next, path, ops);
  if (isObject(before) && isObject(next)) return followObject(before, next, path, ops);
  const value = copyOf(next);
  ops.push({ op: 'replace', path, value });
  return value;
}

function followObject(before: Json, next: Json, path: string, ops: PatchOperation[]): Json {
  let document = before;
  const change = (): Json => (document === before ? (document = { ...before }) : document);
  for (const key of Object.keys(before)) {
    if (next[key] !== undefined) continue;
    ops.push({ op: 'remove', path: `${path}/${escaped(key)}` });
    delete change()[key];
  }
  for (const key of Object.keys(next)) {
    const part = next[key];
    if (part === undefined || part === before[key]) continue;
    const at = `${path}/${escaped(key)}`;
    const known = Object.hasOwn(before, key);
    const value = known ? follow(before[key], part, at, ops) : copyOf(part);
    if (!known) ops.push({ op: 'add', path: at, value });
    if (value !== before[key]) change()[key] = value;
  }
  return document;
}

function followArray(before: unknown[], next: unknown[], path: string, ops: PatchOperation[]): unknown[] {
  const shorter = Math.min(before.length, next.length);
  let head = 0;
  while (head < shorter && isSame(before[head], next[head])) head++;
  if (head === before.length && head === next.length) return before;
  let tail = 0;
  while (tail < shorter - head && isSame(before.at(-1 - tail), next.at(-1 - tail))) tail++;
  const [from, to] = [before.length - tail, next.length - tail];
  const both = Math.min(from, to);
  const document = before.slice(0, head);
  for (let n = head; n < both; n++) document.push(follow(before[n], next[n], `${path}/${n}`, ops));
  for (let n = from - 1; n >= both; n--) ops.push({ op: 'remove', path: `${path}/${n}` });
  for (let n = both; n < to; n++) {
    const value = copyOf(next[n]);
    ops.push({ op: 'add', path: `${path}/${n}`, value });
    document.push(value);
  }
  return [...document, ...before.slice(from)];
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((part, n) => isSame(part, b[n]));
  if (!isObject(a) || !isObject(b)) return false;
  for (const key of Object.keys(a)) if (!isSame(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key in a JSON pointer (RFC 6901). */
function escaped(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The directory of connected switches: an entry is added, replaced and removed while calls go on. */
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type {
  LinkState,
  Provisioning,
  Switch,
  SwitchDirectory,
  SwitchDirectoryEvents,
  SwitchEntry,
  SwitchFact,
} from './ports.ts';

export class Switches implements SwitchDirectory {
  readonly events: Emitter<SwitchDirectoryEvents>;
  readonly #entries = new Map<string, SwitchEntry>();

  constructor(
    onListenerError: (error: unknown, event: string) => void,
    entries: readonly SwitchEntry[] = [],
  ) {
    this.events = new Emitter(onListenerError);
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  get(id: string): SwitchEntry | undefined {
    return this.#entries.get(id);
  }

  all(): SwitchEntry[] {
    return [...this.#entries.values()];
  }

  /** In place of the one that had this id: that is told as removed, then this one as added. */
  add(entry: SwitchEntry): void {
    const old = this.#entries.get(entry.id);
    this.#entries.set(entry.id, entry);
    if (old) this.events.emit('removed', old);
    this.events.emit('added', entry);
  }

  /** No error when it is not there. */
  remove(id: string): void {
    const old = this.#entries.get(id);
    if (!old) return;
    this.#entries.delete(id);
    this.events.emit('removed', old);
  }
}

export interface SwitchListener {
  fact?(platformId: string, fact: SwitchFact): unknown;
  link?(platformId: string, link: LinkState): unknown;
}

/**
 * Listens to every switch of the directory, now and later. One that is removed or replaced counts as `down` from then on; the
 * one in its place says `up` by itself. Returns the function that stops it.
 */
export function followSwitches(directory: SwitchDirectory, listener: SwitchListener): () => void {
  const stops = new Map<Switch, () => void>();
  const follow = ({ id, switch: node }: SwitchEntry) => {
    const ends = [
      node.events.on('fact', (fact) => listener.fact?.(id, fact)),
      node.events.on('link', (link) => listener.link?.(id, link)),
    ];
    stops.set(node, () => ends.forEach((end) => end()));
    if (node.link === 'up') listener.link?.(id, 'up');
  };
  const leave = ({ id, switch: node }: SwitchEntry) => {
    stops.get(node)?.();
    stops.delete(node);
    listener.link?.(id, 'down');
  };
  for (const entry of directory.all()) follow(entry);
  const ends = [directory.events.on('added', follow), directory.events.on('removed', leave)];
  return () => {
    for (const end of [...ends, ...stops.values()]) end();
    stops.clear();
  };
}

/** @throws CodedError `switch-down` for a platform that was taken away. */
export function mustSwitch(directory: SwitchDirectory, platformId: string): Switch {
  const node = directory.get(platformId)?.switch;
  if (!node) throw new CodedError('switch-down');
  return node;
}

/** One switch alone, as the tests and a small set-up have it. */
export function singleSwitch(
  node: Switch,
  provisioning: Provisioning,
  label = node.id,
  onListenerError: (error: unknown, event: string) => void = () => undefined,
): Switches {
  return new Switches(onListenerError, [{ id: node.id, label, switch: node, provisioning }]);
}

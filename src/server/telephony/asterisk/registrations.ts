import type { SwitchFact } from '../ports.ts';

/** Which devices are registered, as last said. Gives a fact for each change, none for what is already known. */
export class Registrations {
  /** Undefined until the first connection: what is registered then, `registered()` says. */
  #online: Set<string> | undefined;

  /** All that are registered now, after a (re)connection. */
  replace(online: string[], now: number): SwitchFact[] {
    const before = this.#online;
    const after = new Set(online);
    this.#online = after;
    if (!before) return [];
    return [
      ...[...before].filter((name) => !after.has(name)).map((name) => registration(name, false, now)),
      ...online.filter((name) => !before.has(name)).map((name) => registration(name, true, now)),
    ];
  }

  /** One device, as an event says. */
  change(name: string, registered: boolean, now: number): SwitchFact[] {
    if (!this.#online || this.#online.has(name) === registered) return [];
    if (registered) this.#online.add(name);
    else this.#online.delete(name);
    return [registration(name, registered, now)];
  }
}

function registration(name: string, registered: boolean, at: number): SwitchFact {
  return { type: 'device.registration', name, at, registered };
}

/** One microphone or loudspeaker of this computer. */
export interface AudioDevice {
  id: string;
  label: string;
}

export interface DeviceChoice {
  microphones: AudioDevice[];
  speakers: AudioDevice[];
  microphone: string | undefined;
  speaker: string | undefined;
}

export interface DevicesOptions {
  /** Undefined on a page without https. */
  media: Pick<MediaDevices, 'enumerateDevices' | 'addEventListener'> | undefined;
  storage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  useMicrophone(id: string | undefined): Promise<void>;
  useSpeaker(id: string | undefined): void;
}

const KEYS = { microphone: 'crosspoint.microphone', speaker: 'crosspoint.speaker' } as const;

/** The audio devices of this computer and which of them the agent chose; remembered in this browser. */
export class Devices {
  readonly #options: DevicesOptions;
  readonly #listeners = new Set<() => void>();
  #choice: DeviceChoice;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#choice = {
      microphones: [],
      speakers: [],
      microphone: this.#read('microphone'),
      speaker: this.#read('speaker'),
    };
    options.media?.addEventListener('devicechange', () => void this.refresh());
    options.useSpeaker(this.#choice.speaker);
    if (this.#choice.microphone !== undefined) void options.useMicrophone(this.#choice.microphone);
  }

  get = (): DeviceChoice => this.#choice;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Looks again what is plugged in. Names are there once the microphone is allowed. */
  async refresh(): Promise<void> {
    const all = (await this.#options.media?.enumerateDevices()) ?? [];
    this.#set({ microphones: named(all, 'audioinput'), speakers: named(all, 'audiooutput') });
  }

  async chooseMicrophone(id: string | undefined): Promise<void> {
    this.#write('microphone', id);
    this.#set({ microphone: id });
    await this.#options.useMicrophone(id);
  }

  chooseSpeaker(id: string | undefined): void {
    this.#write('speaker', id);
    this.#set({ speaker: id });
    this.#options.useSpeaker(id);
  }

  #set(change: Partial<DeviceChoice>): void {
    this.#choice = { ...this.#choice, ...change };
    for (const listener of this.#listeners) listener();
  }

  #read(key: keyof typeof KEYS): string | undefined {
    try {
      return this.#options.storage.getItem(KEYS[key]) ?? undefined;
    } catch {
      return undefined;
    }
  }

  #write(key: keyof typeof KEYS, id: string | undefined): void {
    try {
      if (id === undefined) this.#options.storage.removeItem(KEYS[key]);
      else this.#options.storage.setItem(KEYS[key], id);
    } catch {
      // Not remembered then; the choice holds for this page.
      return;
    }
  }
}

function named(all: MediaDeviceInfo[], kind: MediaDeviceKind): AudioDevice[] {
  return all
    .filter((d) => d.kind === kind && d.deviceId !== '' && d.label !== '')
    .map((d) => ({ id: d.deviceId, label: d.label }));
}

/** Where the callers' voices come out. */
export interface Speaker {
  /** Plays until the returned function is called. */
  play(stream: MediaStream): () => void;
}

/**
 * Plays in the page's audio output, or the chosen one where the browser can choose (`setSinkId`).
 * A browser that wants a gesture before it plays gets the next one on this page.
 */
export class PageSpeaker implements Speaker {
  readonly #page: Document;
  readonly #playing = new Set<HTMLAudioElement>();
  #deviceId = '';

  constructor(page: Document) {
    this.#page = page;
  }

  play(stream: MediaStream): () => void {
    const audio = this.#page.createElement('audio');
    audio.autoplay = true;
    audio.srcObject = stream;
    audio.hidden = true;
    this.#page.body.append(audio);
    this.#playing.add(audio);
    this.#direct(audio);
    audio.play().catch(() => this.#playOnGesture(audio));
    return () => {
      this.#playing.delete(audio);
      audio.srcObject = null;
      audio.remove();
    };
  }

  /** Another output from now on, also for what plays; empty is the system's. */
  choose(deviceId: string): void {
    this.#deviceId = deviceId;
    for (const audio of this.#playing) this.#direct(audio);
  }

  #direct(audio: HTMLAudioElement): void {
    // Not in every browser; and a device that was unplugged falls back to the system's by itself.
    if ('setSinkId' in audio) audio.setSinkId(this.#deviceId).catch(() => {});
  }

  #playOnGesture(audio: HTMLAudioElement): void {
    const again = () => {
      if (this.#playing.has(audio)) audio.play().catch(() => this.#playOnGesture(audio));
    };
    this.#page.addEventListener('pointerdown', again, { once: true });
  }
}

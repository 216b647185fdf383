import type { Line } from '../../protocol/softphone.ts';
import { callerTitle } from './lines.ts';

/** Browser notifications for calls that come while the page is out of sight. */
export class CallNotifier {
  readonly #page: Window;
  readonly #country: () => string;
  readonly #open = new Map<string, Notification>();

  constructor(page: Window, country: () => string) {
    this.#page = page;
    this.#country = country;
  }

  /** `unsupported` where the browser has none, or the page is not secure. Asking costs milliseconds: not while drawing. */
  get permission(): NotificationPermission | 'unsupported' {
    return 'Notification' in this.#page && this.#page.isSecureContext
      ? Notification.permission
      : 'unsupported';
  }

  /** Asks the person; only from a click. */
  async ask(): Promise<NotificationPermission | 'unsupported'> {
    return this.permission === 'unsupported' ? 'unsupported' : Notification.requestPermission();
  }

  /** These lines ring now: shows what is new, takes away what is over. */
  show(lines: readonly Line[]): void {
    const ids = new Set(lines.map((line) => line.id));
    for (const [id, notification] of this.#open) {
      if (ids.has(id)) continue;
      notification.close();
      this.#open.delete(id);
    }
    for (const line of lines) if (!this.#open.has(line.id)) this.#notify(line);
  }

  #notify(line: Line): void {
    if (!this.#page.document.hidden || this.permission !== 'granted') return;
    const { name, number } = callerTitle(line, this.#country());
    const body = [name ? number : undefined, line.queue?.label].filter(Boolean).join(' · ');
    // The tag makes a second tab's notification of the same call replace this one.
    const notification = new Notification(`Incoming call: ${name ?? number}`, {
      body,
      tag: line.id,
      requireInteraction: true,
    });
    notification.onclick = () => this.#page.focus();
    this.#open.set(line.id, notification);
  }
}

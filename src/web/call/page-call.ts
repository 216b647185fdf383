import type { VisitorView } from '../phone/visitor-call.ts';

/** A visitor's call as the page shows it: with audio (VisitorCall) or without (PolledCall). */
export interface PageCall {
  readonly hasAudio: boolean;
  readonly view: VisitorView;
  on(event: 'change', listener: () => unknown): () => void;
  start(): Promise<void>;
  setMuted(muted: boolean): void;
  sendDigits(digits: string): void;
  hangUp(): void;
}

/** What is being played to legs: one thing at a time each, and whoever waits for its end is told once. */
import { newId } from '../../lib/ids.ts';
import type { Media, Switch } from './ports.ts';

export type PlayOutcome = 'done' | 'stopped' | 'failed';

interface Playing {
  playbackId: string;
  finish: (outcome: PlayOutcome) => void;
  /** The switch has it, or has refused it. */
  begun: Promise<unknown>;
}

export class Playbacks {
  readonly #playing = new Map<string, Playing>();

  isPlaying(legId: string): boolean {
    return this.#playing.has(legId);
  }

  /** Plays in place of what was playing; resolves at the end of it. */
  async play(node: Switch, legId: string, media: Media[]): Promise<PlayOutcome> {
    await this.stop(node, legId);
    const playbackId = newId('play');
    const begun = node.play(legId, playbackId, media);
    const finished = new Promise<PlayOutcome>((finish) =>
      this.#playing.set(legId, { playbackId, finish, begun: begun.catch(() => undefined) }),
    );
    try {
      await begun;
      return await finished;
    } finally {
      if (this.#playing.get(legId)?.playbackId === playbackId) this.#playing.delete(legId);
    }
  }

  /** The switch has finished it. One that was replaced meanwhile is nobody's any more. */
  finished(legId: string, playbackId: string, outcome: PlayOutcome): void {
    const playing = this.#playing.get(legId);
    if (playing?.playbackId === playbackId) playing.finish(outcome);
  }

  /** The leg is gone. */
  forget(legId: string): void {
    this.#playing.get(legId)?.finish('stopped');
  }

  /** The switch was away: what it has said of the end may have been missed. */
  lose(legId: string): void {
    this.#playing.get(legId)?.finish('failed');
  }

  async stop(node: Switch, legId: string): Promise<void> {
    const playing = this.#playing.get(legId);
    if (!playing) return;
    this.#playing.delete(legId);
    playing.finish('stopped');
    await playing.begun; // overtaken, the stop would find nothing, and the playback would go on
    await node.stopPlay(legId, playing.playbackId);
  }
}

import type { InputDevices } from '../microphone.ts';
import type { Speaker } from '../speaker.ts';

class FakeTrack {
  stopped = false;
  readonly #ended: (() => void)[] = [];
  stop(): void {
    this.stopped = true;
  }
  addEventListener(_event: 'ended', listener: () => void): void {
    this.#ended.push(listener);
  }
  unplug(): void {
    for (const listener of this.#ended) listener();
  }
}

export class FakeStream {
  readonly track = new FakeTrack();
  getTracks = () => [this.track];
  getAudioTracks = () => [this.track];
  clone = () => new FakeStream();
}

/** For tests: microphones that can be refused, and that remember what was opened. */
export class FakeDevices implements InputDevices {
  readonly opened: FakeStream[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  failure: string | undefined;
  /** The id of a device that is not plugged in. */
  missing: string | undefined;

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    const failure = this.#wants(constraints, this.missing) ? 'OverconstrainedError' : this.failure;
    if (failure) throw Object.assign(new Error(failure), { name: failure });
    const stream = new FakeStream();
    this.opened.push(stream);
    return stream as unknown as MediaStream;
  }

  #wants(constraints: MediaStreamConstraints, id: string | undefined): boolean {
    return id !== undefined && JSON.stringify(constraints).includes(`"exact":"${id}"`);
  }
}

export class FakeSpeaker implements Speaker {
  playing = 0;
  play(): () => void {
    this.playing++;
    return () => {
      this.playing--;
    };
  }
}

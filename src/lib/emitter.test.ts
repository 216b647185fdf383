import { describe, expect, it } from 'vitest';
import { settle } from './clock.ts';
import { Emitter } from './emitter.ts';

function emitter() {
  const errors: [unknown, string][] = [];
  return {
    errors,
    events: new Emitter<{ said: [word: string]; other: [] }>((error, event) => errors.push([error, event])),
  };
}

describe('an emitter', () => {
  it('calls the listeners of an event in the order of registration, and nobody else', () => {
    const { events } = emitter();
    const heard: string[] = [];
    events.on('said', (word) => heard.push(`first ${word}`));
    events.on('said', (word) => heard.push(`second ${word}`));
    events.on('other', () => heard.push('other'));
    events.emit('said', 'hello');
    expect(heard).toEqual(['first hello', 'second hello']);
  });

  it('keeps a listener that throws from the others and from who emits', () => {
    const { events, errors } = emitter();
    const heard: string[] = [];
    events.on('said', () => {
      throw new Error('broken');
    });
    events.on('said', (word) => heard.push(word));
    events.emit('said', 'hello');
    expect(heard).toEqual(['hello']);
    expect(errors).toEqual([[new Error('broken'), 'said']]);
  });

  it('tells of a listener whose promise rejects', async () => {
    const { events, errors } = emitter();
    events.on('said', () => Promise.reject(new Error('late')));
    events.emit('said', 'hello');
    await settle();
    expect(errors).toEqual([[new Error('late'), 'said']]);
  });

  it('calls a listener no more once it was stopped, also by a listener before it', () => {
    const { events } = emitter();
    const heard: string[] = [];
    const stops: (() => void)[] = [];
    events.on('said', () => stops.forEach((stop) => stop()));
    stops.push(events.on('said', (word) => heard.push(word)));
    events.emit('said', 'one');
    events.emit('said', 'two');
    expect(heard).toEqual([]);
  });

  it('does not call a listener with the event during which it was added', () => {
    const { events } = emitter();
    const heard: string[] = [];
    const stop = events.on('said', () => {
      stop();
      events.on('said', (word) => heard.push(word));
    });
    events.emit('said', 'one');
    events.emit('said', 'two');
    expect(heard).toEqual(['two']);
  });
});

import { describe, expect, it } from 'vitest';
import { Emitter } from '../../lib/emitter.ts';
import type { LinkState, Provisioning, Switch, SwitchEntry, SwitchEvents } from './ports.ts';
import { followSwitches, Switches } from './switches.ts';

const fail = (error: unknown) => {
  throw error;
};

/** A switch of which only the link and the events are asked. */
function entry(id: string, link: LinkState = 'down'): SwitchEntry & { events: Emitter<SwitchEvents> } {
  const events = new Emitter<SwitchEvents>(fail);
  return { id, label: id, events, switch: { id, link, events } as Switch, provisioning: {} as Provisioning };
}

function listen(switches: Switches) {
  const heard: string[] = [];
  const stop = followSwitches(switches, {
    fact: (platformId, fact) => heard.push(`${platformId} ${fact.type}`),
    link: (platformId, link) => heard.push(`${platformId} ${link}`),
  });
  return { heard, stop };
}

const CLEARED = { type: 'leg.cleared', legId: 'l', at: 0, cause: 'normal' } as const;

describe('who follows the switches', () => {
  it('hears those that are there and those that come later', () => {
    const [one, two] = [entry('one'), entry('two', 'up')];
    const switches = new Switches(fail, [one]);
    const { heard } = listen(switches);
    switches.add(two);
    one.events.emit('fact', CLEARED);
    two.events.emit('link', 'reconciling');
    expect(heard).toEqual(['two up', 'one leg.cleared', 'two reconciling']);
  });

  it('hears one that is replaced as down, and nothing of it any more', () => {
    const [old, young] = [entry('one', 'up'), entry('one')];
    const switches = new Switches(fail, [old]);
    const { heard } = listen(switches);
    switches.add(young);
    old.events.emit('fact', CLEARED);
    young.events.emit('link', 'up');
    expect(heard).toEqual(['one up', 'one down', 'one up']);
    expect(switches.get('one')).toBe(young);
    expect(switches.all()).toEqual([young]);
  });

  it('hears one that is removed as down; removing it twice is no error', () => {
    const one = entry('one');
    const switches = new Switches(fail, [one]);
    const { heard } = listen(switches);
    switches.remove('one');
    switches.remove('one');
    expect(heard).toEqual(['one down']);
    expect(switches.get('one')).toBeUndefined();
  });

  it('hears nothing any more once it has stopped', () => {
    const one = entry('one');
    const switches = new Switches(fail, [one]);
    const { heard, stop } = listen(switches);
    stop();
    one.events.emit('fact', CLEARED);
    switches.add(entry('two', 'up'));
    expect(heard).toEqual([]);
  });
});

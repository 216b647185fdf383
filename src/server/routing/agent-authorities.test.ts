import { describe, expect, it } from 'vitest';
import { Emitter } from '../../lib/emitter.ts';
import { AgentAuthorities } from './agent-authorities.ts';
import type { AcdEvents, AgentStates, AgentView } from './ports.ts';

class FakeStates implements AgentStates {
  readonly events = new Emitter<AcdEvents>(() => undefined);
  readonly asked: string[] = [];
  constructor(readonly name: string) {}
  agent(userId: string): AgentView {
    return {
      userId,
      requested: { state: 'ready' },
      work: 'idle',
      online: true,
      shown: 'ready',
      since: 0,
      authority: this.name,
    };
  }
  agents = () => [this.agent('deskAnn'), this.agent('bob')];
  waiting = () => 2;
  setRequested = async (userId: string, state: string) => void this.asked.push(`state ${userId} ${state}`);
  setOnline = (userId: string) => void this.asked.push(`online ${userId}`);
  deviceChanged = () => undefined;
  decline = async (userId: string) => void this.asked.push(`decline ${userId}`);
  reserve = async () => undefined;
  release = (userId: string) => void this.asked.push(`release ${userId}`);
  finishWrap = async () => undefined;
  extendWrap = async () => undefined;
}

function world() {
  const [ours, pbx] = [new FakeStates('ours'), new FakeStates('pbx')];
  const authorities = new AgentAuthorities({
    ours,
    platformOf: (userId) => (userId === 'deskAnn' ? 'pbx' : undefined),
    onError: () => undefined,
  });
  return { ours, pbx, authorities, remove: authorities.add('pbx', pbx) };
}

describe('who rules over an agent state', () => {
  it('is asked: the platform for its agents, our routing for all others', async () => {
    const { ours, pbx, authorities } = world();
    await authorities.setRequested('deskAnn', 'ready', undefined, 'deskAnn');
    await authorities.decline('bob', 'offer');
    expect(pbx.asked).toEqual(['state deskAnn ready']);
    expect(ours.asked).toEqual(['decline bob']);
    expect(authorities.agent('deskAnn').authority).toBe('pbx');
    expect(authorities.agents().map((view) => `${view.userId} ${view.authority}`)).toEqual([
      'bob ours',
      'deskAnn pbx',
    ]);
    expect(authorities.waiting('sales')).toBe(4);
  });

  it('tells of its own agents only', () => {
    const { ours, pbx, authorities } = world();
    const told: (string | undefined)[] = [];
    authorities.events.on('agent', (view) => told.push(view.authority));
    ours.events.emit('agent', ours.agent('deskAnn'));
    pbx.events.emit('agent', pbx.agent('deskAnn'));
    ours.events.emit('agent', ours.agent('bob'));
    expect(told).toEqual(['pbx', 'ours']);
  });

  it('is our routing again when the platform is taken away', () => {
    const { authorities, remove } = world();
    remove();
    expect(authorities.agent('deskAnn').authority).toBe('ours');
  });

  it('hears of presence and of released reservations whoever it is', () => {
    const { ours, pbx, authorities } = world();
    authorities.setOnline('deskAnn', true);
    authorities.release('deskAnn', 'conv');
    expect(ours.asked).toEqual(pbx.asked);
  });
});

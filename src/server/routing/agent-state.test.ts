import { describe, expect, it } from 'vitest';
import { type AgentParts, isEligible, shownState } from './agent-state.ts';

type Row = [requested: AgentParts['requested'], work: AgentParts['work'], online: boolean, shown: string];

const table: Row[] = [
  ['ready', 'idle', true, 'ready'],
  ['ready', 'idle', false, 'lost'],
  ['ready', 'offered', true, 'offered'],
  ['ready', 'offered', false, 'offered'],
  ['ready', 'talking', true, 'talking'],
  ['ready', 'talking', false, 'talking'],
  ['ready', 'wrap-up', true, 'wrap-up'],
  ['ready', 'wrap-up', false, 'wrap-up'],
  ['not-ready', 'idle', true, 'not-ready'],
  ['not-ready', 'idle', false, 'lost'],
  ['not-ready', 'offered', true, 'offered'],
  ['not-ready', 'offered', false, 'offered'],
  ['not-ready', 'talking', true, 'talking'],
  ['not-ready', 'talking', false, 'talking'],
  ['not-ready', 'wrap-up', true, 'wrap-up'],
  ['not-ready', 'wrap-up', false, 'wrap-up'],
  ['logged-out', 'idle', true, 'logged-out'],
  ['logged-out', 'idle', false, 'logged-out'],
  ['logged-out', 'offered', true, 'offered'],
  ['logged-out', 'offered', false, 'offered'],
  ['logged-out', 'talking', true, 'talking'],
  ['logged-out', 'talking', false, 'talking'],
  ['logged-out', 'wrap-up', true, 'wrap-up'],
  ['logged-out', 'wrap-up', false, 'wrap-up'],
];

describe('the shown state', () => {
  it.each(table)('of who requested %s, is %s, online %s, is %s', (requested, work, online, shown) => {
    expect(shownState({ requested, work, online })).toBe(shown);
  });

  it('is a call’s for the one combination only that is ready, idle and there', () => {
    const eligible = table.filter(([requested, work, online]) => isEligible({ requested, work, online }));
    expect(eligible).toEqual([['ready', 'idle', true, 'ready']]);
  });
});

import { describe, expect, it } from 'vitest';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import { reasonChoices } from './agent-codes.ts';
import type { Reason } from './model.ts';

const reason = (id: string, more: Partial<Reason> = {}): Reason => ({
  id,
  label: id.toUpperCase(),
  kind: 'not-ready',
  system: false,
  active: true,
  ...more,
});

const REASONS = [
  reason('break'),
  reason('lunch'),
  reason('fax', { active: false }),
  reason('no-answer', { system: true }),
  reason('shift', { kind: 'logged-out' }),
];

const queue = (rules: Partial<AgentRules> = {}) => ({ agentRules: { ...DEFAULT_AGENT_RULES, ...rules } });

const ids = (queues: ReturnType<typeof queue>[], kind: Reason['kind'] = 'not-ready') =>
  reasonChoices(queues, REASONS, kind).reasons.map(({ id }) => id);

describe('the reasons that an agent chooses among', () => {
  it('are the active ones of the kind, but for those that the program sets', () => {
    expect(ids([queue()])).toEqual(['break', 'lunch']);
    expect(ids([queue()], 'logged-out')).toEqual(['shift']);
  });

  it('are those of all his queues, in the list’s order', () => {
    expect(ids([queue({ reasonIds: ['lunch'] })])).toEqual(['lunch']);
    expect(ids([queue({ reasonIds: ['lunch'] }), queue({ reasonIds: ['break', 'fax'] })])).toEqual([
      'break',
      'lunch',
    ]);
    expect(ids([queue({ reasonIds: ['lunch'] }), queue()])).toEqual(['break', 'lunch']);
  });

  it('are all of them for who is in no queue, and he need not give one', () => {
    expect(reasonChoices([], REASONS, 'not-ready')).toMatchObject({ required: false, reasons: [{}, {}] });
  });

  it('must be given where one of his queues asks for it, and there is one to give', () => {
    const lax = queue({ notReadyReasonRequired: false });
    const strict = queue({ logoutReasonRequired: true });
    expect(reasonChoices([lax], REASONS, 'not-ready').required).toBe(false);
    expect(reasonChoices([lax, queue()], REASONS, 'not-ready').required).toBe(true);
    expect(reasonChoices([queue()], REASONS, 'logged-out').required).toBe(false);
    expect(reasonChoices([strict], REASONS, 'logged-out').required).toBe(true);
    expect(
      reasonChoices([queue({ ...strict.agentRules, reasonIds: ['lunch'] })], REASONS, 'logged-out'),
    ).toEqual({ required: false, reasons: [] });
  });
});

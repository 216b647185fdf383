/**
 * The conformance suite of the roles Switch and Provisioning (src/server/telephony/ports.ts): every connector, ours or a
 * stranger's, runs it. To point it at yours, write a `*.test.ts` that runs under vitest:
 *
 *     switchConformance('my switch', async () => myHarness(), { lacks: { 'phone-hold': 'the far end is SIPp' } });
 *
 * `myHarness` gives the connector and plays the far end (harness.ts says what it must do): real phones, SIPp, or a simulation.
 * It is made anew for each check and disposed after it; start what is slow (the switch itself) once, in `beforeAll`.
 * On a real switch `time` is `{ now: Date.now, wait: setTimeout }` and the checks run against deadlines (`pace`); give vitest a
 * `testTimeout` of 60 s. What cannot be had is declared in `lacks` with the reason, and listed.
 */
import { describe, expect, it } from 'vitest';
import type { SwitchAbility } from '../../src/server/telephony/ports.ts';
import type { ConformanceOptions, SwitchHarness } from './harness.ts';
import { provisioningChecks } from './provisioning-checks.ts';
import { makeCheck } from './stage.ts';
import { arrivalChecks, clearingChecks, originateChecks } from './switch-legs.ts';
import { fallbackChecks, linkChecks } from './switch-link.ts';
import { bridgeChecks, digitChecks, mediaChecks } from './switch-media.ts';

/**
 * Declares the suite.
 * @param makeHarness called once for each check; a rejection fails the check.
 */
export function switchConformance(
  name: string,
  makeHarness: () => Promise<SwitchHarness>,
  options: ConformanceOptions = {},
): void {
  const check = makeCheck(makeHarness, options);
  describe(`${name}: Switch`, () => {
    declared(makeHarness, options);
    describe('calls that arrive', () => arrivalChecks(check));
    describe('calls that we make', () => originateChecks(check));
    describe('calls that end', () => clearingChecks(check));
    describe('bridges', () => bridgeChecks(check));
    describe('music and playbacks', () => mediaChecks(check));
    describe('digits and hold', () => digitChecks(check));
    describe('fallback', () => fallbackChecks(check));
    describe('link and restart', () => linkChecks(check));
  });
  describe(`${name}: Provisioning`, () => provisioningChecks(check));
}

const ABILITIES: ReadonlySet<string> = new Set<SwitchAbility>([
  'record',
  'supervise',
  'open-audio',
  'quality',
  'talk-event',
  'transfer-request',
]);

/** What is declared as lacking is what the switch itself says it cannot do. */
function declared(makeHarness: () => Promise<SwitchHarness>, { lacks = {} }: ConformanceOptions): void {
  const list = Object.entries(lacks).map(([feature, reason]) => `${feature} (${reason})`);
  it(`declares what it lacks: ${list.join(', ') || 'nothing'}`, async () => {
    const harness = await makeHarness();
    const { capabilities } = harness.connect().switch;
    await harness.dispose();
    expect(capabilities.audio).toBe(lacks.audio === undefined);
    expect(capabilities.browserPhone).toBe(lacks['browser-phone'] === undefined);
    const missing = Object.keys(lacks).filter((feature) => ABILITIES.has(feature));
    expect(Object.keys(capabilities.missing ?? {}).toSorted()).toEqual(missing.toSorted());
  });
}

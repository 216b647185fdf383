/**
 * The conformance suite of the role Switch (src/server/telephony/ports.ts): every connector, ours or a stranger's, runs it. To
 * point it at yours, write a `*.test.ts` that runs under vitest:
 *
 *     switchConformance({ name: 'my switch', harness: async () => myHarness(), lacks: { 'phone-hold': 'the far end is SIPp' } });
 *
 * `myHarness` gives the connector and plays the far end (harness.ts says what it must do): real phones, SIPp, or a simulation.
 * It is made anew for each check and disposed after it; start what is slow (the switch itself) once, in `beforeAll`.
 * On a real switch `time` is `{ now: Date.now, wait: setTimeout }` and the checks run against deadlines (`pace`); give vitest a
 * `testTimeout` of 60 s. What cannot be had is declared in `lacks` with the reason, and listed.
 */
import { describe, expect, it } from 'vitest';
import type { SwitchAbility } from '../../src/server/telephony/ports.ts';
import type { ConformanceDriver } from './harness.ts';
import { makeCheck } from './stage.ts';
import { arrivalChecks, clearingChecks, originateChecks } from './switch-legs.ts';
import { audioChecks, supervisionChecks } from './switch-audio.ts';
import { fallbackChecks, linkChecks } from './switch-link.ts';
import { bridgeChecks, digitChecks, mediaChecks } from './switch-media.ts';
import { phoneChecks } from './switch-phones.ts';
import { recordingChecks } from './switch-recording.ts';

/** Declares the suite. */
export function switchConformance(driver: ConformanceDriver): void {
  const check = makeCheck(driver);
  describe(`${driver.name}: Switch`, () => {
    declared(driver);
    describe('calls that arrive', () => arrivalChecks(check));
    describe('calls that we make', () => originateChecks(check));
    describe('calls that end', () => clearingChecks(check));
    describe('bridges', () => bridgeChecks(check));
    describe('music and playbacks', () => mediaChecks(check));
    describe('digits and hold', () => digitChecks(check));
    describe('what phones can do', () => phoneChecks(check));
    describe('recordings', () => recordingChecks(check));
    describe('supervision', () => supervisionChecks(check));
    describe('audio in our hands', () => audioChecks(check));
    describe('fallback', () => fallbackChecks(check));
    describe('link and restart', () => linkChecks(check));
  });
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
function declared({ harness: makeHarness, lacks = {} }: ConformanceDriver): void {
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

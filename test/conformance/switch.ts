/**
 * The conformance suite of the role Switch (src/server/telephony/ports.ts): every connector, ours or a stranger's, runs it. To
 * point it at yours, write a driver (docs/connectors.md) and run `npx crosspoint conformance`, or give it to your test runner:
 *
 *     const driver = { name: 'my switch', harness: async () => myHarness(), lacks: { 'phone-hold': 'the far end is SIPp' } };
 *     declareSuite({ describe, it, beforeAll, beforeEach, afterAll }, switchConformance(driver));
 *
 * `myHarness` gives the connector and plays the far end (harness.ts says what it must do): real phones, SIPp, or a simulation.
 * It is made anew for each check and disposed after it; start what is slow (the switch itself) once, in `beforeAll`.
 * On a real switch `time` is `{ now: Date.now, wait: setTimeout }` and the checks run against deadlines (`pace`); give a check
 * 60 s at least. What cannot be had is declared in `lacks` with the reason, and listed.
 */
import { expect } from './expect.ts';
import { describe, type Suite, suite } from './suite.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Switch, SwitchAbility } from '../../src/server/telephony/ports.ts';
import type { ConformanceDriver } from './harness.ts';
import { type Check, makeCheck } from './stage.ts';
import { arrivalChecks, clearingChecks, originateChecks } from './switch-legs.ts';
import { audioChecks, supervisionChecks } from './switch-audio.ts';
import { fallbackChecks, linkChecks } from './switch-link.ts';
import { bridgeChecks, digitChecks, mediaChecks } from './switch-media.ts';
import { phoneChecks } from './switch-phones.ts';
import { recordingChecks } from './switch-recording.ts';

/** The suite, for `declareSuite` or `runSuites`. */
export function switchConformance(driver: ConformanceDriver): Suite {
  const check = makeCheck(driver);
  return suite(`${driver.name}: Switch`, () => {
    describe('capabilities', () => declared(check, driver));
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

/** What is declared as lacking is what the switch itself says it cannot do, with its reason. */
function declared(check: Check, { lacks = {} }: ConformanceDriver): void {
  const list = Object.entries(lacks).map(([feature, reason]) => `${feature} (${reason})`);
  check(`declares what it lacks: ${list.join(', ') || 'nothing'}`, [], async (stage) => {
    const { audio, browserPhone, missing = {} } = stage.switch.capabilities;
    expect(audio, 'capabilities.audio').toBe(lacks.audio === undefined);
    expect(browserPhone, 'capabilities.browserPhone').toBe(lacks['browser-phone'] === undefined);
    const lacked = Object.keys(lacks).filter((feature) => ABILITIES.has(feature));
    expect(Object.keys(missing).toSorted(), 'capabilities.missing').toEqual(lacked.toSorted());
    for (const [ability, reason] of Object.entries(missing))
      expect(reason, `the reason why ${ability} is missing`).toMatch(/\S/);
  });
  for (const [ability, command] of Object.entries(NEEDS_ABILITY)) {
    if (lacks[ability as SwitchAbility] === undefined) continue;
    check(`refuses what needs ${ability}, which it lacks`, [], async (stage) => {
      const { legId } = await stage.talking();
      await stage.refuses(command(stage.switch, legId), 'not-capable');
    });
  }
}

/** A command of each ability. */
const NEEDS_ABILITY: Partial<Record<SwitchAbility, (to: Switch, legId: string) => Promise<unknown>>> = {
  record: (to, legId) => to.startRecording(legId, newId('rec')),
  supervise: (to, legId) => to.supervise(newId('leg'), legId, 'listen'),
  'open-audio': (to, legId) => to.openAudio(legId, newId('aud')),
  quality: (to, legId) => to.quality(legId),
  'talk-event': (to, legId) => to.talk(legId),
  'transfer-request': (to, legId) => to.transferProgress(legId, 'done'),
};

/** The driver of the conformance suites: it lifts the toy PBX's telephones and plays the customers. Each suite gets a PBX of its own. */
import { realClock } from 'crosspoint/telephony';
import { ToyPbx } from './pbx.js';

/** @import { CreatePbxDriver, FarEnd, PbxHarness } from 'crosspoint/conformance' */

const PHONES = { ann: '201', bob: '202', cy: '203', outside: '+447700900123' };
const PATIENCE_MS = 3_000;

/** @type {CreatePbxDriver} */
export function createPbxDriver({ createPbx, settings, secrets, log }) {
  return {
    name: 'the toy PBX that routes by itself',
    patienceMs: PATIENCE_MS,
    async harness() {
      const pbx = new ToyPbx();
      await pbx.open();
      const given = { id: 'pbx', clock: realClock, log, settings: { ...settings, port: pbx.port }, secrets };
      return harness(pbx, await createPbx(given));
    },
  };
}

/** @returns {PbxHarness} */
function harness(pbx, connector) {
  const rung = [];
  pbx.onRing = (channel) => rung.push(channel);
  const { outside, ...extensions } = PHONES;
  return {
    pbx: connector,
    extensions,
    queue: 'help',
    outside,
    country: 'GB',
    customer: async (to) =>
      farEnd(pbx, pbx.arrive({ from: '+442079460958', name: 'Eve', to: to === 'ann' ? PHONES.ann : '600' })),
    async rings(where) {
      for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await pause()) {
        const next = rung.findIndex(({ number, gone }) => number === PHONES[where] && !gone);
        if (next >= 0) return farEnd(pbx, rung.splice(next, 1)[0]);
      }
      throw new Error(`nothing rings at ${where}`);
    },
    pauseThere: async (paused) => pbx.pause(PHONES.cy, paused, 'by hand'),
    cut: async () => pbx.cut(true),
    restore: async () => pbx.cut(false),
    async reset() {
      for (const channel of pbx.channels.values()) pbx.hangUp(channel);
      rung.length = 0;
    },
    dispose: () => pbx.close(),
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** @returns {FarEnd} */
function farEnd(pbx, channel) {
  return {
    answer: () => pbx.answer(channel),
    hangup: () => pbx.hangUp(channel, channel.state === 'alerting' ? 'busy' : undefined),
    state: () => (channel.gone ? 'over' : channel.state === 'connected' ? 'up' : 'ringing'),
  };
}

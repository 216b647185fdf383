/** A telephone system by a connector from outside the tree, added while the product runs: its caller reaches an agent's softphone. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../src/lib/must.ts';
import type { ShownPlatform } from '../../src/protocol/platforms.ts';
import type { TransferTargets } from '../../src/protocol/softphone.ts';
import { OutsideConnector } from '../harness/outside-connector.ts';
import { ADA, Stage } from './stage.ts';

/** What the example's PBX lets the world do (examples/telephony-connector/pbx.js). */
interface ToyPbx {
  stationsAreThere: boolean;
  readonly port: number;
  readonly channels: Map<string, ToyChannel>;
  open(): Promise<void>;
  close(): Promise<void>;
  cut(on: boolean): void;
  call(call: { from: string; to: string }): ToyChannel;
  hangUp(channel: ToyChannel): void;
  hears(channel: ToyChannel): 'silence' | 'sound' | ToyChannel[];
}

interface ToyChannel {
  direction: 'in' | 'out';
  state: 'ringing' | 'up' | 'taken' | 'gone';
}

/** What the example's PBX that routes by itself lets the world do (examples/pbx-connector/pbx.js). */
interface ToyOffice {
  readonly port: number;
  onRing: (channel: OfficeChannel) => void;
  open(): Promise<void>;
  close(): Promise<void>;
  arrive(call: { from: string; name: string; to: string }): OfficeChannel;
  answer(channel: OfficeChannel): void;
  hangUp(channel: OfficeChannel): void;
}

interface OfficeChannel {
  id: string;
}

const PASSWORD = 'a-password-of-the-pbx';
const stage = Stage.forThisFile();
let outside: OutsideConnector;
let pbx: ToyPbx;

beforeAll(async () => {
  outside = new OutsideConnector();
  const url = pathToFileURL(join(outside.folder, 'pbx.js')).href;
  const module = (await import(/* @vite-ignore */ url)) as { ToyPbx: new (password: string) => ToyPbx };
  pbx = new module.ToyPbx(PASSWORD);
  pbx.stationsAreThere = true;
  await pbx.open();
});
afterAll(async () => {
  await pbx?.close();
  outside?.remove();
});

const toy = async () =>
  (await stage.product.api<{ platforms: ShownPlatform[] }>('/api/platforms', 'supervisor')).platforms.find(
    (platform) => platform.id === 'toy',
  );
const isUp = () => expect.poll(async () => (await toy())?.state, { timeout: 15_000 }).toBe('up');
const becomes = (channel: ToyChannel, state: ToyChannel['state']) =>
  expect.poll(() => channel.state, { timeout: 15_000 }).toBe(state);
const agentsChannel = () => [...pbx.channels.values()].find(({ direction }) => direction === 'out');

describe('a connector of a stranger', () => {
  it('is added while the product runs; its caller pops, is answered, held and logged', async () => {
    const settings = {
      module: outside.module,
      settings: { host: '127.0.0.1', port: pbx.port },
      secrets: { password: PASSWORD },
    };
    await stage.product.post(
      '/api/platforms',
      { id: 'toy', kind: 'connector', label: 'Toy PBX', settings },
      'admin',
    );
    await isUp();
    expect(JSON.stringify(await toy())).not.toContain(PASSWORD);
    await stage.product.send('PUT', '/api/users/user_agent', { platformId: 'toy' }, 'admin');
    const desk = await stage.readyDesk();
    const logs = (await stage.callLogs(ADA.name)).length;

    const caller = pbx.call({ from: ADA.number, to: '100' });
    await desk.lineIs('alerting');
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    await desk.press('answer');
    await desk.lineIs('connected');
    await expect.poll(() => pbx.hears(caller), { timeout: 15_000 }).toEqual([agentsChannel()]);

    // what the connector declares as missing cannot be pressed, and says why
    const record = desk.softphone.getByTestId('record');
    expect(await record.getAttribute('aria-disabled')).toBe('true');
    const why = desk.softphone.locator(`[id="${await record.getAttribute('aria-describedby')}"]`);
    expect(await why.textContent()).toBe('The toy PBX has no sound that could be recorded.');

    await desk.press('hold');
    await desk.lineIs('held');
    await expect.poll(() => pbx.hears(caller), { timeout: 15_000 }).toBe('sound');

    // the line to the PBX is cut: the call goes on, and is ours again
    pbx.cut(true);
    await expect.poll(async () => (await toy())?.state, { timeout: 15_000 }).toBe('down');
    pbx.cut(false);
    await isUp();
    expect(caller.state).toBe('up');
    await desk.press('retrieve');
    await desk.lineIs('connected');

    pbx.hangUp(caller);
    await desk.finishWrapUp();
    await becomes(caller, 'gone');
    await expect
      .poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 })
      .toBe(logs + 1);
  });
});

describe('a connector of a PBX that routes by itself', () => {
  let folder: OutsideConnector;
  let office: ToyOffice;

  beforeAll(async () => {
    folder = new OutsideConnector('pbx-connector');
    const url = pathToFileURL(join(folder.folder, 'pbx.js')).href;
    const module = (await import(/* @vite-ignore */ url)) as { ToyPbx: new () => ToyOffice };
    office = new module.ToyPbx();
    await office.open();
  });
  afterAll(async () => {
    await office?.close();
    folder?.remove();
  });

  it('is added while the product runs; the call that the PBX gave to an agent pops, is held from here and logged', async () => {
    const settings = { module: folder.module, settings: { port: office.port } };
    const platform = { id: 'office', kind: 'pbx-connector', label: 'Office', country: 'GB', settings };
    await stage.product.post('/api/platforms', platform, 'admin');
    const state = async () =>
      (await stage.product.api<ShownPlatform>('/api/platforms/office', 'supervisor')).state;
    await expect.poll(state, { timeout: 15_000 }).toBe('up');
    const user = { platformId: 'office', extension: '203' };
    await stage.product.send('PUT', '/api/users/user_agent', user, 'admin');
    const logged = (await stage.callLogs(ADA.name)).length;
    const desk = await stage.desk();
    await desk.ready();
    let rung: OfficeChannel | undefined;
    office.onRing = (channel) => (rung = channel);
    const customer = office.arrive({ from: ADA.number, name: 'Ada', to: '600' });
    await desk.lineIs('alerting');
    await desk.softphone.getByTestId('line').filter({ hasText: 'Help desk' }).waitFor();
    office.answer(must(rung, 'a phone that rings'));
    await desk.lineIs('connected');
    const { targets } = await stage.product.api<TransferTargets>('/api/transfer-targets?q=');
    const about = (label: string) => targets.find((target) => target.label === label)?.transfer;
    expect(about('Help desk')).toEqual({ enabled: true });
    expect(about('Sales')).toMatchObject({ enabled: false, reason: 'elsewhere' });
    await desk.press('hold');
    await desk.lineIs('held');
    office.hangUp(customer);
    await desk.noLine();
    await expect
      .poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 })
      .toBe(logged + 1);
  });
});

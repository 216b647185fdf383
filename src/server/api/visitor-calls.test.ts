import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { WebCallTicket } from '../../protocol/api.ts';
import { TICKET_MS } from './visitor-calls.ts';

let test: TestApi;
beforeAll(async () => {
  test = await TestApi.create();
});
afterAll(() => test.close());

beforeEach(() => {
  test.switch.capabilities = { audio: true, browserPhone: true };
  test.draining = false;
  test.arrivals.length = 0;
});

let address = 1;
const ask = (body: object, remoteAddress = `198.51.100.${address++}`) =>
  test.api.inject({ method: 'POST', url: '/api/web-calls', payload: body, remoteAddress });
const open = async (body: object = { entry: '100' }) => (await ask(body)).json<WebCallTicket>();
const stateOf = async ({ id }: WebCallTicket) =>
  (await test.call('GET', `/api/web-calls/${id}`)).json<{ state?: string; code?: string }>();
const device = (ticket: WebCallTicket) => test.provisioned.get(ticket.sip?.username ?? '');

const arrive = (ticket: WebCallTicket, legId: string) =>
  test.switch.events.emit('fact', {
    type: 'leg.arrived',
    legId,
    at: 0,
    entry: `web:${ticket.sip?.username ?? ''}`,
    ani: '',
    dnis: '100',
  });
const connected = (legId: string) => test.switch.events.emit('fact', { type: 'leg.connected', legId, at: 0 });
const cleared = (legId: string) =>
  test.switch.events.emit('fact', { type: 'leg.cleared', legId, at: 0, cause: 'normal' });

describe('a visitor', () => {
  it('sees the numbers that are offered to visitors, and no other', async () => {
    expect((await test.call('GET', '/api/web-calls/entries')).json()).toEqual({
      entries: [
        { entry: '100', label: 'Sales' },
        { entry: '200', label: 'Support' },
      ],
      media: 'webrtc',
    });
  });

  it('gets a device of his own that may dial one number, with what he says of himself', async () => {
    const ticket = await open({ entry: '100', name: '  Ann "<sip:x>" Lee\r\n', number: '020 7946 0958' });
    expect(ticket).toMatchObject({
      dial: '100',
      media: 'webrtc',
      sip: { path: `/sip?ticket=${ticket.id}`, domain: 'crosspoint', iceServers: [{}] },
    });
    expect(device(ticket)).toMatchObject({
      kind: 'visitor',
      password: ticket.sip?.password,
      onlyDial: '100',
      callerId: { number: '+442079460958', name: 'Ann sip:x Lee' },
    });
  });

  it('may keep his number and name to himself', async () => {
    expect(device(await open())?.callerId).toEqual({ number: '', name: '' });
  });

  it.each([
    [{ entry: '300' }, 'not-found'],
    [{ entry: '+442079460000' }, 'not-found'],
    [{ entry: '100', number: '12345' }, 'number-invalid'],
    [{ entry: '100', number: 'call me' }, 'number-invalid'],
    [{ entry: '100', number: '999' }, 'number-invalid'],
    [{}, 'bad-input'],
  ])('is told what is wrong with %j', async (body, code) => {
    const before = test.provisioned.size;
    expect((await ask(body)).json()).toMatchObject({ code });
    expect(test.provisioned.size).toBe(before);
  });

  it('is refused while we shut down', async () => {
    test.draining = true;
    expect((await ask({ entry: '100' })).json()).toMatchObject({ code: 'draining' });
  });

  it('may not open any number of calls', async () => {
    const codes: number[] = [];
    for (let i = 0; i < 22; i++) codes.push((await ask({ entry: '100' }, '203.0.113.7')).statusCode);
    expect(codes.filter((code) => code === 200)).toHaveLength(20);
    expect(codes.slice(20)).toEqual([429, 429]);
  });
});

describe('the device', () => {
  it('goes away some seconds after its call ended, and its ticket with it', async () => {
    const ticket = await open();
    expect((await stateOf(ticket)).state).toBe('waiting');
    arrive(ticket, 'leg_a');
    expect((await stateOf(ticket)).state).toBe('ringing');
    connected('leg_a');
    expect((await stateOf(ticket)).state).toBe('connected');
    cleared('leg_a');
    expect((await stateOf(ticket)).state).toBe('ended');
    expect(device(ticket)).toBeDefined();
    await test.clock.advance(5_000);
    await expect.poll(() => device(ticket)).toBeUndefined();
    expect(test.visitorCalls.holds(ticket.id)).toBe(false);
    expect((await stateOf(ticket)).code).toBe('not-found');
  });

  it('goes away after a quarter of an hour without a call, but not during one', async () => {
    const [idle, talking] = [await open(), await open()];
    arrive(talking, 'leg_b');
    await test.clock.advance(TICKET_MS + 5_000);
    await expect.poll(() => device(idle)).toBeUndefined();
    expect(device(talking)).toBeDefined();
    cleared('leg_b');
    await test.clock.advance(5_000);
    await expect.poll(() => device(talking)).toBeUndefined();
  });

  it('ends its call when asked to, by whoever has the ticket', async () => {
    const ticket = await open();
    arrive(ticket, 'leg_c');
    expect((await test.call('POST', `/api/web-calls/${ticket.id}/hangup`)).statusCode).toBe(204);
    expect(test.hungUp).toContain('leg_c');
    expect((await test.call('POST', '/api/web-calls/guessed/hangup')).json()).toMatchObject({
      code: 'not-found',
    });
  });
});

it('lives through our own end: a new process knows the ticket, takes over the call, and ends the device with it', async () => {
  const [talking, waiting, late] = [await open(), await open(), await open()];
  arrive(talking, 'leg_d');
  const name = talking.sip?.username ?? '';
  test.switch.legs = [
    {
      legId: 'leg_d',
      state: 'connected',
      direction: 'in',
      arrival: { entry: `web:${name}`, ani: '', dnis: '100' },
    },
  ];
  await test.database.db.query('UPDATE web_call SET expires_at = $2 WHERE id = $1', [
    late.id,
    test.clock.now() - 1,
  ]);
  const next = test.newVisitorCalls();
  test.switch.events.emit('link', 'up');
  await expect.poll(() => next.holds(talking.id) && next.state(talking.id)).toBe('connected');
  await expect.poll(() => next.holds(late.id)).toBe(false);
  expect(next.state(waiting.id)).toBe('waiting');
  expect(device(talking)).toMatchObject({ password: talking.sip?.password, onlyDial: '100' });
  await expect.poll(() => device(late)).toBeUndefined();
  cleared('leg_d');
  await test.clock.advance(5_000);
  expect(next.holds(talking.id)).toBe(false);
  const kept = () => test.database.db.query('SELECT id FROM web_call WHERE id = $1', [talking.id]);
  await expect.poll(kept).toEqual([]);
  await next.close();
});

it('calls in without audio on a switch without browser phones', async () => {
  test.switch.capabilities = { audio: false, browserPhone: false };
  const ticket = await open({ entry: '200', name: 'Ann', number: '020 7946 0958' });
  expect(ticket).toEqual({ id: ticket.id, dial: '200', media: 'none' });
  expect(test.arrivals).toMatchObject([
    { entry: expect.stringMatching(/^web:/), ani: '+442079460958', dnis: '200', callerName: 'Ann' },
  ]);
});

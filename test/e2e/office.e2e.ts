/** Office mode: others reach us, by https and wss, and nobody calls in without an account. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { generatedCertificate, ownNames } from '../../src/server/api/certificate.ts';
import type { SipPhone } from '../harness/sip-phone.ts';
import { launchBrowser, soundIn } from './browser.ts';
import { OfficeSite, printedPasswords } from './office-site.ts';
import { LOUD } from './stage.ts';

/** Another machine as Asterisk sees it: each 127.x.y.z of this machine is an address of its own. */
const ELSEWHERE = '127.0.0.9';

let site: OfficeSite;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  [site, browser] = await Promise.all([OfficeSite.open(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(async () => {
  context = await site.context(browser);
});
afterEach(async () => {
  await context.close();
  site.closePhones();
});

async function registered(username: string, label: string): Promise<SipPhone> {
  const { device, password } = await site.device(username, label);
  expect(device).toMatchObject({ domain: site.address, port: site.product.sipPort });
  const phone = await site.phone(device.username, password);
  expect(await phone.register()).toBe(200);
  return phone;
}

/** Whether the page may use a microphone, and where the switch offers to take its sound (RFC 8839 section 5.1). */
const OFFERED = `({
  secure: window.isSecureContext,
  candidates: window.__connections.flatMap(({ remoteDescription }) =>
    [...(remoteDescription?.sdp ?? '').matchAll(/^a=candidate:\\S+ \\d+ \\S+ \\d+ (\\S+)/gm)].map((found) => found[1])),
})`;

describe('a visitor and an agent in browsers of the office', () => {
  it('talk by https and wss, and the sound goes to the office address', async () => {
    const sockets: string[] = [];
    context.on('page', (page) => page.on('websocket', (socket) => sockets.push(socket.url())));
    const desk = await site.desk(context, 'agent');
    await desk.ready();
    const visitor = await context.newPage();
    await visitor.goto(`${site.url}/call`);
    await visitor.getByTestId('call-start').click();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await visitor.locator('[data-testid=call-state][data-state=talking]').waitFor();
    await visitor.bringToFront();
    await soundIn(visitor);
    await desk.hearsSound();
    expect(await visitor.evaluate(OFFERED)).toEqual({ secure: true, candidates: [site.address] });
    expect(sockets.some((url) => url.startsWith(`wss://${site.address}:${site.product.port}/sip`))).toBe(
      true,
    );
    await visitor.getByTestId('call-hangup').click();
    await desk.finishWrapUp();
  });

  it('who typed http:// come to https://', async () => {
    const page: Page = await context.newPage();
    await page.goto(site.url.replace('https:', 'http:'));
    expect(page.url()).toContain('https://');
    await page.getByTestId('sign-in-username').waitFor();
  });
});

describe('a SIP phone of the office', () => {
  it('registers with an account made by REST and calls a queue; both hear each other', async () => {
    const phone = await registered('agent2', 'Reception');
    const desk = await site.desk(context, 'agent');
    await desk.ready();
    const call = await phone.call('100');
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await call.reaches('up');
    call.speak(440);
    await desk.hearsSound();
    await expect.poll(() => call.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
    call.hangup();
    await desk.finishWrapUp();
  });

  it("rings as its owner's device, and its audio comes from the office address", async () => {
    const label = newId('desk'); // an attempt before this one may have left its phone
    const phone = await registered('agent', label);
    const caller = await registered('agent2', 'Lobby');
    const desk = await site.desk(context, 'agent');
    await desk.chooseDevice(label);
    await desk.ready();
    const outside = await caller.call('100');
    const call = await phone.nextCall(10_000);
    expect(call.request?.body).toContain(`IN IP4 ${site.address}`);
    call.answer(523);
    await desk.lineIs('connected');
    outside.speak(440);
    await expect.poll(() => call.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
    await expect.poll(() => outside.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
    await desk.press('hangup');
    await desk.finishWrapUp();
    await desk.chooseDevice('Browser phone');
  });

  it('without an account cannot call in', async () => {
    const stranger = await site.phone('stranger', 'none-at-all');
    const call = await (await stranger.call('100')).reaches('over');
    expect(call.status).toBe(401);
  });

  it('is closed to an address that guesses at its password, and goes on at its own', async () => {
    const { device, password } = await site.device('supervisor', 'Guessed at');
    const owner = await site.phone(device.username, password);
    expect(await owner.register()).toBe(200);
    const thief = await site.phone(device.username, 'a-wrong-password', ELSEWHERE);
    for (let i = 0; i < 5; i++) expect(await thief.register()).toBe(401);
    const lucky = await site.phone(device.username, password, ELSEWHERE);
    await expect.poll(() => site.product.output, { timeout: 5_000 }).toContain('closed to an address');
    await expect.poll(() => lucky.register(), { timeout: 5_000 }).toBe(401);
    expect(await owner.register()).toBe(200);
    const call = await owner.call('100');
    await call.reaches('ringing');
    call.hangup();
  });
});

describe('a later start', () => {
  it('neither prints nor changes the passwords', async () => {
    await site.product.restart({ CROSSPOINT_OFFICE: 'on' });
    expect(printedPasswords(site.product.output).size).toBe(0);
    await site.desk(context, 'agent2');
  });

  it("has the user's certificate, and gives agents TURN credentials of their own", async () => {
    const mine = join(site.product.folder, 'mine');
    const { cert } = await generatedCertificate(mine, Date.now(), ownNames());
    await site.product.restart({
      CROSSPOINT_OFFICE: 'on',
      CROSSPOINT_TLS_CERT: join(mine, 'tls', 'cert.pem'),
      CROSSPOINT_TLS_KEY: join(mine, 'tls', 'key.pem'),
      CROSSPOINT_TURN: `turn:${site.address}:9`,
      CROSSPOINT_TURN_SECRET: 'shared-with-the-relay',
    });
    expect(await servedCertificate(site.product.port)).toBe(new X509Certificate(cert).fingerprint256);
    const frames: string[] = [];
    context.on('page', (page) =>
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
      ),
    );
    await site.desk(context, 'agent2');
    const credentials = frames.find((text) => text.includes('"iceServers"')) ?? '';
    expect(credentials).toMatch(/"username":"\d+:user_agent2"/);
  });

  it('with a certificate that does not fit says so in one sentence', async () => {
    await site.product.end();
    const mine = join(site.product.folder, 'mine', 'tls');
    const start = site.product.restart({
      CROSSPOINT_OFFICE: 'on',
      CROSSPOINT_TLS_CERT: join(mine, 'cert.pem'),
      CROSSPOINT_TLS_KEY: join(site.product.folder, 'data', 'tls', 'key.pem'),
    });
    await expect(start).rejects.toThrow(
      /The certificate file .*key\.pem cannot be used: it is not the key of .*cert\.pem\.\n$/,
    );
  });

  it('on loopback knows the old passwords, and reset-password makes a new one for who has lost his', async () => {
    await site.product.restart({});
    expect(printedPasswords(site.product.output).size).toBe(0);
    expect(await signIn('admin', site.password('admin'))).toBe(200);
    expect(await site.product.command('reset-password', 'admin')).toContain(
      'is in use by another Crosspoint',
    );
    await site.product.end();
    expect(await site.product.command('reset-password', 'nobody')).toContain('There is no user "nobody"');
    const printed = await site.product.command('reset-password', 'admin');
    const password = /The password of admin is now (\S+)/.exec(printed)?.[1] ?? printed;
    await site.product.restart({});
    expect(await signIn('admin', site.password('admin'))).toBe(401);
    expect(await signIn('admin', password)).toBe(200);
  });
});

/** The status of a sign-in on loopback. */
async function signIn(username: string, password: string): Promise<number> {
  const response = await fetch(`${site.product.url}/api/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  return response.status;
}

function servedCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.on('error', reject);
  });
}

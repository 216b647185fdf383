/** Starting and ending: what is wrong stops the start with one sentence; what lives is not cut off. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SipPhone } from '../harness/sip-phone.ts';
import { freePort } from './product.ts';
import { Stage } from './stage.ts';

const stage = Stage.forThisFile({ CROSSPOINT_DRAIN_SECONDS: '20' });

/** Its own data folder, so that only what the test changes is wrong. */
function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-other-'));
  chmodSync(folder, 0o755);
  return join(folder, 'data');
}

describe('a start', () => {
  it('prints the address, the demo users and how to place a call', async () => {
    await expect.poll(() => stage.product.output).toContain('Ctrl-C ends it');
    expect(stage.product.output).toContain(stage.product.url);
    expect(stage.product.output).toMatch(/agent\s+crosspoint/);
    expect(stage.product.output).toContain('/call');
  });

  it.each([
    [
      'a data folder in use by another process',
      {},
      /folder .* is in use by another Crosspoint \(process \d+\)/,
    ],
    [
      'an option that does not exist',
      { CROSSPOINT_PROT: '8080' },
      /no option CROSSPOINT_PROT.*CROSSPOINT_PORT/,
    ],
    ['a wrong value', { CROSSPOINT_PORT: 'eighty' }, /CROSSPOINT_PORT .*"eighty" is not allowed/],
  ])('on %s ends with one sentence', async (_what, env, sentence) => {
    const { code, output } = await stage.product.tryToStart({
      CROSSPOINT_PORT: String(await freePort()),
      ...env,
    });
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toContain('    at ');
  });

  it('on a taken page port or SIP port says which setting to change, and leaves nothing running', async () => {
    const taken = {
      CROSSPOINT_DATA: elsewhere(),
      CROSSPOINT_PORT: String(stage.product.port),
      CROSSPOINT_SIP_PORT: String(await freePort()),
    };
    expect(await stage.product.tryToStart(taken)).toMatchObject({
      code: 1,
      output: expect.stringContaining('CROSSPOINT_PORT') as string,
    });
    const sip = {
      CROSSPOINT_DATA: elsewhere(),
      CROSSPOINT_PORT: String(await freePort()),
      CROSSPOINT_SIP_PORT: String(stage.product.sipPort),
    };
    expect(await stage.product.tryToStart(sip)).toMatchObject({
      code: 1,
      output: expect.stringContaining('CROSSPOINT_SIP_PORT') as string,
    });
  });
});

describe('rebuild-history', () => {
  it('makes past calls anew from the journal while nobody is served, and is refused otherwise', async () => {
    expect(await stage.product.command('rebuild-history')).toContain('is in use by another Crosspoint');
    await stage.product.end();
    expect(await stage.product.command('rebuild-history')).toContain('has been made anew from the journal');
    await stage.product.start();
  });
});

describe('SIGTERM', () => {
  it('takes no new call, lets the live one finish, and then ends; the next start keeps everything', async () => {
    const { desk, caller } = await stage.talk();
    const { exited } = stage.product.terminate();
    await expect.poll(() => stage.product.output).toContain('Draining: 1 live call');
    const late = await SipPhone.open({
      server: { host: '127.0.0.1', port: stage.product.sipPort },
      user: 'late',
    });
    const refused = await late.call('100', { number: '+442079460111' });
    await refused.reaches('over');
    expect(refused.status).toBe(503);
    late.close();
    await desk.hearsSound();
    await desk.press('hangup');
    await caller.finished();
    expect(await exited).toBe(0);
    await stage.product.start();
    await desk.phoneReady();
    await desk.finishWrapUp();
    await desk.shows('ready');
    const next = await stage.call();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await desk.press('hangup');
    await next.finished();
    await desk.finishWrapUp();
  });
});

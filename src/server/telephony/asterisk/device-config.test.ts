import { describe, expect, it } from 'vitest';
import type { ProvisionedDevice } from '../ports.ts';
import { mediaUris } from './asterisk-media.ts';
import { checkDevice, deviceObjects, formatCallerId } from './device-config.ts';
import { dialString, legVariables } from './originate.ts';

const device = (more: Partial<ProvisionedDevice> = {}): ProvisionedDevice => ({
  name: 'alice',
  password: 'correct-horse',
  kind: 'phone',
  callerId: { number: '101', name: 'Alice' },
  ...more,
});

function fieldsOf(made: ProvisionedDevice, type: string): Record<string, string> | undefined {
  const found = deviceObjects(made, { mediaAddress: '127.0.0.1' }).find((o) => o.type === type);
  return found && Object.fromEntries(found.fields.map((f) => [f.attribute, f.value]));
}

const HAS = { transfers: true };

describe('a device', () => {
  it('is an auth, an aor and an endpoint, in this order', () => {
    expect(deviceObjects(device()).map((o) => o.type)).toEqual(['auth', 'aor', 'endpoint']);
  });

  it('keeps one registration, the newest', () => {
    expect(fieldsOf(device(), 'aor')).toMatchObject({ max_contacts: '1', remove_existing: 'yes' });
  });

  it('that is a phone is asked for a sign of life often enough to be back soon after a restart of Asterisk', () => {
    const seconds = Number(fieldsOf(device(), 'aor')?.qualify_frequency);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(15);
    expect(fieldsOf(device({ kind: 'browser' }), 'aor')?.qualify_frequency).toBeUndefined();
  });

  it('that is a browser speaks WebRTC, one that is a phone plain SIP', () => {
    expect(fieldsOf(device({ kind: 'browser' }), 'endpoint')).toMatchObject({
      webrtc: 'yes',
      allow: 'opus,ulaw',
      context: 'device',
    });
    expect(fieldsOf(device(), 'endpoint')?.webrtc).toBeUndefined();
  });

  it('that is a visitor cannot be called and may dial one number', () => {
    const visitor = device({ kind: 'visitor', onlyDial: '100' });
    expect(fieldsOf(visitor, 'aor')).toBeUndefined();
    expect(fieldsOf(visitor, 'endpoint')).toMatchObject({
      context: 'visitor',
      set_var: 'CROSSPOINT_ONLY_DIAL=100',
    });
    expect(fieldsOf(visitor, 'endpoint')?.aors).toBeUndefined();
  });

  it('is closed to single addresses', () => {
    const made = deviceObjects(device({ refusedFrom: ['192.0.2.7', '2001:db8::7'] }));
    const fields = made.find((o) => o.type === 'endpoint')?.fields ?? [];
    expect(fields.filter((f) => f.attribute === 'deny').map((f) => f.value)).toEqual([
      '192.0.2.7/32',
      '2001:db8::7/128',
    ]);
  });

  it.each<Partial<ProvisionedDevice>>([
    { refusedFrom: ['192.0.2.0/24'] },
    { refusedFrom: ['all\ndeny'] },
    { name: 'a b' },
    { name: '' },
    { name: 'anonymous' },
    { name: 'a\nb' },
    { password: 'short' },
    { password: 'with a space' },
    { password: 'line\nfeed-in-it' },
    { kind: 'visitor' },
    { kind: 'visitor', onlyDial: '100,evil' },
  ])('is refused as %j', (more) => {
    expect(() => checkDevice(device(more))).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });

  it('cannot smuggle anything in by its caller id', () => {
    expect(formatCallerId({ name: 'A"<b>\r\nX: y\\', number: '1>;x=2' })).toBe('"AbX: y" <1x2>');
  });
});

it('that shows no number cannot choose one itself', () => {
  expect(formatCallerId({ name: 'Web call', number: '' })).toBe('"Web call" <anonymous>');
});

describe('a destination', () => {
  it.each([
    [{ kind: 'device', name: 'alice' } as const, 'PJSIP/alice'],
    [{ kind: 'trunk', trunk: 'main', number: '+442079460958' } as const, 'PJSIP/+442079460958@main'],
    [{ kind: 'sip', uri: 'sip:100@127.0.0.1:5070' } as const, 'PJSIP/crosspoint-peer/sip:100@127.0.0.1:5070'],
  ])('%j is dialled as %s', (endpoint, text) => {
    expect(dialString(endpoint)).toBe(text);
  });

  it('hides a number that is withheld', () => {
    const base = {
      legId: 'l',
      endpoint: { kind: 'device', name: 'a' } as const,
      autoAnswer: false,
      ringMs: 1000,
    };
    expect(
      legVariables({ ...base, callerId: { number: '', name: 'x' } }, HAS)['CONNECTEDLINE(pres)'],
    ).toMatch(/^prohib/);
    expect(
      legVariables({ ...base, callerId: { number: '1', name: 'x' } }, HAS)['CONNECTEDLINE(pres)'],
    ).toMatch(/^allowed/);
  });
});

describe('a transfer that a phone asks for', () => {
  it.each([
    ['phone', true, 'yes'],
    ['browser', true, 'yes'],
    ['visitor', true, 'no'],
    ['phone', false, 'no'],
    ['browser', false, 'no'],
  ] as const)('of a %s, where Asterisk leaves it to us: %s, is allowed: %s', (kind, transfers, allowed) => {
    const callerId = { number: '101', name: 'Alice' };
    const device = { name: 'alice', password: 'correct-horse', kind, onlyDial: '8001', callerId };
    const endpoint = deviceObjects(device, { transfers }).find(({ type }) => type === 'endpoint');
    expect(endpoint?.fields).toContainEqual({ attribute: 'allow_transfer', value: allowed });
  });
});

describe('media', () => {
  const speak = (text: string) => Promise.resolve(`/cache/${text.length}.wav`);

  it('becomes what Asterisk plays', async () => {
    const uris = await mediaUris(
      [
        { kind: 'sound', name: 'digits/1' },
        { kind: 'text', text: 'Hello' },
        { kind: 'file', path: '/a folder/x.wav' },
        { kind: 'tone', name: 'busy' },
      ],
      speak,
    );
    expect(uris).toEqual(['sound:digits/1', 'sound:/cache/5', 'sound:/a folder/x', 'tone:425/500,0/500']);
  });

  it.each([
    { kind: 'sound' as const, name: '../../etc/passwd' },
    { kind: 'sound' as const, name: 'a&b' },
    { kind: 'file' as const, path: 'relative.wav' },
    { kind: 'file' as const, path: '/a/../b.wav' },
    { kind: 'file' as const, path: '/a/b.mp3' },
  ])('is refused as %j', async (media) => {
    await expect(mediaUris([media], speak)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('needs something to play', async () => {
    await expect(mediaUris([], speak)).rejects.toMatchObject({ code: 'bad-input' });
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { SwitchFact } from '../ports.ts';
import type { AriChannel, AriEvent } from './ari-types.ts';
import { LegBook, legInfo } from './leg-book.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const AT = NOW - 5;
const timestamp = '2026-01-05T08:59:59.995+0000';

let book: LegBook;
let said: SwitchFact[];

beforeEach(() => {
  book = new LegBook('crosspoint');
  said = [];
});

function channel(more: Partial<AriChannel> = {}): AriChannel {
  return {
    id: 'leg-1',
    name: 'PJSIP/anonymous-00000001',
    state: 'Ring',
    caller: { name: 'Ada', number: '+441632960961' },
    dialplan: {
      context: 'public',
      exten: '100',
      priority: 1,
      app_name: 'Stasis',
      app_data: 'crosspoint,arrived,public,100',
    },
    ...more,
  };
}

const inDialplan = (exten: string): AriChannel =>
  channel({ dialplan: { ...channel().dialplan, exten, app_name: 'NoOp', app_data: '' } });

function take(event: AriEvent, now = NOW): SwitchFact[] {
  const facts = book.apply(event, now);
  said.push(...facts);
  return facts;
}

type Simple = Exclude<
  AriEvent['type'],
  'StasisStart' | 'Dial' | 'PlaybackFinished' | 'EndpointStateChange' | 'ApplicationReplaced'
>;

function on(type: Simple, more: object = {}): SwitchFact[] {
  return take({ type, timestamp, channel: channel(), ...more } as AriEvent);
}

const arrives = (more: Partial<AriChannel> = {}) =>
  take({ type: 'StasisStart', timestamp, channel: channel(more), args: ['arrived', 'public', '100'] });
const goesUp = () => on('ChannelStateChange', { channel: channel({ state: 'Up' }) });
const rings = () => on('ChannelStateChange', { channel: channel({ state: 'Ringing' }) });
const types = () => said.map((fact) => fact.type);
const causes = () => said.flatMap((fact) => (fact.type === 'leg.cleared' ? [fact.cause] : []));

describe('a leg that arrives', () => {
  it('says where it came in, with the time of the switch', () => {
    expect(arrives()).toEqual([
      {
        type: 'leg.arrived',
        legId: 'leg-1',
        at: AT,
        entry: 'public',
        ani: '+441632960961',
        dnis: '100',
        callerName: 'Ada',
      },
    ]);
    expect(book.get('leg-1')?.state).toBe('alerting');
  });

  it.each([
    ['device', 'PJSIP/alice-0000002a', 'device:alice'],
    ['device', 'PJSIP/dev-with-dashes-0000002a', 'device:dev-with-dashes'],
    ['visitor', 'PJSIP/v42-0000002a', 'web:v42'],
    ['public', 'PJSIP/carrier-0000002a', 'trunk:carrier'],
    ['public', 'PJSIP/anonymous-0000002a', 'public'],
  ])('in context %s on channel %s has the entry %s', (context, name, entry) => {
    const info = legInfo(channel({ name, dialplan: { ...channel().dialplan, context } }));
    expect(info.arrival?.entry).toBe(entry);
  });

  it('has no caller name when the caller gave none', () => {
    expect(legInfo(channel({ caller: { name: '', number: '' } })).arrival).toEqual({
      entry: 'public',
      ani: '',
      dnis: '100',
    });
  });

  it('has a caller name that is safe to show', () => {
    const caller = { name: 'Ada\u0001 \\"the\\" \u202efirst', number: '1' };
    expect(legInfo(channel({ caller })).arrival?.callerName).toBe('Ada "the" first');
    expect(legInfo(channel({ caller: { name: '\u0007', number: '1' } })).arrival).not.toHaveProperty(
      'callerName',
    );
  });

  it('says its end once, whatever comes after it', () => {
    arrives();
    goesUp();
    goesUp();
    on('ChannelHangupRequest');
    on('StasisEnd');
    on('ChannelDestroyed', { cause: 16 });
    on('ChannelDestroyed', { cause: 16 });
    on('StasisEnd');
    on('ChannelDialplan', { channel: inDialplan('T') });
    expect(types()).toEqual(['leg.arrived', 'leg.connected', 'leg.cleared']);
    expect(causes()).toEqual(['normal']);
  });

  it('is cancelled when it ends unanswered', () => {
    arrives();
    on('ChannelDestroyed', { cause: 127, tech_cause: 487 });
    expect(causes()).toEqual(['cancelled']);
  });

  it('gives what we wanted as the cause when we ended it', () => {
    arrives();
    const leg = book.get('leg-1');
    if (leg) leg.wish = 'busy';
    on('ChannelDestroyed', { cause: 21 });
    expect(causes()).toEqual(['busy']);
  });

  it('is said to have arrived once when it comes back from the dialplan', () => {
    arrives();
    arrives();
    expect(types()).toEqual(['leg.arrived']);
  });
});

describe('a leg that we make', () => {
  beforeEach(() => void book.open('leg-1'));

  it('rings once and connects once', () => {
    take({ type: 'StasisStart', timestamp, channel: channel({ state: 'Down' }), args: ['leg'] });
    take({ type: 'Dial', timestamp, peer: channel(), dialstatus: 'PROGRESS' });
    rings();
    rings();
    goesUp();
    goesUp();
    rings();
    expect(types()).toEqual(['leg.alerting', 'leg.early-media', 'leg.connected']);
    expect(book.get('leg-1')?.entered).toBe(true);
  });

  it('says early media once, after ringing, and not once it is answered', () => {
    rings();
    take({ type: 'Dial', timestamp, peer: channel(), dialstatus: 'PROGRESS' });
    take({ type: 'Dial', timestamp, peer: channel(), dialstatus: 'PROGRESS' });
    goesUp();
    take({ type: 'Dial', timestamp, peer: channel(), dialstatus: 'PROGRESS' });
    expect(types()).toEqual(['leg.alerting', 'leg.early-media', 'leg.connected']);
  });

  it('passes a blind transfer of its phone on, and an attended one with the leg of its second call', () => {
    const by = { source_channel: channel() };
    const second = { ...channel(), id: 'leg-2' };
    const refer = (refer_to: object) =>
      take({ type: 'ChannelTransfer', timestamp, referred_by: by, refer_to } as never);
    refer({ requested_destination: { destination: '201' } });
    refer({ requested_destination: { protocol_id: 'a@b' }, destination_channel: second });
    refer({ requested_destination: { protocol_id: 'unknown@dialog' } });
    refer({ requested_destination: {} });
    expect(said).toEqual([expect.objectContaining({ type: 'leg.transfer-requested', to: '201' })]);
    book.open('leg-2');
    refer({ requested_destination: { protocol_id: 'a@b' }, destination_channel: second });
    expect(said.at(-1)).toMatchObject({ legId: 'leg-1', to: '', replacesLegId: 'leg-2' });
  });

  it('may connect without having rung', () => {
    goesUp();
    expect(types()).toEqual(['leg.connected']);
  });

  it('is cleared by what the other side answered', () => {
    rings();
    on('StasisEnd');
    on('ChannelDestroyed', { cause: 17, tech_cause: 486 });
    expect(causes()).toEqual(['busy']);
  });

  it('may end before it has entered the application', () => {
    on('ChannelDestroyed', { cause: 3, tech_cause: 0 });
    expect(causes()).toEqual(['unreachable']);
  });
});

describe('the fallback', () => {
  function armed(ms: number): void {
    arrives();
    goesUp();
    const leg = book.get('leg-1');
    if (leg) leg.fallbackAt = NOW + ms;
  }

  it('is the cause when the leg leaves at its time', () => {
    armed(50);
    on('StasisEnd');
    on('ChannelDialplan', { channel: inDialplan('T') });
    on('ChannelDestroyed', { cause: 16 });
    expect(causes()).toEqual(['fallback']);
  });

  it('is not the cause when somebody hangs up before', () => {
    armed(5000);
    on('ChannelHangupRequest');
    on('StasisEnd');
    on('ChannelDestroyed', { cause: 16 });
    expect(causes()).toEqual(['normal']);
  });

  it('is not the cause when somebody hangs up at its time', () => {
    armed(0);
    on('ChannelHangupRequest');
    on('StasisEnd');
    on('ChannelDestroyed', { cause: 16 });
    expect(causes()).toEqual(['normal']);
  });

  it('is known by the dialplan for a leg that another process of ours had armed', () => {
    book.adopt([channel({ state: 'Up' })], []);
    on('StasisEnd');
    on('ChannelDialplan', { channel: inDialplan('T') });
    expect(causes()).toEqual(['fallback']);
  });

  it('is the cause of the end of a leg without a dialplan', () => {
    book.open('leg-1');
    goesUp();
    const leg = book.get('leg-1');
    if (leg) leg.fallbackAt = NOW;
    on('ChannelDestroyed', { cause: 16 });
    expect(causes()).toEqual(['fallback']);
  });
});

describe('a playback', () => {
  const finished = (state: string) =>
    take({ type: 'PlaybackFinished', timestamp, playback: { id: 'pb', target_uri: 'channel:leg-1', state } });

  beforeEach(() => {
    arrives();
    book.get('leg-1')?.playbacks.set('pb', 'playing');
    said = [];
  });

  it.each([
    ['done', 'done'],
    ['failed', 'failed'],
  ])('in state %s has the outcome %s, once', (state, outcome) => {
    finished(state);
    finished(state);
    expect(said).toEqual([{ type: 'playback.finished', legId: 'leg-1', playbackId: 'pb', at: AT, outcome }]);
  });

  it('that we stop is stopped', () => {
    book.get('leg-1')?.playbacks.set('pb', 'stopping');
    finished('done');
    expect(said).toMatchObject([{ outcome: 'stopped' }]);
  });

  it('that a hang-up ends is stopped, not failed', () => {
    on('ChannelHangupRequest');
    finished('failed');
    expect(said).toMatchObject([{ outcome: 'stopped' }]);
  });

  it('that is open when its leg ends is finished before that is said', () => {
    on('ChannelDestroyed', { cause: 16 });
    finished('failed');
    expect(types()).toEqual(['playback.finished', 'leg.cleared']);
  });
});

describe('a party', () => {
  it('presses keys, holds and retrieves', () => {
    arrives();
    on('ChannelDtmfReceived', { digit: '5' });
    on('ChannelHold');
    on('ChannelUnhold');
    expect(types().slice(1)).toEqual(['leg.digit', 'leg.held', 'leg.retrieved']);
  });

  it('presses a key once, however often Asterisk says it again while the key before is not over', () => {
    arrives();
    const digits = () => said.flatMap((fact) => (fact.type === 'leg.digit' ? [fact.digit] : []));
    const hears = (digit: string, atMs: number, heldMs = 100) => {
      const at = new Date(NOW + atMs).toISOString().replace('Z', '+0000');
      on('ChannelDtmfReceived', { digit, timestamp: at, duration_ms: heldMs });
    };
    // as Asterisk 22 says '159*#', pressed every 20 ms
    const said20 = [0, 21, 134, 134, 282, 285, 430, 434, 581];
    for (const [n, ms] of said20.entries()) hears('15599**##'[n] ?? '', ms);
    expect(digits().join('')).toBe('159*#');
    for (const [n, ms] of [1_000, 1_140, 1_280, 1_420, 1_560].entries()) hears('15599'[n] ?? '', ms);
    expect(digits().join('')).toBe('159*#15599'); // as fast as a dialler: each key pressed
  });
});

describe('the book', () => {
  it('knows in which bridge a leg is', () => {
    arrives();
    const bridge = { id: 'b', name: 'crosspoint', channels: ['leg-1'] };
    on('ChannelEnteredBridge', { bridge });
    expect(book.get('leg-1')?.bridgeId).toBe('b');
    on('ChannelLeftBridge', { bridge: { ...bridge, id: 'older' } });
    expect(book.get('leg-1')?.bridgeId).toBe('b');
    on('ChannelLeftBridge', { bridge });
    expect(book.get('leg-1')?.bridgeId).toBeUndefined();
  });

  it('says nothing of channels that are not ours', () => {
    for (const type of [
      'ChannelStateChange',
      'ChannelDestroyed',
      'StasisEnd',
      'ChannelDtmfReceived',
    ] as const)
      on(type);
    expect(said).toEqual([]);
  });

  it('adopts what is in our application and forgets what is gone, without a fact', () => {
    book.open('gone');
    const apologising = { ...inDialplan('T'), id: 'apologising' };
    const others = channel({
      id: 'others',
      dialplan: { ...channel().dialplan, app_data: 'another,arrived' },
    });
    const made = channel({
      id: 'made',
      state: 'Up',
      dialplan: { ...channel().dialplan, app_data: 'crosspoint,leg' },
    });
    book.adopt([channel(), made, apologising, others], [{ id: 'b', name: 'crosspoint', channels: ['made'] }]);
    for (const id of ['gone', 'apologising', 'others']) expect(book.get(id)).toBeUndefined();
    expect(book.get('leg-1')).toMatchObject({ direction: 'in', state: 'alerting', entered: true });
    expect(book.get('made')).toMatchObject({ direction: 'out', state: 'connected', bridgeId: 'b' });
    expect(said).toEqual([]);
  });
});

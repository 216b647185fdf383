import { DEFAULT_PERSONAL_SETTINGS, type Line, type SoftphoneState, Verb } from '../../protocol/softphone.ts';

/** For tests: a line from +44 20 7946 0958 that rings, changed by `change`. */
export function aLine(change: Partial<Line> = {}): Line {
  return {
    id: 'conv_1',
    conversationId: 'conv_1',
    purpose: 'call',
    callId: 'call_1',
    platformId: 'private',
    legId: 'leg_1',
    direction: 'inbound',
    dialled: false,
    state: 'alerting',
    t: { started: 1_000 },
    peer: { kind: 'e164', raw: '02079460958', value: '+442079460958' },
    dnis: { kind: 'extension', raw: '100', value: '100' },
    parties: [],
    conference: false,
    muted: false,
    recording: 'off',
    earlier: [],
    fields: ['ANI', 'DNIS', 'QUEUE'],
    data: [],
    match: { status: 'done', records: [], more: false },
    pending: [],
    actions: Object.fromEntries(Verb.options.map((verb) => [verb, { enabled: true }])) as Line['actions'],
    ...change,
  };
}

/** For tests: a ready agent with the browser phone in `tab_here1`, changed by `change`. */
export function aState(change: Partial<SoftphoneState> = {}): SoftphoneState {
  return {
    v: 1,
    rev: 1,
    epoch: 'e1',
    serverNow: 1_000,
    user: { id: 'u', name: 'Alice', locale: 'en-GB', zone: 'Europe/London', country: 'GB', roles: ['agent'] },
    platforms: [],
    agent: { shown: 'ready', since: 0, requested: { state: 'ready' }, choices: [] },
    phone: { kind: 'browser', label: 'Browser', devices: [], registered: true, audioTab: 'tab_here1' },
    lines: [],
    dial: { enabled: true },
    parked: [],
    settings: { values: DEFAULT_PERSONAL_SETTINGS, unavailable: {} },
    previous: [],
    notices: [],
    ...change,
  };
}

/** For tests: a log that is being written. */
export function aLog(change: Partial<NonNullable<Line['log']>> = {}): NonNullable<Line['log']> {
  return {
    rev: 1,
    subject: 'Call',
    comments: '',
    disposition: null,
    dispositionRequired: false,
    dispositions: [],
    who: null,
    what: null,
    candidates: [],
    save: 'draft',
    edit: { enabled: true },
    ...change,
  };
}

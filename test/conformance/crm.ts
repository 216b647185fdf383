/**
 * The conformance suite of CRMs: what the softphone, the log and the metrics rely on. Point it at a CRM with a driver
 * (crm-harness.ts); every CRM, ours or a stranger's, runs it.
 */
import { realClock } from '../../src/lib/clock.ts';
import { newId } from '../../src/lib/ids.ts';
import type { CallLogEntry, FigureRow, SearchResult } from '../../src/protocol/crm.ts';
import { CodedError, type ErrorCode } from '../../src/protocol/errors.ts';
import type { Actor, CrmAbility } from '../../src/server/crm/ports.ts';
import type { CrmDriver, CrmFeature, CrmHarness } from './crm-harness.ts';
import { expect } from './expect.ts';
import { describe, it, notRun, type Suite, suite } from './suite.ts';

type Need = CrmAbility | CrmFeature;
type Check = (title: string, needs: readonly Need[], run: (crm: Subject) => Promise<void>) => void;

/** One check's CRM, and what is asked of it most. */
class Subject {
  constructor(readonly harness: CrmHarness) {}

  get crm() {
    return this.harness.crm;
  }

  get user(): Actor {
    return { userId: this.harness.user, roles: ['agent'] };
  }

  get colleague(): Actor {
    return { userId: this.harness.colleague, roles: ['agent'] };
  }

  async match(number: string, actor = this.user): Promise<string[]> {
    return idsOf(await this.crm.match(actor, number, { deadlineMs: ANSWER_MS, limit: 50 }));
  }

  async search(text: string, actor = this.user): Promise<string[]> {
    return idsOf(await this.crm.search(actor, text, { deadlineMs: ANSWER_MS, limit: 50 }));
  }

  write(entry: CallLogEntry) {
    return this.crm.writeCallLog(`${entry.conversationId}:${entry.userId}`, entry);
  }

  entry(change: Partial<CallLogEntry> = {}): CallLogEntry {
    return {
      conversationId: newId('conv'),
      userId: this.harness.user,
      direction: 'inbound',
      from: '+442079460958',
      to: '+442079460000',
      startedAt: realClock.now() - 60_000,
      durationSeconds: 42,
      subject: 'Inbound call',
      comments: 'Asked about the price.',
      disposition: 'Sold',
      who: null,
      what: null,
      ...change,
    };
  }
}

const ANSWER_MS = 5_000;
/** What an error is allowed to take beyond a deadline, in milliseconds. */
const LATE_MS = 2_000;

/** The suite, for `declareSuite` or `runSuites`. */
export function crmConformance(driver: CrmDriver): Suite {
  return suite(`${driver.name}: CRM`, () => {
    const check = makeCheck(driver);
    it('declares what it cannot do, each with a reason', () => declares(driver));
    describe('numbers', () => numberChecks(check));
    describe('records', () => recordChecks(check));
    describe('the call log', () => logChecks(check));
    describe('what a user may not see', () => visibilityChecks(check));
    describe('a CRM that is away', () => awayChecks(check));
    describe('recordings and figures', () => furtherChecks(check));
  });
}

function makeCheck(driver: CrmDriver): Check {
  return (title, needs, run) => {
    const missing = needs.find((need) => driver.lacks?.[need] !== undefined);
    if (missing) return notRun(title, `lacks ${missing}: ${driver.lacks?.[missing]}`);
    it(title, async () => {
      const harness = await driver.harness();
      try {
        await run(new Subject(harness));
      } finally {
        await harness.dispose();
      }
    });
  };
}

const ABILITIES: readonly CrmAbility[] = [
  'match',
  'search',
  'read',
  'write',
  'call-log',
  'recording-link',
  'figures',
];

async function declares(driver: CrmDriver): Promise<void> {
  const harness = await driver.harness();
  try {
    const missing = harness.crm.missing({ userId: harness.user, roles: ['agent'] });
    const lacking = ABILITIES.filter((ability) => missing[ability] !== undefined);
    expect(lacking, 'abilities that are missing').toEqual(
      ABILITIES.filter((ability) => driver.lacks?.[ability] !== undefined),
    );
    for (const ability of lacking)
      expect((missing[ability] ?? '').length > 0, `a reason for ${ability}`).toBe(true);
  } finally {
    await harness.dispose();
  }
}

/** As the suite writes +44 20 7946 0958 in the CRM, and as it arrives. */
const WRITTEN = [
  '+442079460958',
  '442079460958',
  '+44 20 7946 0958',
  '+44 (0)20 7946 0958',
  '020 7946 0958',
  '(020) 7946 0958',
  '02079460958',
  '020-7946-0958',
  '020.7946.0958',
  '00442079460958',
  '+442079460958 x123',
];
const ARRIVING = ['+442079460958', '02079460958', '00442079460958', '+44 (0)20 7946 0958'];

function numberChecks(check: Check): void {
  for (const written of WRITTEN) {
    check(`${written} is found however it arrives`, ['match'], async (crm) => {
      const { id } = await crm.harness.person({ lastName: 'Brown', numbers: [written] });
      for (const number of ARRIVING) expect(await crm.match(number), `matches of ${number}`).toEqual([id]);
    });
  }

  check('every number of a person is looked at', ['match'], async (crm) => {
    const numbers = ['020 7946 0111', '07700 900123'];
    const { id } = await crm.harness.person({ lastName: 'Brown', numbers });
    expect(await crm.match('+442079460111')).toEqual([id]);
    expect(await crm.match('+447700900123')).toEqual([id]);
  });

  check('one that only ends alike is somebody else’s', ['match'], async (crm) => {
    const { id } = await crm.harness.person({ lastName: 'Brown', numbers: ['+442079460958'] });
    await crm.harness.person({ lastName: 'Smith', numbers: ['+492079460958'] });
    await crm.harness.person({ lastName: 'Jones', numbers: ['+441619460958'] });
    expect(await crm.match('+442079460958')).toEqual([id]);
  });

  check('everybody who has it is found', ['match'], async (crm) => {
    const first = await crm.harness.person({ lastName: 'Brown', numbers: ['020 7946 0958'] });
    const second = await crm.harness.person({ lastName: 'Smith', numbers: ['+44 20 7946 0958'] });
    expect((await crm.match('+442079460958')).sort()).toEqual([first.id, second.id].sort());
    const one = await crm.crm.match(crm.user, '+442079460958', { limit: 1, deadlineMs: ANSWER_MS });
    expect(one.records).toHaveLength(1);
    expect(one.more, 'more').toBe(true);
  });

  check('nobody has one that is not there, an extension or none at all', ['match'], async (crm) => {
    await crm.harness.person({ lastName: 'Brown', numbers: ['+442079460958'] });
    for (const number of ['+442079460001', '801', '', 'anonymous'])
      expect(await crm.match(number), `matches of "${number}"`).toEqual([]);
  });
}

function recordChecks(check: Check): void {
  check('are found by the beginning of a name', ['search'], async (crm) => {
    const { id } = await crm.harness.person({ lastName: 'Zebedee' });
    await crm.harness.person({ lastName: 'Smith' });
    expect(await crm.search('Zebed')).toEqual([id]);
    expect(await crm.search('Nobodyatall')).toEqual([]);
  });

  check('are searched for with any characters, which mean nothing', ['search'], async (crm) => {
    await crm.harness.person({ lastName: 'Zebedee' });
    for (const text of [`O'Brien "x"`, '{Zeb} & | ! ( ) [ ]', '^ ~ * ? : \\ + -', '%_', '*', 'or', ' '])
      expect(Array.isArray(await crm.search(text)), `an answer to ${text}`).toBe(true);
    expect(await crm.search('*')).toEqual([]);
    expect(await crm.search('Z?bedee')).toEqual([]);
  });

  check('are read with their name, their object and their fields', ['read'], async (crm) => {
    const made = await crm.harness.person({ lastName: 'Brown', numbers: ['+442079460958'] });
    const record = await crm.crm.read(crm.user, made.id);
    expect(record).toMatchObject({ id: made.id, object: made.object, name: made.name });
    const texts = Object.values(record.fields).filter((value) => typeof value === 'string');
    expect(
      texts.some((text) => text.replace(/\D/g, '').endsWith('2079460958')),
      'a field with the number',
    ).toBe(true);
  });

  check('that are gone are not found', ['read'], async (crm) => {
    const { id } = await crm.harness.person({ lastName: 'Brown' });
    await crm.harness.remove(id);
    await refuses(crm.crm.read(crm.user, id), 'not-found');
  });

  check('are described: their objects, and which fields hold numbers', ['read'], async (crm) => {
    const { newPerson } = crm.harness;
    const meta = (await crm.crm.objects(crm.user)).find(({ name }) => name === newPerson.object);
    expect(meta?.fields.find(({ name }) => name === newPerson.phoneField)?.type).toBe('phone');
    expect(meta?.label !== '', 'a label').toBe(true);
  });

  check('are made and changed', ['write', 'read'], async (crm) => {
    const { newPerson, change } = crm.harness;
    const made = await crm.crm.create(crm.user, newPerson.object, newPerson.fields);
    expect(made.fields).toMatchObject(newPerson.fields);
    const changed = await crm.crm.update(crm.user, made.id, change.fields);
    expect(changed.fields).toMatchObject(change.fields);
    expect((await crm.crm.read(crm.user, made.id)).fields).toMatchObject(change.fields);
  });

  check('with a value that their field refuses are refused, with the field', ['write'], async (crm) => {
    const { newPerson, change } = crm.harness;
    const { id } = await crm.crm.create(crm.user, newPerson.object, newPerson.fields);
    const [field] = Object.keys(change.refused ?? {});
    if (field === undefined) return;
    const error = await refuses(
      crm.crm.update(crm.user, id, change.refused ?? {}),
      'crm-refused',
      'bad-input',
    );
    expect(error.data['field'], 'the field').toBe(field);
    await refuses(crm.crm.create(crm.user, 'NoSuchObject', {}), 'crm-refused', 'bad-input', 'not-found');
  });
}

function logChecks(check: Check): void {
  check('says what the call was', ['call-log'], async (crm) => {
    const who = await crm.harness.person({ lastName: 'Brown' });
    const ref = await crm.write(crm.entry({ who }));
    expect(ref.id !== '', 'an id').toBe(true);
    expect(await crm.harness.logs()).toEqual([
      {
        subject: 'Inbound call',
        comments: 'Asked about the price.',
        durationSeconds: 42,
        disposition: 'Sold',
        whoId: who.id,
        whatId: null,
        recordings: [],
      },
    ]);
  });

  check('is one per conversation and user, however often it is written', ['call-log'], async (crm) => {
    const entry = crm.entry();
    const first = await crm.write(entry);
    const again = await crm.write({ ...entry, comments: 'Corrected.', disposition: null });
    await crm.write({ ...entry, userId: crm.harness.colleague, comments: 'Took it over.' });
    expect(again.id).toBe(first.id);
    const comments = (await crm.harness.logs()).map((log) => log.comments).sort();
    expect(comments).toEqual(['Corrected.', 'Took it over.']);
  });

  check('is one when it is written twice at the same time', ['call-log'], async (crm) => {
    const entry = crm.entry();
    await Promise.allSettled([crm.write(entry), crm.write(entry)]);
    await crm.write(entry);
    expect(await crm.harness.logs()).toHaveLength(1);
  });

  check('is one when the answer to its write is lost', ['call-log', 'lost-answer'], async (crm) => {
    const entry = crm.entry();
    crm.harness.loseNextAnswer?.();
    await refuses(crm.write(entry), 'crm-unavailable', 'timeout');
    await crm.write(entry);
    expect(await crm.harness.logs()).toHaveLength(1);
  });

  check('is written without whom it was about when he is gone', ['call-log'], async (crm) => {
    const who = await crm.harness.person({ lastName: 'Brown' });
    await crm.harness.remove(who.id);
    await crm.write(crm.entry({ who }));
    expect((await crm.harness.logs()).map((log) => log.whoId)).toEqual([null]);
  });

  check('takes notes of any length and any characters', ['call-log'], async (crm) => {
    const comments = `${'Ünïcode “quotes” \\ {braces} <b>&amp;\n'.repeat(1_200)}`;
    await crm.write(crm.entry({ comments, subject: 'x'.repeat(400), disposition: 'y'.repeat(300) }));
    const [log] = await crm.harness.logs();
    expect(log?.comments.slice(0, 1_000)).toBe(comments.slice(0, 1_000));
  });
}

function visibilityChecks(check: Check): void {
  check('is not found, searched nor read', ['own-accounts', 'match', 'search', 'read'], async (crm) => {
    const { id } = await crm.harness.person({ lastName: 'Zebedee', numbers: ['+442079460958'] });
    crm.harness.hide?.(id, crm.harness.colleague);
    expect(await crm.match('+442079460958')).toEqual([id]);
    expect(await crm.match('+442079460958', crm.colleague)).toEqual([]);
    expect(await crm.search('Zebedee', crm.colleague)).toEqual([]);
    await refuses(crm.crm.read(crm.colleague, id), 'not-found', 'not-allowed');
  });
}

function awayChecks(check: Check): void {
  check('says so by its deadline, and is there again by itself', ['away', 'match'], async (crm) => {
    const { id } = await crm.harness.person({ lastName: 'Brown', numbers: ['+442079460958'] });
    await crm.harness.away?.(true);
    const began = realClock.now();
    const match = crm.crm.match(crm.user, '+442079460958', { deadlineMs: 500 });
    await refuses(match, 'crm-unavailable', 'timeout');
    expect(realClock.now() - began <= 500 + LATE_MS, 'within the deadline').toBe(true);
    await crm.harness.away?.(false);
    expect(await crm.match('+442079460958')).toEqual([id]);
  });

  check('loses no log', ['away', 'call-log'], async (crm) => {
    const entry = crm.entry();
    await crm.harness.away?.(true);
    await refuses(crm.write(entry), 'crm-unavailable', 'timeout');
    await crm.harness.away?.(false);
    await crm.write(entry);
    expect(await crm.harness.logs()).toHaveLength(1);
  });
}

function furtherChecks(check: Check): void {
  check('a recording is linked to its log, once', ['recording-link', 'call-log'], async (crm) => {
    const entry = crm.entry();
    const { conversationId, userId, startedAt } = entry;
    const url = 'https://crosspoint.example/recordings/rec_1?t=1&x=%20';
    const link = { conversationId, userId, recordingId: 'rec_1', url, startedAt, durationSeconds: 40 };
    await refuses(crm.crm.attachRecording(link), 'not-found');
    await crm.write(entry);
    await crm.crm.attachRecording(link);
    await crm.crm.attachRecording(link);
    await crm.write({ ...entry, comments: 'Corrected.' });
    expect((await crm.harness.logs()).map((log) => log.recordings)).toEqual([[url]]);
  });

  check('figures are one record per key, the last that was written', ['figures'], async (crm) => {
    const rows = [figures('2026-01-01T10:00Z sales', 3), figures('2026-01-01T10:00Z support', 5)];
    await crm.crm.writeFigures?.(rows);
    await crm.crm.writeFigures?.(rows.map((row) => ({ ...row, answered: row.answered + 1 })));
    const seen = (await crm.harness.figures?.()) ?? [];
    expect(seen.map(({ key, answered }) => `${key}: ${answered}`).sort()).toEqual([
      '2026-01-01T10:00Z sales: 4',
      '2026-01-01T10:00Z support: 6',
    ]);
  });
}

function figures(key: string, answered: number): FigureRow {
  return {
    key,
    from: Date.UTC(2026, 0, 1, 10),
    to: Date.UTC(2026, 0, 1, 10, 15),
    queue: { id: 'sales', label: 'Sales' },
    user: null,
    offered: 10,
    answered,
    abandoned: 1,
    talkSeconds: 300,
    holdSeconds: 20,
    wrapSeconds: 60,
    waitSeconds: 44,
  };
}

async function refuses(work: Promise<unknown>, ...codes: ErrorCode[]): Promise<CodedError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CodedError))
    throw new Error(
      `expected ${codes.join(' or ')}, got ${error === undefined ? 'an answer' : String(error)}`,
    );
  expect(codes, `an allowed code (it was ${error.code}: ${error.message})`).toContain(error.code);
  return error;
}

function idsOf({ records }: SearchResult): string[] {
  return records.map(({ id }) => id);
}

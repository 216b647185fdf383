/**
 * Guards what goes over the wire and into the journal. A schema that changes without a word would break pages that are
 * open, adapters, and events that were written years ago.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as api from './api.ts';
import * as crm from './crm.ts';
import * as facts from './facts.ts';
import * as host from './host.ts';
import * as socket from './socket.ts';
import * as softphone from './softphone.ts';

const journalV1 = JSON.parse(
  readFileSync(new URL('golden/journal-v1.json', import.meta.url), 'utf8'),
) as Record<string, object>;

/** By version of the wire; a version that is out is never changed. */
const HASHES = ['3fbbe016243a21b8'];

const TOLD = `The wire has changed. If that was meant:
 1. add a line to PROTOCOL_HISTORY in protocol/socket.ts that says what is new (this makes the next PROTOCOL_VERSION),
 2. add the new hash to HASHES in this test,
 3. for a changed journal event: give it its next version in protocol/facts.ts, a golden file of that version, and an upcaster.
Before the first release, replacing the last hash is enough`;

function schemasOf(module: object): [string, z.ZodType][] {
  return Object.entries(module).filter(
    (entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType,
  );
}

function wire(): object {
  const exported = Object.entries({ softphone, socket, host, crm, api, facts }).flatMap(([file, module]) =>
    schemasOf(module).map(([name, schema]): [string, unknown] => [
      `${file}.${name}`,
      z.toJSONSchema(schema, { io: 'input' }),
    ]),
  );
  const events = Object.values(facts.ALL_EVENTS).map(({ type, v, body, personal }): [string, unknown] => [
    `event.${type}`,
    { v, personal, body: z.toJSONSchema(body, { io: 'input' }) },
  ]);
  return Object.fromEntries([...exported, ...events].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('the wire', () => {
  it('is the one that its version says', () => {
    const hash = createHash('sha256').update(JSON.stringify(wire())).digest('hex').slice(0, 16);
    expect(hash, TOLD).toBe(HASHES[socket.PROTOCOL_VERSION - 1]);
    expect(HASHES).toHaveLength(socket.PROTOCOL_VERSION);
  });

  it('covers every message, record and event', () => {
    const names = Object.keys(wire());
    expect(names).toEqual(
      expect.arrayContaining([
        'softphone.SoftphoneState',
        'softphone.Command',
        'socket.Upstream',
        'host.ToHost',
        'host.FromHost',
        'crm.CrmRecord',
        'api.Me',
        'event.call.arrived',
      ]),
    );
    expect(names.length).toBeGreaterThan(60);
  });
});

describe('journal events', () => {
  const events = Object.entries(facts.ALL_EVENTS);

  it('have a golden fixture for every type and version', () => {
    expect(Object.keys(journalV1).sort()).toEqual(events.map(([type]) => type).sort());
    expect(events.filter(([, event]) => event.v !== 1).map(([type]) => type)).toEqual([]);
  });

  it.each(events)('%s: what version 1 wrote is read as it was written', (type, event) => {
    const written = journalV1[type];
    expect(event.body.parse(written)).toEqual(written);
  });

  it.each(events)('%s: the fixture has every field, and what is personal is a field', (type, event) => {
    const written = journalV1[type] ?? {};
    expect(Object.keys(written).sort()).toEqual(Object.keys(event.body.shape).sort());
    expect(Object.keys(event.body.shape)).toEqual(expect.arrayContaining(event.personal));
    expect(event.type).toBe(type);
  });
});

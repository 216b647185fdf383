import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { restApiFolder } from '../../../../test/harness/asterisk-rig.ts';
import { NEWER_THAN_20, OPERATIONS, type Operation } from './ari-operations.ts';
import { EVENT_TYPES, MODEL_FIELDS } from './ari-types.ts';

/** The parts of Asterisk's own description of ARI that we compare with. */
interface ApiFile {
  apis: {
    path: string;
    operations: { httpMethod: string; parameters?: { name: string }[]; since: string[] }[];
  }[];
  models: Record<string, { properties: Record<string, { type: string }>; subTypes?: string[] }>;
}

const read = (name: string) =>
  JSON.parse(readFileSync(join(restApiFolder(), `${name}.json`), 'utf8')) as ApiFile;
const NAMES = [
  'applications',
  'asterisk',
  'bridges',
  'channels',
  'endpoints',
  'events',
  'playbacks',
  'recordings',
];
const files = new Map(NAMES.map((name) => [name, read(name)] as const));

function operationOf(method: string, path: string) {
  for (const { apis } of files.values()) {
    for (const api of apis) {
      const operation = api.path === path && api.operations.find((o) => o.httpMethod === method);
      if (operation) return operation;
    }
  }
  return undefined;
}

describe('what we use of ARI, compared with the Asterisk that was fetched', () => {
  it.each(Object.entries(OPERATIONS))(
    'operation %s is there and takes what we send',
    (_, [method, path, parameters]) => {
      const known = operationOf(method, path)?.parameters ?? [];
      expect(operationOf(method, path)).toBeDefined();
      expect(known.map(({ name }) => name)).toEqual(expect.arrayContaining([...parameters]));
    },
  );

  /** `since` names the first release of each branch that has it: 20.0 does when an older branch did. */
  it.each(Object.entries(OPERATIONS))('operation %s is in Asterisk 20.0, or is done without', (name, use) => {
    const [method, path] = use;
    const oldest = Math.min(
      ...(operationOf(method, path)?.since ?? []).map((release) => parseFloat(release)),
    );
    expect(oldest > 20).toBe(NEWER_THAN_20.includes(name as Operation));
  });

  it.each(EVENT_TYPES)('event %s is there', (type) => {
    expect(Object.keys(files.get('events')?.models ?? {})).toContain(type);
  });

  it.each(Object.entries(MODEL_FIELDS))('model %s has the fields that we read', (model, fields) => {
    const found = [...files.values()].map((file) => file.models[model]).find((m) => m !== undefined);
    expect(Object.keys(found?.properties ?? {})).toEqual(expect.arrayContaining([...fields]));
  });
});

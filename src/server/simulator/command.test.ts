import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulationFile, SimulationResult } from '../../protocol/simulation.ts';
import { runCommand } from './command.ts';
import { alternativeOf } from './configuration.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/simulator/two-queues.json', import.meta.url));

async function run(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await runCommand(args, {
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  });
  return { code, printed: printed.join('\n'), noted: noted.join('\n') };
}

describe('npm run simulate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function file(text: string): Promise<string> {
    const path = join(folder, 'day.json');
    await writeFile(path, text);
    return path;
  }

  const small = {
    to: '08:30',
    demand: [{ queueId: 'q', talk: { mean: 60 }, arrivals: [{ from: '08:00', to: '08:30', perHour: 60 }] }],
    a: {
      queues: [{ id: 'q', label: 'Sales' }],
      agents: [{ name: 'A', count: 3, queueIds: ['q'], shifts: [{ from: '08:00', to: '09:00' }] }],
    },
    b: { agents: [{ name: 'A', count: 2 }] },
  };

  it('prints tables', async () => {
    const { code, printed, noted } = await run(await file(JSON.stringify(small)));
    expect(code).toBe(0);
    for (const words of ['## All queues', 'Erlang C', 'Answered in time', 'B less A', '08:00'])
      expect(printed).toContain(words);
    expect(noted).toContain('100 %');
  });

  it('prints JSON where it is asked to', async () => {
    const { code, printed } = await run(
      await file(JSON.stringify(small)),
      '--json',
      '--runs',
      '2',
      '--seed',
      '5',
    );
    expect(code).toBe(0);
    expect(SimulationResult.parse(JSON.parse(printed))).toMatchObject({ runs: 2, b: { label: 'B' } });
  });

  it('takes the example of the documentation', async () => {
    const example = SimulationFile.parse(JSON.parse(await readFile(EXAMPLE, 'utf8')));
    expect(example.b && alternativeOf(example.a, example.b).agents).toHaveLength(3);
  });

  it.each([
    ['{', 'this is no JSON'],
    ['[]', 'the file must be one JSON object'],
    ['{"demand": []}', 'demand: at least one'],
    ['{"demand": [], "from": "8"}', 'from: a time such as 08:30'],
  ])('says what is wrong with %s', async (text, problem) => {
    const { code, printed, noted } = await run(await file(text));
    expect(code).toBe(1);
    expect(printed).toBe('');
    expect(noted).toContain(problem);
  });

  it('says that there is no such file, and how it is used', async () => {
    expect((await run('/nowhere.json')).noted).toContain('cannot be read');
    expect((await run()).noted).toContain('npm run simulate -- FILE');
    expect((await run(EXAMPLE, '--unknown')).code).toBe(1);
  });
});

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { SimulationFile, SimulationJob } from '../../protocol/simulation.ts';

let test: TestApi;
let token: string;
beforeAll(async () => {
  test = await TestApi.create();
  token = await test.tokenOf('administrator');
});
afterAll(() => test.close());

async function ask<T>(
  method: 'GET' | 'POST',
  url: string,
  body?: object,
): Promise<{ status: number; answer: T }> {
  const { statusCode, body: text } = await test.call(method, url, token, body);
  return { status: statusCode, answer: JSON.parse(text) as T };
}

it('gives what is configured as a file, plays it and shows what came of it', async () => {
  const day = await ask<SimulationFile>('GET', '/api/simulation-day');
  expect(day.status).toBe(200);
  const file = {
    ...day.answer,
    to: '09:00',
    runs: 1,
    b: { agents: [{ name: day.answer.a.agents[0]?.name, count: 1 }] },
  };
  const started = await ask<SimulationJob>('POST', '/api/simulations', file);
  expect(started.status).toBe(202);
  const path = `/api/simulations/${started.answer.id}`;
  const job = await vi.waitFor(
    async () => {
      const { answer } = await ask<SimulationJob>('GET', path);
      expect(answer.state).toBe('done');
      return answer;
    },
    { timeout: 50_000, interval: 50 },
  );
  expect(job.result?.b?.scopes.length).toBe(job.result?.a.scopes.length);
  const { answer } = await ask<{ simulations: SimulationJob[] }>('GET', '/api/simulations');
  expect(answer.simulations).toMatchObject([{ id: job.id, state: 'done', result: null }]);
});

it('refuses a file with what is wrong in it, and starts nothing', async () => {
  const day = await ask<SimulationFile>('GET', '/api/simulation-day');
  const [demand] = day.answer.demand;
  const { status, answer } = await ask<{ code: string; message: string }>('POST', '/api/simulations', {
    ...day.answer,
    demand: [{ ...demand, queueId: 'other' }],
  });
  expect({ status, code: answer.code }).toEqual({ status: 400, code: 'bad-input' });
  expect(answer.message).toContain('there is no queue other');
});

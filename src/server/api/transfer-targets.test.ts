import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import { transferTargetRoutes } from './transfer-targets.ts';

let test: TestApi;
const asked: [userId: string, text: string][] = [];

beforeAll(async () => {
  const search = async (userId: string, text: string) => {
    asked.push([userId, text]);
    return { targets: [] };
  };
  test = await TestApi.create({ routes: [(api) => transferTargetRoutes(api, { search })] });
});
afterAll(() => test.close());

it.each([
  ['agent', 200],
  ['supervisor', 200],
  ['administrator', 403],
] as const)('answers an %s with %i', async (role, status) => {
  const answer = await test.call('GET', '/api/transfer-targets?q=bo', await test.tokenOf(role));
  expect(answer.statusCode).toBe(status);
});

it('asks on behalf of who is signed in, and of nobody else', async () => {
  expect((await test.call('GET', '/api/transfer-targets')).statusCode).toBe(401);
  asked.length = 0;
  await test.call('GET', '/api/transfer-targets?q=%2B44', await test.tokenOf('agent'));
  expect(asked).toEqual([[test.callCenter.userByName('only-agent')?.id, '+44']]);
});

it('refuses a text that nobody types', async () => {
  const { statusCode } = await test.call(
    'GET',
    `/api/transfer-targets?q=${'x'.repeat(81)}`,
    await test.tokenOf('agent'),
  );
  expect(statusCode).toBe(400);
});

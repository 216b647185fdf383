import { expect, it } from 'vitest';
import { Playbacks } from './playbacks.ts';
import type { Switch } from './ports.ts';

it('stops what the switch was only just asked to play when the switch has it, not before', async () => {
  const asked: string[] = [];
  let begin = () => undefined as void;
  const node: Pick<Switch, 'play' | 'stopPlay'> = {
    play: () =>
      new Promise((resolve) => {
        begin = () => {
          asked.push('begun');
          resolve();
        };
      }),
    stopPlay: async () => void asked.push('stopped'),
  };
  const playbacks = new Playbacks();
  const outcome = playbacks.play(node as Switch, 'leg', [{ kind: 'tone', name: 'ring' }]);
  await Promise.resolve();
  const stopped = playbacks.stop(node as Switch, 'leg');
  expect(asked).toEqual([]);
  begin();
  await stopped;
  expect(asked).toEqual(['begun', 'stopped']);
  expect(await outcome).toBe('stopped');
});

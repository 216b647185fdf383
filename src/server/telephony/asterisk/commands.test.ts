import { describe, expect, it } from 'vitest';
import type { AriLink } from './ari-link.ts';
import { AriError, AriGoneError } from './ari-rest.ts';
import { carryOut } from './commands.ts';

const LINK = { link: 'up' } as AriLink;
const REQUEST = { method: 'POST', uri: 'channels/1/variables' } as const;

describe('a command that Asterisk does not carry out', () => {
  it.each([
    ['has come too late when the channel is gone', new AriError(404, REQUEST, ''), 'no-such-line'],
    [
      'has come too late when the channel goes meanwhile',
      new AriError(400, REQUEST, 'Failed to execute function'),
      'no-such-line',
    ],
    [
      'has come too late when the caller hangs up before the answer',
      new AriError(500, REQUEST, 'Failed to answer channel'),
      'no-such-line',
    ],
    ['is not valid otherwise', new AriError(400, REQUEST, 'Invalid media'), 'bad-input'],
    ['may have been carried out when the connection is gone', new AriGoneError(), 'switch-down'],
  ])('%s', async (_, error, code) => {
    await expect(carryOut(LINK, () => Promise.reject(error))).rejects.toMatchObject({ code });
  });
});

import { describe, expect, it } from 'vitest';
import { parseRecordingName, recordingName } from './recording-name.ts';

describe('the name of a recording’s file', () => {
  it.each([
    { recordingId: 'rec_01kb', legId: 'leg_01kb', side: 'said' as const },
    { recordingId: 'r~1', legId: '1795366400.12', side: 'heard' as const },
    { recordingId: '../x', legId: 'asterisk/é=2e%', side: 'heard' as const },
  ])('gives back whose and which side it is: %o', (of) => {
    const name = recordingName('crosspoint', of);
    expect(name).toMatch(/^[A-Za-z0-9_=~-]+$/);
    expect(parseRecordingName('crosspoint', name)).toEqual(of);
  });

  it('is not taken for ours when it is another application’s, or somebody else’s file', () => {
    const name = recordingName('other', { recordingId: 'r', legId: 'l', side: 'said' });
    for (const foreign of [
      name,
      'voicemail-1',
      ...['r', 'r~l', 'r~l~x', 'r~l~said~x'].map((of) => `crosspoint~crosspoint~${of}`),
    ])
      expect(parseRecordingName('crosspoint', foreign)).toBeUndefined();
  });
});

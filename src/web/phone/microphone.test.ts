import { expect, test } from 'vitest';
import { Microphone } from './microphone.ts';
import { FakeDevices } from './testing/fake-media.ts';

test('is asked for once, however many calls take it', async () => {
  const devices = new FakeDevices();
  const microphone = new Microphone(devices, true, () => {});
  const [a, b] = await Promise.all([microphone.take(), microphone.take()]);
  expect(devices.asked).toHaveLength(1);
  expect(a).not.toBe(b);
  expect(microphone.warm).toBe(true);
});

test.each([
  ['NotAllowedError', 'phone-microphone-denied'],
  ['NotFoundError', 'phone-no-microphone'],
  ['NotReadableError', 'phone-microphone-busy'],
])('that fails with %s is a coded error, and may be tried again', async (failure, code) => {
  const devices = new FakeDevices();
  const microphone = new Microphone(devices, true, () => {});
  devices.failure = failure;
  await expect(microphone.open()).rejects.toMatchObject({ code });
  devices.failure = undefined;
  await microphone.open();
  expect(microphone.warm).toBe(true);
});

test('is not there on an insecure page', async () => {
  await expect(new Microphone(undefined, true, () => {}).open()).rejects.toMatchObject({
    code: 'phone-insecure-page',
  });
  await expect(new Microphone(new FakeDevices(), false, () => {}).open()).rejects.toMatchObject({
    code: 'phone-insecure-page',
  });
});

test('is not asked for in a frame whose page does not lend it', async () => {
  const devices = new FakeDevices();
  const microphone = new Microphone(
    devices,
    true,
    () => {},
    () => false,
  );
  await expect(microphone.open()).rejects.toMatchObject({ code: 'phone-microphone-blocked' });
  expect(devices.asked).toEqual([]);
});

test('that was closed while the browser was asking is let go', async () => {
  const devices = new FakeDevices();
  const microphone = new Microphone(devices, true, () => {});
  const opening = microphone.open();
  microphone.close();
  await expect(opening).rejects.toMatchObject({ code: 'phone-no-microphone' });
  expect(devices.opened[0]?.track.stopped).toBe(true);
  expect(microphone.warm).toBe(false);
});

test('that was chosen replaces the warm one', async () => {
  const devices = new FakeDevices();
  const microphone = new Microphone(devices, true, () => {});
  await microphone.open();
  await microphone.choose('headset');
  expect(devices.opened[0]?.track.stopped).toBe(true);
  expect(devices.asked[1]).toMatchObject({ audio: { deviceId: { exact: 'headset' } } });
  expect(microphone.warm).toBe(true);
});

test('that was chosen but is not plugged in gives way to any other', async () => {
  const devices = new FakeDevices();
  const microphone = new Microphone(devices, true, () => {});
  devices.missing = 'headset';
  await microphone.choose('headset');
  await microphone.open();
  expect(devices.asked).toHaveLength(2);
  expect(devices.asked.at(-1)).toMatchObject({ audio: { deviceId: undefined } });
});

test('that is unplugged says so once', async () => {
  const devices = new FakeDevices();
  let lost = 0;
  const microphone = new Microphone(devices, true, () => lost++);
  await microphone.open();
  devices.opened[0]?.track.unplug();
  devices.opened[0]?.track.unplug();
  expect(lost).toBe(1);
  expect(microphone.warm).toBe(false);
});

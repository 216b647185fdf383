import { it } from 'vitest';
import { appendFileSync } from 'node:fs';
import { realClock } from '../../src/lib/clock.ts';
import { AmiConnection } from '../../src/server/telephony/ami/ami-connection.ts';
import { PbxRig } from '../harness/pbx-rig.ts';
const out = '/tmp/cp/m-events.txt';
const log = (s: string) => appendFileSync(out, s + '\n');
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
const SHOW = [
  'Channel',
  'Uniqueid',
  'Linkedid',
  'ChannelState',
  'Exten',
  'CallerIDNum',
  'ConnectedLineNum',
  'DestChannel',
  'DestUniqueid',
  'DestLinkedid',
  'DialStatus',
  'BridgeUniqueid',
  'BridgeNumChannels',
  'Queue',
  'Member',
  'MemberName',
  'Interface',
  'StateInterface',
  'Position',
  'Paused',
  'PausedReason',
  'Status',
  'InCall',
  'Cause',
  'Device',
  'State',
  'LocalOneUniqueid',
  'LocalTwoUniqueid',
  'LocalOneChannel',
  'LocalTwoChannel',
  'ToBridgeUniqueid',
  'FromBridgeUniqueid',
  'Result',
  'DestType',
  'OrigTransfererUniqueid',
  'SecondTransfererUniqueid',
  'TransfereeUniqueid',
  'TransfererUniqueid',
  'TransferTargetUniqueid',
  'Extension',
  'Context',
  'ParkeeUniqueid',
  'ParkingSpace',
  'HoldTime',
  'Class',
  'SwapUniqueid',
  'Wrapuptime',
  'LoginTime',
  'ParkeeLinkedid',
  'RingTime',
  'TalkTime',
  'Reason',
];
it('probe', async () => {
  const rig = await PbxRig.start();
  const c = await AmiConnection.open(
    {
      address: rig.ami,
      clock: realClock,
      onEvent: (m) => {
        if (
          /DeviceStateChange|NewCallerid|NewConnected|Newexten|QueueMemberStatus|VarSet|Newexten|RTCP|ContactStatus/.test(
            m.event,
          )
        )
          return;
        log(
          `${m.event} ` +
            SHOW.filter((k) => m.get(k))
              .map((k) => `${k}=${m.get(k)}`)
              .join(' '),
        );
      },
      onClosed: (r) => log('CLOSED ' + r),
    },
    'call,agent',
  );
  log('BANNER ' + c.banner);
  const phones = Object.fromEntries(
    await Promise.all(['201', '202', '203'].map(async (e) => [e, await rig.phone(e)] as const)),
  );
  const carrier = await rig.carrier();
  const chans = async () => await c.list('CoreShowChannels');
  const show = async () => {
    for (const m of await chans())
      log(
        '   CH ' +
          [
            'Channel',
            'Uniqueid',
            'Linkedid',
            'ChannelStateDesc',
            'BridgeId',
            'Application',
            'ApplicationData',
            'Exten',
            'Context',
          ]
            .map((k) => k + '=' + m.get(k))
            .join(' '),
      );
  };
  const find = async (p: string) =>
    (await chans()).find((m) => m.get('Channel').startsWith(p))!.get('Channel');
  async function queueCall(number: string, ext: string) {
    const call = await carrier.call(number, { number: '+442079460958', name: 'Eve' });
    const inc = await phones[ext]!.nextCall(8000);
    inc.ring();
    await sleep(150);
    inc.answer(440);
    await sleep(400);
    return { call, inc };
  }
  async function end() {
    for (const m of await chans()) await c.send('Hangup', { Channel: m.get('Channel') }).catch(() => 0);
    await sleep(500);
  }
  await sleep(300);
  const step = async (name: string, f: () => Promise<void>) => {
    log('======== ' + name);
    try {
      await f();
    } catch (e) {
      log('FAILED ' + String(e));
    }
    await end();
  };
  await step('LOCAL QUEUE', async () => {
    const { inc } = await queueCall('6001', '203');
    await show();
    inc.hangup();
    await sleep(300);
  });
  await step('ATXFER complete *2', async () => {
    await queueCall('6001', '203');
    log(
      '> ' +
        (
          await c.send('Atxfer', { Channel: await find('PJSIP/203'), Exten: '202', Context: 'from-internal' })
        ).get('Message'),
    );
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(300);
    await show();
    log('--answer');
    b.answer(0);
    await sleep(300);
    await show();
    log('--complete');
    for (const d of '*2')
      await c.send('PlayDTMF', { Channel: await find('PJSIP/203'), Digit: d, Receive: 'true' });
    await sleep(1200);
    await show();
  });
  await step('ATXFER threeway *3', async () => {
    await queueCall('6001', '203');
    await c.send('Atxfer', { Channel: await find('PJSIP/203'), Exten: '202', Context: 'from-internal' });
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(100);
    b.answer(0);
    await sleep(300);
    log('--3way');
    for (const d of '*3')
      await c.send('PlayDTMF', { Channel: await find('PJSIP/203'), Digit: d, Receive: 'true' });
    await sleep(1200);
    await show();
  });
  await step('ATXFER cancel', async () => {
    await queueCall('6001', '203');
    await c.send('Atxfer', { Channel: await find('PJSIP/203'), Exten: '202', Context: 'from-internal' });
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(300);
    log('--cancel ' + (await c.send('CancelAtxfer', { Channel: await find('PJSIP/203') })).get('Message'));
    await sleep(1000);
    await show();
  });
  await step('BLIND AMI', async () => {
    await queueCall('6001', '203');
    log(
      '> ' +
        (
          await c.send('BlindTransfer', {
            Channel: await find('PJSIP/203'),
            Exten: '202',
            Context: 'from-internal',
          })
        ).get('Message'),
    );
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(100);
    b.answer(0);
    await sleep(300);
    await show();
  });
  await step('BLIND REFER', async () => {
    const { inc } = await queueCall('6001', '203');
    log('refer ' + (await inc.refer('202')));
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(100);
    b.answer(0);
    await sleep(300);
    await show();
  });
  await step('ATT REFER', async () => {
    const { inc } = await queueCall('6001', '203');
    await inc.renegotiate('sendonly');
    await sleep(100);
    const out = await phones['203']!.call('202');
    const b = await phones['202']!.nextCall(8000);
    b.ring();
    await sleep(100);
    b.answer(0);
    await out.reaches('up');
    await sleep(200);
    await show();
    log('--refer ' + (await inc.refer('202', out)));
    await sleep(800);
    await show();
  });
  await step('PARK', async () => {
    await queueCall('6001', '203');
    log(
      '> ' +
        (
          await c.send('Park', {
            Channel: await find('PJSIP/carrier'),
            TimeoutChannel: await find('PJSIP/203'),
          })
        ).get('Message'),
    );
    await sleep(500);
    await show();
  });
  await step('ORIGINATE', async () => {
    log(
      '> ' +
        (
          await c.send('Originate', {
            Channel: 'PJSIP/203',
            Exten: '9+447700900123',
            Context: 'from-internal',
            Priority: 1,
            Async: 'true',
            ChannelId: 'cp-abc',
            CallerID: 'Calling <203>',
            Timeout: 20000,
          })
        ).get('Message'),
    );
    const b = await phones['203']!.nextCall(8000);
    b.ring();
    await sleep(100);
    log(
      'notify ' +
        (await c.send('PJSIPNotify', { Channel: await find('PJSIP/203'), Variable: ['Event=talk'] }).then(
          (m) => m.get('Message'),
          (e) => String(e),
        )),
    );
    b.answer(0);
    const o = await carrier.nextCall(8000);
    o.ring();
    await sleep(200);
    o.answer();
    await sleep(300);
    await show();
    log('--bridge ');
  });
  await step('PAUSE', async () => {
    log(
      '> ' +
        (await c.send('QueuePause', { Interface: 'PJSIP/201', Paused: 'true', Reason: 'lunch' })).get(
          'Message',
        ),
    );
    await sleep(200);
    for (const m of await c.list('QueueStatus', { Queue: 'sales' }))
      log(
        '   ' +
          m.event +
          ' ' +
          SHOW.filter((k) => m.get(k))
            .map((k) => k + '=' + m.get(k))
            .join(' ') +
          ' Location=' +
          m.get('Location') +
          ' Name=' +
          m.get('Name') +
          ' Penalty=' +
          m.get('Penalty') +
          ' Membership=' +
          m.get('Membership') +
          ' LastCall=' +
          m.get('LastCall') +
          ' LastPause=' +
          m.get('LastPause'),
      );
    for (const m of await c.list('DeviceStateList'))
      log('   ' + m.event + ' ' + m.get('Device') + ' ' + m.get('State'));
    for (const m of await c.list('ExtensionStateList'))
      log('   ' + m.event + ' ' + m.get('Exten') + ' ' + m.get('Status'));
    log(
      '> remove ' +
        (await c.send('QueueRemove', { Queue: 'sales', Interface: 'PJSIP/201' }).then(
          (m) => m.get('Message'),
          (e) => String(e),
        )),
    );
    log(
      '> add ' +
        (await c.send('QueueAdd', { Queue: 'sales', Interface: 'PJSIP/203', MemberName: 'Cy' }).then(
          (m) => m.get('Message'),
          (e) => String(e),
        )),
    );
    await sleep(200);
  });
  c.close();
  const { readFileSync } = await import('node:fs');
  log(readFileSync(rig.queueLog, 'utf8'));
  await rig.stop();
}, 120000);

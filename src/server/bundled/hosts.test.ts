import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bindTcp, bindUdp, isLoopback, ownAddress } from './hosts.ts';

function card(address: string, internal: boolean, family: 'IPv4' | 'IPv6' = 'IPv4') {
  return { address, internal, family, netmask: '', mac: '', cidr: null, scopeid: 0 } as never;
}

describe('addresses', () => {
  it('are loopback or not', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '192.0.2.1', '::', '12.7.0.1'].some(isLoopback)).toBe(false);
  });

  it('of this machine: a network card goes before a second address of loopback, and 127.0.0.1 never counts', () => {
    const lo = [card('127.0.0.1', true), card('198.51.100.1', true), card('::1', true, 'IPv6')];
    expect(ownAddress({ lo, eth0: [card('192.0.2.7', false)] })).toBe('192.0.2.7');
    expect(ownAddress({ lo })).toBe('198.51.100.1');
    expect(ownAddress({ lo: [card('127.0.0.1', true)] })).toBeUndefined();
  });
});

describe('trying a port', () => {
  it('tells a free TCP port from a taken one', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await bindTcp('127.0.0.1', port)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
    expect(await bindTcp('127.0.0.1', port)).toBe(port);
  });

  it('finds a free UDP port and rejects for an address that is not ours', async () => {
    expect(await bindUdp('127.0.0.1', 0)).toBeGreaterThan(0);
    await expect(bindUdp('203.0.113.77', 0)).rejects.toThrow('EADDRNOTAVAIL');
  });
});

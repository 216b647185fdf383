import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AMI_READ, AMI_WRITE } from './harness/pbx-rig.ts';

it('docs/pbx.md names the rights of the AMI user with which everything was tested', () => {
  const text = readFileSync(new URL('../docs/pbx.md', import.meta.url), 'utf8');
  expect(text).toContain(`read = ${AMI_READ}\nwrite = ${AMI_WRITE}\n`);
});

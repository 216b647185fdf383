/**
 * Worker threads from source and from a bundle. A worker is an entry file of its own: from source it lies beside the file that starts it
 * and is loaded through tsx; the build puts it beside the main bundle, with that one's extension.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** @param near `import.meta.url` of the file that starts it. @param name of its file, without extension. */
export function workerUrl(near: string, name: string): URL {
  return new URL(`./${name}${near.slice(near.lastIndexOf('.'))}`, near);
}

/** The process does not wait for it to end. Node 20 cannot load TypeScript in a worker by itself, nor does a worker inherit tsx: it is registered inside. */
export function startWorker(url: URL, options: WorkerOptions = {}): Worker {
  const worker = url.pathname.endsWith('.ts')
    ? new Worker(
        `import(${JSON.stringify(tsxUrl())}).then((tsx) => { tsx.register(); return import(${JSON.stringify(url.href)}); });`,
        { ...options, eval: true },
      )
    : new Worker(url, options);
  worker.unref();
  return worker;
}

/** `require` finds tsx's CommonJS build, which cannot register itself in a worker; the ESM one lies beside it. */
function tsxUrl(): string {
  return pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href;
}

import type { Writable } from 'node:stream';

/**
 * From now on what is written to this stream in one turn of the event loop leaves it together: one system call, and whoever reads
 * is woken once. For a connection that is asked several things at once, again and again, such as PostgreSQL's and ARI's.
 */
export function gatherWrites<S extends Writable>(stream: S): S {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let gathering = false;
  const release = () => {
    gathering = false;
    stream.uncork();
  };
  stream.write = (...args: unknown[]) => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      setImmediate(release);
    }
    return write(...args);
  };
  return stream;
}

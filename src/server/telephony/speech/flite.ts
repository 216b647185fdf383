/**
 * Runs the Flite synthesiser (https://github.com/festvox/flite, a WASI preview 1 command) inside WebAssembly with the
 * thirteen system calls it needs, all in memory. node:wasi is not used: it keeps pointing at the old memory after
 * `memory.grow` and takes the whole process down with a segmentation fault on long texts (measured on Node 20).
 */
const ERRNO = { success: 0, badf: 8 } as const;
const FD = { preopen: 3, output: 4 } as const;
const PREOPEN = '/out';
const FILETYPE = { device: 2, directory: 3, file: 4 } as const;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;

class Exit extends Error {
  constructor(readonly code: number) {
    super(`flite ended with code ${code}`);
  }
}

/** A file that only exists in memory: Flite writes its WAV, seeks back and corrects the header. */
class MemoryFile {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #position = 0;

  write(chunk: Uint8Array): void {
    const end = this.#position + chunk.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
  }

  /** `whence`: 0 from the start, 1 from here, 2 from the end. Returns the new position. */
  seek(offset: number, whence: number): number {
    const base = [0, this.#position, this.#length][whence] ?? 0;
    this.#position = Math.max(0, base + offset);
    return this.#position;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** One run of the command: its arguments in, its output file out. */
class WasiRun {
  readonly output = new MemoryFile();
  readonly #args: Uint8Array[];
  #memory: WebAssembly.Memory | undefined;

  constructor(args: string[]) {
    this.#args = args.map((arg) => new TextEncoder().encode(`${arg}\0`));
  }

  /** Runs the module to its end; throws when it ends with an error. */
  run(module: WebAssembly.Module): void {
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#calls() });
    this.#memory = instance.exports['memory'] as WebAssembly.Memory;
    try {
      (instance.exports['_start'] as () => void)();
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== 0) throw error;
    }
  }

  // A new view at each call: growing the memory detaches the old buffer.
  get #view(): DataView {
    return new DataView((this.#memory as WebAssembly.Memory).buffer);
  }

  get #heap(): Uint8Array {
    return new Uint8Array((this.#memory as WebAssembly.Memory).buffer);
  }

  #calls(): WebAssembly.ModuleImports {
    return {
      args_sizes_get: (count: number, size: number) => this.#argsSizes(count, size),
      args_get: (pointers: number, buffer: number) => this.#argsGet(pointers, buffer),
      clock_time_get: (_id: number, _precision: bigint, result: number) => this.#put64(result, 0n),
      fd_close: () => ERRNO.success,
      fd_fdstat_get: (fd: number, result: number) => this.#fdstat(fd, result),
      fd_fdstat_set_flags: () => ERRNO.success,
      fd_prestat_get: (fd: number, result: number) => this.#prestat(fd, result),
      fd_prestat_dir_name: (_fd: number, path: number) => this.#prestatName(path),
      fd_read: (_fd: number, _iovs: number, _count: number, read: number) => this.#put32(read, 0),
      fd_seek: (fd: number, offset: bigint, whence: number, result: number) =>
        fd === FD.output ? this.#put64(result, BigInt(this.output.seek(Number(offset), whence))) : ERRNO.badf,
      fd_write: (fd: number, iovs: number, count: number, written: number) =>
        this.#write(fd, iovs, count, written),
      path_open: (...args: number[]) => this.#put32(args[8] ?? 0, FD.output),
      proc_exit: (code: number) => {
        throw new Exit(code);
      },
    };
  }

  #put32(at: number, value: number): number {
    this.#view.setUint32(at, value, true);
    return ERRNO.success;
  }

  #put64(at: number, value: bigint): number {
    this.#view.setBigUint64(at, value, true);
    return ERRNO.success;
  }

  #argsSizes(count: number, size: number): number {
    this.#put32(count, this.#args.length);
    return this.#put32(
      size,
      this.#args.reduce((sum, arg) => sum + arg.length, 0),
    );
  }

  #argsGet(pointers: number, buffer: number): number {
    let at = buffer;
    for (const [i, arg] of this.#args.entries()) {
      this.#put32(pointers + 4 * i, at);
      this.#heap.set(arg, at);
      at += arg.length;
    }
    return ERRNO.success;
  }

  #fdstat(fd: number, result: number): number {
    const type = fd === FD.output ? FILETYPE.file : fd === FD.preopen ? FILETYPE.directory : FILETYPE.device;
    this.#put64(result, BigInt(type));
    this.#put64(result + 8, ALL_RIGHTS);
    return this.#put64(result + 16, ALL_RIGHTS);
  }

  #prestat(fd: number, result: number): number {
    if (fd !== FD.preopen) return ERRNO.badf;
    this.#put32(result, 0);
    return this.#put32(result + 4, PREOPEN.length);
  }

  #prestatName(path: number): number {
    this.#heap.set(new TextEncoder().encode(PREOPEN), path);
    return ERRNO.success;
  }

  /** Standard output and error are dropped. */
  #write(fd: number, iovs: number, count: number, written: number): number {
    let total = 0;
    for (let i = 0; i < count; i++) {
      const start = this.#view.getUint32(iovs + 8 * i, true);
      const length = this.#view.getUint32(iovs + 8 * i + 4, true);
      if (fd === FD.output) this.output.write(this.#heap.slice(start, start + length));
      total += length;
    }
    return this.#put32(written, total);
  }
}

/** Speaks `text` (printable ASCII) with Flite's voice `voice`; the result is a mono 16-bit WAV in the voice's own rate. */
export function synthesise(module: WebAssembly.Module, voice: string, text: string): Uint8Array {
  const run = new WasiRun(['flite', '-voice', voice, '-t', text, '-o', `${PREOPEN}/speech.wav`]);
  run.run(module);
  return run.output.bytes;
}

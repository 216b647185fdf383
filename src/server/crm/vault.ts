/** Seals what must not lie readable in the database: the key is a file of the data folder, so that a copy of the one is no use without the other. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export class Vault {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /** The key in this file, which is made where there is none. @throws for a file that holds no key. */
  static async open(file: string): Promise<Vault> {
    const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const key = kept ?? randomBytes(KEY_BYTES);
    if (key.length !== KEY_BYTES) throw new Error(`${file} is no key of ${KEY_BYTES} bytes`);
    if (!kept) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, key, { mode: 0o600, flag: 'wx' });
    }
    return new Vault(key);
  }

  /** @param place what it belongs to: it can be opened as that only. */
  seal(text: string, place: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Undefined for what was sealed with another key, or for another place. */
  unseal(sealed: string, place: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    const iv = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    if (tag.length !== TAG_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(place)).setAuthTag(tag);
    try {
      const text = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

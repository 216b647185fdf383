/** What a bench has opened: it is closed in the opposite order, also when something could not be opened after all. */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  async add<T>(opening: Promise<T>, close: (it: T) => unknown): Promise<T> {
    const it = await opening;
    this.#closers.push(() => close(it));
    return it;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** Builds a stage; what it has opened is closed when it fails. */
  static async stage<S extends Opened>(stage: S, build: (stage: S) => Promise<void>): Promise<S> {
    try {
      await build(stage);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }
}

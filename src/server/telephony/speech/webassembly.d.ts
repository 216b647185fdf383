/** The part of the WebAssembly API that speech uses: Node has it, but its types come only with the DOM's. */
declare namespace WebAssembly {
  type ModuleImports = Record<string, (...args: never[]) => unknown>;

  class Module {
    constructor(bytes: Uint8Array);
  }

  class Instance {
    constructor(module: Module, imports: Record<string, ModuleImports>);
    readonly exports: Record<string, unknown>;
  }

  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}

/**
 * What Node is started with for programs in tests. The embedded database is WebAssembly, and V8 compiles what runs often
 * of it a second time, better and in the background: in a process that lives for seconds this costs more than it gains.
 */
export const shortLived: readonly string[] = ['--liftoff-only']

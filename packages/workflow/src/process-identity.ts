/** Where this program runs. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
}

/** The host's name and the process id; `unknown` and 0 where there is no process, as in a browser. */
export function processIdentity(): ProcessIdentity {
  const { process } = globalThis as { readonly process?: NodeJS.Process }
  // Asked for at run time, since an import of node:os would keep this package out of browsers.
  return { host: process?.getBuiltinModule('node:os').hostname() ?? 'unknown', pid: process?.pid ?? 0 }
}

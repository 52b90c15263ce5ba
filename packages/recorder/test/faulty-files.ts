import { type SpoolFile, type SpoolFiles, systemFiles } from '../src/node/spool/spool-files.ts'

/** Something that a spool does with the file system. */
export type FileAction = keyof SpoolFiles | Exclude<keyof SpoolFile, 'close'>

/** A file system that fails when it is told to. */
export interface FaultyFiles extends SpoolFiles {
  /** The action fails with this code, `times` over (or for good) after `after` that work. */
  fail(action: FileAction, code: string, plan?: FaultPlan): void
  /** Everything works again. */
  heal(): void
}

/** When an action fails. */
export interface FaultPlan {
  readonly times?: number
  readonly after?: number
  /** Of a write: so many bytes come to be there before it fails. */
  readonly bytes?: number
}

/** The file system of this machine, with faults. */
export function faultyFiles(): FaultyFiles {
  const faults = new Map<FileAction, { code: string; after: number; times: number; bytes: number }>()

  function check(action: FileAction): { code: string; bytes: number } | undefined {
    const fault = faults.get(action)
    if (fault === undefined || fault.times === 0) return undefined
    if (fault.after > 0) {
      fault.after -= 1
      return undefined
    }
    fault.times -= 1
    return fault
  }

  async function pass<T>(action: FileAction, work: () => Promise<T>): Promise<T> {
    const fault = check(action)
    if (fault) throw systemError(fault.code, action)
    return work()
  }

  const faulty = (file: SpoolFile): SpoolFile => ({
    write: async (bytes, position) => {
      const fault = check('write')
      if (fault === undefined) return file.write(bytes, position)
      await file.write(bytes.subarray(0, fault.bytes), position)
      throw systemError(fault.code, 'write')
    },
    sync: () => pass('sync', () => file.sync()),
    truncate: (size) => pass('truncate', () => file.truncate(size)),
    close: () => file.close(),
  })

  return {
    fail: (action, code, { times = Number.POSITIVE_INFINITY, after = 0, bytes = 0 } = {}) =>
      void faults.set(action, { code, times, after, bytes }),
    heal: () => faults.clear(),
    create: (path) => pass('create', async () => faulty(await systemFiles.create(path))),
    openToAppend: (path) =>
      pass('openToAppend', async () => {
        const { file, size } = await systemFiles.openToAppend(path)
        return { file: faulty(file), size }
      }),
    read: (path, size) => pass('read', () => systemFiles.read(path, size)),
    list: (path) => pass('list', () => systemFiles.list(path)),
    exists: (path) => pass('exists', () => systemFiles.exists(path)),
    makeDirectory: (path) => pass('makeDirectory', () => systemFiles.makeDirectory(path)),
    checkWritable: (path) => pass('checkWritable', () => systemFiles.checkWritable(path)),
    rename: (from, to) => pass('rename', () => systemFiles.rename(from, to)),
    remove: (path) => pass('remove', () => systemFiles.remove(path)),
    removeDirectory: (path) => pass('removeDirectory', () => systemFiles.removeDirectory(path)),
    syncDirectory: (path) => pass('syncDirectory', () => systemFiles.syncDirectory(path)),
  }
}

const systemError = (code: string, action: string): Error =>
  Object.assign(new Error(`${code}: made to fail, ${action}`), { code })

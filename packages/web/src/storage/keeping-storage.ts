/** Where the pages keep a text under a name. */
export type KeepingStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * What a browser keeps, also where it keeps nothing: where storage is blocked or full, what is kept is there until the
 * page is loaded again. Never throws.
 *
 * @param open gives the browser's own, or throws
 */
export function createKeepingStorage(open: () => KeepingStorage): KeepingStorage {
  const here = new Map<string, string | null>()
  return {
    getItem: (name) => here.get(name) ?? (here.has(name) ? null : tried(() => open().getItem(name), null)),
    setItem: (name, text) => {
      here.set(name, text)
      if (isDone(() => open().setItem(name, text))) here.delete(name)
    },
    removeItem: (name) => {
      here.set(name, null)
      if (isDone(() => open().removeItem(name))) here.delete(name)
    },
  }
}

const isDone = (change: () => void): boolean => tried(() => (change(), true), false)

/** A browser that blocks storage throws at the first touch, one that is full at each change. */
function tried<Result>(attempt: () => Result, otherwise: Result): Result {
  try {
    return attempt()
  } catch {
    return otherwise
  }
}

/** What is kept for this address, in all tabs. */
export const keptForAll = createKeepingStorage(() => localStorage)
/** What is kept until this tab is closed. */
export const keptInTab = createKeepingStorage(() => sessionStorage)

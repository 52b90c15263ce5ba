import type { KeyboardEvent } from 'react'

/** Leaves at Escape; not at that of a dialog which was opened from here, since it is drawn elsewhere. */
export const onEscape =
  (leave: () => void) =>
  ({ key, currentTarget, target }: KeyboardEvent): void => {
    if (key === 'Escape' && currentTarget.contains(target as Node)) leave()
  }

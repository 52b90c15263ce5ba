import { useEffect, useState } from 'react'
import { focusContent } from './focus-content.ts'

/**
 * When what is drawn goes with the focus in it, that has the focus again which had it before; or the content of the
 * page, where this is gone as well, as a button whose order was given.
 */
export function useFocusGivenBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (document.activeElement !== document.body) return
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
      if (isThere) before.focus({ preventScroll: true })
      else focusContent()
    },
    [before],
  )
}

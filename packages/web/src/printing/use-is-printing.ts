import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** Rows of a list that are printed at most: about twenty pages. */
export const mostPrintedRows = 1_000

/** Whether the page is being printed. Paper has no window: what is in sight on the screen is not all that is to be drawn. */
export function useIsPrinting(): boolean {
  const [isPrinting, setIsPrinting] = useState(false)
  useEffect(() => {
    // What is not drawn when this event is over is not on paper.
    const begin = (): void => flushSync(() => setIsPrinting(true))
    const end = (): void => setIsPrinting(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  return isPrinting
}

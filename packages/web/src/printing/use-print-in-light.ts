import { useLayoutEffect } from 'react'
import { useIsPrinting } from './use-is-printing.ts'

/** Prints in light colours: of dark ones a browser leaves the ground out, and light letters cannot be read on paper. */
export function usePrintInLight(): void {
  const isPrinting = useIsPrinting()
  useLayoutEffect(() => {
    if (!isPrinting) return
    const { dataset } = document.documentElement
    const before = dataset['mantineColorScheme']
    dataset['mantineColorScheme'] = 'light'
    return () => {
      if (before !== undefined) dataset['mantineColorScheme'] = before
    }
  }, [isPrinting])
}

import { useRouter } from '@tanstack/react-router'
import { useCallback } from 'react'

/**
 * Changes the filter in the address, from what it is by then: another input may have settled since the page was drawn.
 * Each choice is a step that the browser's Back undoes; what is typed into one input is one step, however often it
 * settled meanwhile: then `typedInto` names the input.
 */
export type FilterChange<Search> = (
  next: (before: Search) => Search,
  typedInto?: keyof Search & string,
) => void

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The input whose text made this entry of the history. */
    readonly typedInto?: string | undefined
  }
}

/** How the page that is shown changes its filter, which is the whole search of its address. */
export function useFilterChange<Search extends object>(): FilterChange<Search> {
  const router = useRouter()
  return useCallback(
    (next, typedInto) => {
      const isGoingOn = typedInto !== undefined && router.latestLocation.state.typedInto === typedInto
      void router.navigate({
        to: '.',
        search: (before) => next(before as Search),
        replace: isGoingOn,
        state: { typedInto },
        resetScroll: false,
      })
    },
    [router],
  )
}

/** Sets one value of a filter; none and an empty one narrow by nothing. */
export type FilterSetter<Search> = (name: keyof Search & string) => (value: string | null | undefined) => void

/** How the inputs of a filter change it: by a choice among some, or by what is typed. */
export function changesOf<Search extends object>(
  change: FilterChange<Search>,
): { readonly choose: FilterSetter<Search>; readonly type: FilterSetter<Search> } {
  const changed = (name: string, value: string | null | undefined) => (before: Search) => ({
    ...before,
    [name]: value === null || value === '' ? undefined : value,
  })
  return {
    choose: (name) => (value) => change(changed(name, value)),
    type: (name) => (value) => change(changed(name, value), name),
  }
}

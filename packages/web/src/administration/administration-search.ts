import { wordOf } from '../application/search-parameters.ts'

/** What the page is divided into. */
export const administrationTabs = ['retention', 'holds', 'keys', 'health'] as const
export type AdministrationTab = (typeof administrationTabs)[number]

/** Which part of the page a reader chose. */
export interface AdministrationSearch {
  readonly tab?: AdministrationTab | undefined
}

/** Reads the search of the page's address. */
export const administrationSearch = (search: Record<string, unknown>): AdministrationSearch => ({
  tab: wordOf(search, 'tab', administrationTabs),
})

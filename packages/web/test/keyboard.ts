import type { Page } from 'playwright-core'

/** Runs in the page: what can be reached, how it looks at rest, and what the focus does from one Tab to the next. */
const watcher = `
  // Where the focus goes on from, also when it was somewhere: the beginning of the page.
  const beginning = document.createElement('span')
  beginning.tabIndex = -1
  document.body.prepend(beginning)
  beginning.focus()
  beginning.remove()
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]'
  const composite = '[role=listbox], [role=tablist], [role=radiogroup], [role=menu], [role=group], label'
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert]')
  const name = (element) =>
    element.tagName.toLowerCase() + ' ' + (element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ??
      element.textContent).trim().slice(0, 60)
  const lookOf = (element) => JSON.stringify([element, element.nextElementSibling].map((each) => {
    if (!each) return null
    const { outlineStyle, outlineColor, borderColor, boxShadow, backgroundColor } = getComputedStyle(each)
    return [outlineStyle, outlineStyle === 'none' ? '' : outlineColor, borderColor, boxShadow, backgroundColor]
  }))
  const isStop = (element) =>
    element.tabIndex >= 0 && !element.disabled && isSeen(element) &&
    (element.type !== 'radio' || element.checked)
  const stops = [...document.querySelectorAll(focusable)].filter(isStop)
  const rest = new Map(stops.map((element) => [element, lookOf(element)]))
  const reached = []
  const faults = []
  let again = 0
  const look = (element) => {
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect()
    const isOff = right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight
    if (isOff) faults.push('is out of sight: ' + name(element))
    if (rest.has(element) && rest.get(element) === lookOf(element)) faults.push('shows no focus: ' + name(element))
    const before = reached.at(-1)
    if (before && !(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING))
      faults.push('comes out of order: ' + name(element))
    const above = width < 2 ? null : document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    if (!isOff && above && !element.contains(above) && !above.contains(element))
      faults.push('is covered: ' + name(element) + ' by ' + above.outerHTML.slice(0, 80))
  }
  globalThis.keyboardWalk = {
    /** Whether the focus is still on its way. An input for a time has a stop for each of its parts. */
    step: () => {
      const element = document.activeElement
      if (element === reached.at(-1) && ++again < 10) return true
      again = 0
      if (element === document.body || reached.includes(element)) return false
      look(element)
      reached.push(element)
      return true
    },
    end: () => {
      for (const element of stops)
        if (element.isConnected && isStop(element) && !reached.includes(element))
          faults.push('is not reached: ' + name(element))
      for (const element of document.querySelectorAll('main *'))
        if (getComputedStyle(element).cursor === 'pointer' && isSeen(element) &&
            !element.closest(focusable) && !element.closest(composite))
          faults.push('is for a mouse alone: ' + name(element))
      return { reached: reached.length, faults }
    },
  }
`

/** What was found by who has no mouse. */
export interface KeyboardWalk {
  /** How many things the Tab key led to. */
  readonly reached: number
  /** What cannot be reached, or not be seen to be. */
  readonly faults: readonly string[]
}

/** More than any page has to stop at; who is not through by then is trapped. */
const mostStops = 200

/**
 * Goes through a page with the Tab key: everything that can be clicked is reached once, in the order of the page, is in
 * sight then and shows that it has the focus; and the page is left again.
 */
export async function walkByKeyboard(page: Page): Promise<KeyboardWalk> {
  await page.evaluate(`{${watcher}}`)
  let stops = 0
  // The key is held down, which asks the browser once a stop, and not twice.
  do await page.keyboard.down('Tab')
  while (++stops < mostStops && (await page.evaluate('keyboardWalk.step()')))
  await page.keyboard.up('Tab')
  if (stops === mostStops) return { reached: mostStops, faults: ['the page is not left'] }
  return (await page.evaluate('keyboardWalk.end()')) as KeyboardWalk
}

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
  let isLeft = false
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
  /** Who is where the way began has been at its end. An input for a time has a stop for each of its parts, and one focus. */
  const arrive = ({ target }) => {
    if (isLeft || target === reached.at(-1)) return
    isLeft = reached.includes(target)
    if (isLeft) return
    look(target)
    reached.push(target)
  }
  document.addEventListener('focusin', arrive)
  globalThis.keyboardWalk = {
    isLeft: () => isLeft,
    end: () => {
      document.removeEventListener('focusin', arrive)
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
/** Presses of the key between two looks at whether the page is left. */
const stopsAtOnce = 10

/**
 * Goes through a page with the Tab key: everything that can be clicked is reached once, in the order of the page, is in
 * sight then and shows that it has the focus; and the page is left again.
 */
export async function walkByKeyboard(page: Page): Promise<KeyboardWalk> {
  await page.evaluate(`{${watcher}}`)
  let isLeft = false
  for (let stops = 0; stops < mostStops && !isLeft; stops += stopsAtOnce) {
    for (let press = 0; press < stopsAtOnce; press++) await page.keyboard.down('Tab')
    isLeft = (await page.evaluate('keyboardWalk.isLeft()')) === true
  }
  await page.keyboard.up('Tab')
  const walk = (await page.evaluate('keyboardWalk.end()')) as KeyboardWalk
  return isLeft ? walk : { ...walk, faults: ['the page is not left'] }
}

/** Goes on with the Tab key in a part of a page that keeps the focus, and tells where else it went. */
export async function placesLedOut(page: Page, part: string, presses: number): Promise<readonly string[]> {
  await page.evaluate(`{
    const part = document.querySelector('${part}')
    const out = []
    const arrive = ({ target }) => part.contains(target) || out.push(target.outerHTML.slice(0, 80))
    document.addEventListener('focusin', arrive)
    globalThis.focusWatch = () => {
      document.removeEventListener('focusin', arrive)
      return part.contains(document.activeElement) ? out : [...out, 'the focus is lost']
    }
  }`)
  for (let press = 0; press < presses; press++) await page.keyboard.down('Tab')
  await page.keyboard.up('Tab')
  return (await page.evaluate('focusWatch()')) as readonly string[]
}

import type { Route } from 'playwright-core'

/** What the server does to every request, and what each page is to say of it. */
export const troubleKinds = [
  ['401', 'The server asks for a key'],
  ['403', 'This key may not do that'],
  ['401 of a proxy', 'Something before the server refused this'],
  ['403 of a proxy', 'Something before the server refused this'],
  ['sent elsewhere to sign in', 'Something before the server refused this'],
  ['away', 'The server does not answer'],
  ['slow', /The server has not answered for \d+ s/],
] as const

/** Every page that asks the server for something. */
export const everyPage = [
  '/',
  '/executions',
  '/executions/019a4f0c-5c7b-7000-8000-00000000dead',
  '/events',
  '/selections',
  '/selections/incident-7',
  '/catalogue',
  '/catalogue/019a4f0c-5c7b-7000-8000-00000000dead',
  '/analytics/slow-steps',
  '/integrity',
  '/administration?tab=retention',
  '/administration?tab=holds',
  '/administration?tab=keys',
] as const
/** Whoever may ask whether the server is ready: nobody is refused. */
export const openPages: readonly string[] = ['/administration?tab=health']

/** Addresses of one thing each, of which there is none, and what kind of thing that would be. */
export const emptyAddresses = [
  ['/executions/nope', 'execution'],
  ['/executions/%00', 'execution'],
  ['/executions/019a4f0c-5c7b-7000-8000-00000000dead', 'execution'],
  ['/catalogue/rubbish', 'workflow'],
  ['/catalogue/019a4f0c-5c7b-7000-8000-00000000dead', 'workflow'],
  ['/selections/nope', 'selection'],
  ['/selections/%00', 'selection'],
  [`/selections/${'a'.repeat(3_000)}`, 'selection'],
  ['/analytics/nope', 'report'],
] as const

/** Does to a request what the server does that is in this trouble. */
export function answerWith(kind: (typeof troubleKinds)[number][0], route: Route): Promise<void> | undefined {
  if (kind === 'slow') return undefined
  if (kind === 'away') return route.abort()
  if (kind === 'sent elsewhere to sign in')
    return route.fulfill({ status: 302, headers: { location: '/sign-in' } })
  if (kind.endsWith('of a proxy'))
    return route.fulfill({
      status: Number.parseInt(kind, 10),
      contentType: 'text/html',
      body: '<h1>No.</h1>',
    })
  const code = kind === '401' ? 'unauthenticated' : 'access_denied'
  const said = { detail: 'as the test says', instance: '/', action: 'Go on.' }
  return route.fulfill({
    status: Number(kind),
    contentType: 'application/problem+json',
    json: { type: 'about:blank', title: code, status: Number(kind), code, ...said },
  })
}

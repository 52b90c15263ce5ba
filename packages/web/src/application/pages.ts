/** The pages that the navigation leads to, in its order. */
export const pages = [
  { to: '/', label: 'Overview' },
  { to: '/executions', label: 'Executions' },
  { to: '/events', label: 'Events' },
  { to: '/selections', label: 'Selections' },
  { to: '/catalogue', label: 'Catalogue' },
  { to: '/analytics', label: 'Analytics' },
  { to: '/integrity', label: 'Integrity' },
  { to: '/administration', label: 'Administration' },
] as const

/** Whether an address lies in the part of the application that begins at `to`. */
export const isWithin = (pathname: string, to: string): boolean =>
  pathname === to || pathname.startsWith(`${to}/`)

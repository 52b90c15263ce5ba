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

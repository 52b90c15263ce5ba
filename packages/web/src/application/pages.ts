/** The pages that the navigation leads to, in its order. */
export const pages = [{ to: '/executions', label: 'Executions' }] as const

/** What is called how, of what a policy or a hold matches. */
const words: Readonly<Record<string, string>> = {
  executionId: 'execution',
  correlationId: 'correlation',
  workflow: 'workflow',
  tenant: 'tenant',
  actor: 'actor',
  entityType: 'about',
  eventType: 'event type',
  from: 'from',
  until: 'until',
}

/** What is matched, in words; `all` where nothing narrows it. */
export function matchWords(match: Readonly<Record<string, string | undefined>>, all: string): string {
  const parts = Object.entries(match)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${words[name] ?? name} ${value}`)
  return parts.length === 0 ? all : parts.join(', ')
}

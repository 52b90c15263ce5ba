import type { SignalContext } from '../messages/index.ts'

/** A situation as parameters of a query; what is not known is left out. */
export const contextQuery = (context: SignalContext): Readonly<Record<string, string | undefined>> => ({
  severity: context.severity ?? undefined,
  component: context.component ?? undefined,
  environment: context.environment ?? undefined,
  priority: context.priority ?? undefined,
  customLabels: jsonOf(context.customLabels),
  detectedLabels: jsonOf(context.detectedLabels),
})

const jsonOf = (labels: object | null | undefined): string | undefined =>
  labels && Object.keys(labels).length > 0 ? JSON.stringify(labels) : undefined

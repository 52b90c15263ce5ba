import { type GateLabel, gateLabels } from '@steptrail/workflow'
import type { Json } from '@steptrail/verify'
import { ofEachGateLabel } from '../content/gate-labels.ts'
import { folded } from '../content/label-text.ts'

/** What a caller says of the situation for which it looks for a workflow. What is absent or null it does not know. */
export interface SignalContext {
  readonly severity?: string | null | undefined
  readonly component?: string | null | undefined
  readonly environment?: string | null | undefined
  readonly priority?: string | null | undefined
  /** Further labels, by name. */
  readonly customLabels?: Readonly<Record<string, string>> | null | undefined
  /** What was detected, by name; what is unknown is not false. */
  readonly detectedLabels?: Readonly<Record<string, boolean | 'unknown' | null>> | null | undefined
}

/** The context as matching and scoring read it: values without regard to letter case, by label. */
export interface FoldedContext {
  readonly gate: Readonly<Record<GateLabel, string | null>>
  readonly custom: ReadonlyMap<string, string>
  readonly detected: ReadonlyMap<string, boolean>
}

/** The context without letter case, unknown labels left out. */
export const foldedContext = (context: SignalContext): FoldedContext => ({
  gate: ofEachGateLabel((label) => foldedOrNull(context[label])),
  custom: new Map(
    Object.entries(context.customLabels ?? {}).map(([name, value]) => [folded(name), folded(value)]),
  ),
  detected: new Map(
    Object.entries(context.detectedLabels ?? {}).flatMap(([name, value]) =>
      typeof value === 'boolean' ? [[folded(name), value]] : [],
    ),
  ),
})

/** Whether the caller says nothing of the situation that the gate could decide on. */
export const isWithoutContext = (context: SignalContext): boolean =>
  gateLabels.every((label) => (context[label] ?? null) === null)

/** The context as events have it: the four labels, and further ones where there are any; null where nothing was said. */
export function recordedContext(context: SignalContext): Readonly<Record<string, Json>> | null {
  const { customLabels, detectedLabels } = context
  const custom = Object.keys(customLabels ?? {}).length > 0 ? { customLabels: customLabels ?? {} } : {}
  const detected =
    Object.keys(detectedLabels ?? {}).length > 0 ? { detectedLabels: detectedLabels ?? {} } : {}
  if (isWithoutContext(context) && !('customLabels' in custom) && !('detectedLabels' in detected)) return null
  const gate = ofEachGateLabel((label) => context[label] ?? null)
  return { ...gate, ...custom, ...detected }
}

const foldedOrNull = (value: string | null | undefined): string | null =>
  (value ?? null) === null ? null : folded(value ?? '')

import { type GateLabel, gateLabels } from '@steptrail/workflow'

/** Something for each label of the gate. */
export const ofEachGateLabel = <Value>(make: (label: GateLabel) => Value): Record<GateLabel, Value> =>
  Object.fromEntries(gateLabels.map((label) => [label, make(label)])) as unknown as Record<GateLabel, Value>

/** What may be said of a version of a workflow in the catalogue: only an active one is offered. */
export const catalogStatuses = ['active', 'disabled', 'deprecated'] as const
/** See `catalogStatuses`. */
export type CatalogStatus = (typeof catalogStatuses)[number]

/** What a passage of the story of a selection is about. */
export const passageKinds = [
  'asked',
  'offered',
  'looked_at',
  'refused',
  'validated',
  'searched',
  'executed',
  'outcome',
] as const
/** See `passageKinds`. */
export type PassageKind = (typeof passageKinds)[number]

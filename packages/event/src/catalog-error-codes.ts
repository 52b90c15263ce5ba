/** Error codes of the catalogue: a part of the table `errorCodes`. */
export const catalogErrorCodes = {
  invalid_catalog_entry: {
    title: 'Invalid catalogue entry',
    meaning:
      'A workflow or an action type for the catalogue lacks a field, has one that is unknown or malformed, names an action type that is not registered, or has parameters that are no JSON Schema.',
    action: 'Correct what the message names, with its file and line where it comes from a file.',
  },
  catalog_entry_not_found: {
    title: 'Not in the catalogue',
    meaning: 'The catalogue has no such workflow.',
    action: 'Check the id; `steptrail catalog list` shows what there is.',
  },
  workflow_not_available: {
    title: 'Workflow not available',
    meaning:
      'There is no workflow of this id that may be used in the situation that was given. Nothing more is told to who looks for one; the attempt is on record.',
    action: 'Choose one of those that were listed for the same situation.',
  },
  selection_not_found: {
    title: 'Selection not found',
    meaning: 'Nothing is on record of a selection under this id.',
    action: 'Check the remediation id; events of the last calls may take a moment to be written.',
  },
} as const

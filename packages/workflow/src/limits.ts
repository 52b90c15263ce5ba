/** A step that may take longer than a week belongs to a person. */
const weekMs = 7 * 24 * 3_600_000

/**
 * Every limit of a workflow and of what its workers report. A definition, an input or an output beyond one of
 * them is refused; the text of an error is cut.
 */
export const workflowLimits = {
  /** Steps of one workflow. */
  steps: 500,
  /** Steps that may come directly after one and the same step. */
  fanOut: 100,
  /** Names of workflows, steps, services and actions, in UTF-16 code units. */
  nameLength: 100,
  versionLength: 64,
  maxRetries: 100,
  timeoutMs: weekMs,
  /** `delayMs`, `initialMs` and `maxMs` of a back-off. */
  backoffMs: weekMs,
  factor: 100,
  /** An execution's input, as the UTF-8 bytes of its canonical JSON. */
  inputBytes: 256 * 1024,
  /** A step's output, likewise. */
  outputBytes: 256 * 1024,
  /** `message` and `reason` of a reported error. */
  errorTextLength: 2_000,
  errorCodeLength: 100,
  errorStackLength: 8_000,
} as const

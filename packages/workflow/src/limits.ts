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
  /** What is on record of the steps when an execution starts: names, order, limits and conditions, as JSON. */
  planBytes: 1024 * 1024,
  /** Names of workflows, steps, services and actions, in UTF-16 code units. */
  nameLength: 100,
  versionLength: 64,
  /** The version of a worker's program. */
  workerVersionLength: 255,
  maxRetries: 100,
  timeoutMs: weekMs,
  /** `delayMs`, `initialMs` and `maxMs` of a back-off. */
  backoffMs: weekMs,
  factor: 100,
  /** An execution's input, as the UTF-8 bytes of its canonical JSON. */
  inputBytes: 256 * 1024,
  /** A step's output, likewise. */
  outputBytes: 256 * 1024,
  /** All outputs of an execution together: a step is given those of all its ancestors. */
  outputsBytes: 16 * 1024 * 1024,
  /** Arrays and objects within one another, in an input and in an output. */
  nesting: 400,
  /** `message` and `reason` of a reported error. */
  errorTextLength: 2_000,
  errorCodeLength: 100,
  errorStackLength: 8_000,
} as const

/** What the runtime takes at the most. Sizes are bytes of the JSON text, lengths are UTF-16 code units. */
export const sagaLimits = {
  /** The input of an execution: 256 KB. */
  inputBytes: 256 * 1024,
  /** The output of a step: 256 KB. */
  outputBytes: 256 * 1024,
  errorMessageLength: 2_000,
  errorCodeLength: 100,
  stackLength: 8_000,
} as const

import type { ExitCode } from '../exit-code.ts'

/** How a run that threw nothing ends; `done` unless a command says otherwise. */
export interface RunEnd {
  /** Errors are told as JSON. */
  readonly asJson?: boolean
  exitCode: ExitCode
}

import type { Database } from '@steptrail/core'
import type { EngineCapabilities } from '@steptrail/event'

/** A step that a script does. */
export interface ScriptedStep {
  readonly name: string
  /** How many of its attempts fail, from the first on. */
  readonly failures?: number
  /** Retries after the first attempt. */
  readonly retries?: number
  /** Its first attempt does not end: it is there to be cancelled, or to lose its process. */
  readonly isHeld?: boolean
}

/** What an execution does: its steps one after another, until one has failed for good. */
export interface Script {
  readonly steps: readonly ScriptedStep[]
  /** When a step has failed for good, the steps before it are undone, the last one first. */
  readonly undoes?: boolean
}

/** An engine with the adapter that puts it on record, as the conformance suite drives it. */
export interface AdapterUnderTest {
  /** The trail. */
  readonly database: Database
  readonly capabilities: EngineCapabilities
  /** Starts an execution that does the script; gives its id in the trail. */
  start(id: string, script: Script): Promise<string>
  /** Resolves when the execution has begun this attempt of a step. */
  begun(id: string, step: string): Promise<void>
  /** Resolves when the execution has ended for the engine. */
  ended(id: string): Promise<void>
  cancel(id: string): Promise<void>
  /** Kills the process of the engine with SIGKILL and starts it again, where no step is held any more. */
  crash(): Promise<void>
  /** Lets the engine start the execution again under the same id, or replay it: whatever it does with what it knows. */
  replay(id: string, script: Script): Promise<void>
  /** Tells the adapter once more all that it has been told of. */
  redeliver(): Promise<void>
  /** Resolves when all that has happened is on record. */
  settle(): Promise<void>
}

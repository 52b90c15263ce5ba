import { defaultRedaction, redact } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { Database, Query } from '../database/database.ts'
import { type DefinitionCache, registerDefinitions, sha256 } from '../execution/definitions.ts'
import type { LoadedExecution } from '../execution/loaded-execution.ts'
import { writeExecutions } from '../execution/write-executions.ts'
import { CommittedPartitions, type PartitionMonth } from '../partition/ensure-partitions.ts'
import { definitionOfEngine, loadObserved, newObserved, type ObservedBatch } from './load-observed.ts'
import { observe } from './observe.ts'
import { ObservedExecution, unknownExecution, type ObservedEnvironment } from './observed-execution.ts'
import { observedExecutionId } from './observed-ids.ts'
import type {
  Observation,
  ObservedEngine,
  ObservedHistory,
  PlacedObservation,
  SourcedObservation,
} from './observation.ts'

/** How what another engine did is put on record. */
export interface ObservationRecorderOptions {
  readonly engine: ObservedEngine
  /** Who puts it on record: `service_name` of the events of executions. */
  readonly serviceName: string
  /** Whose the executions are; `default` unless given. */
  readonly tenant?: string | undefined
}

/** Puts on record what another engine did: executions, steps, transitions and events, as those of our own. */
export class ObservationRecorder {
  readonly #database: Database
  readonly #options: ObservationRecorderOptions
  readonly #definitions: DefinitionCache = new Map()
  readonly #partitions = new CommittedPartitions()
  #definitionHash: string | null = null

  constructor(database: Database, options: ObservationRecorderOptions) {
    this.#database = database
    this.#options = options
  }

  /**
   * Puts a batch on record in one transaction, all of it or nothing, and returns how many of it were new. The batch that
   * was put on record last may come again, whole or in parts and together with others, whatever became of the call, until
   * a batch of this source comes that has nothing of it. Whoever does so at the same time waits.
   *
   * `confirm` is awaited while the source is locked and before anything is written: it throws when somebody else may have
   * put on record what this call was to, and then nothing is. Default: nobody else does.
   *
   * @throws TrailError `execution_not_found` when something is told of an execution that was not told to have started;
   *   `event_expired` and its kin when the database refuses a time; the cause is that of one observation at least
   */
  async record(
    batch: readonly SourcedObservation[],
    confirm: () => Promise<void> = () => Promise.resolve(),
  ): Promise<number> {
    if (batch.length === 0) return 0
    return await this.#inSource((known) => {
      const ids = new Set(known)
      const fresh = batch.filter(({ id }) => !ids.has(id))
      const added = fresh.map(({ id }) => id)
      return {
        fresh: fresh.map(({ observation }) => observation),
        note: fresh.length < batch.length ? [...known, ...added] : added,
      }
    }, confirm)
  }

  /**
   * Puts on record what is new of a history, in one transaction, all of it or nothing, and returns how much that was. The
   * history of this source may be told any number of times, whole or as far as it is known, by any number of processes:
   * what is told up to the last number that was read is known, and what happens `once` is, whoever told of it. Null when
   * what it is told `after` is not on record: then nothing is put there, and it has to be told from an earlier event on.
   *
   * @throws TrailError as `record`
   */
  async recordHistory({ told, through, after = 0 }: ObservedHistory): Promise<number | null> {
    let isBehind = false
    const recorded = await this.#inSource((known) => {
      const [place = '0', ...marks] = known
      isBehind = Number(place) < after
      if (isBehind) return { fresh: [], note: known }
      const seen = new Set(marks)
      const fresh = told.filter((each) => isNew(each, Number(place), seen))
      return {
        fresh: fresh.map(({ observation }) => observation),
        note: [String(Math.max(Number(place), through ?? 0)), ...seen],
      }
    })
    return isBehind ? null : recorded
  }

  /** What is chosen by what is known of the source, while nobody else can put anything of it on record. */
  async #inSource(
    choose: (known: readonly string[]) => Chosen,
    confirm: () => Promise<void> = () => Promise.resolve(),
  ): Promise<number> {
    const definitionHash = await this.#registered()
    try {
      const { fresh, asked } = await this.#database.transaction(async (tx) => {
        const known = await this.#lockSource(tx)
        await confirm()
        return await this.#recordIn(tx, { ...choose(known), definitionHash })
      })
      this.#partitions.add(asked)
      return fresh
    } catch (error) {
      // It may be that a month which was known to be there is not any more.
      this.#partitions.forget()
      throw error
    }
  }

  async #recordIn(tx: Query, { fresh, note, definitionHash }: LockedBatch): Promise<Recorded> {
    const asked = fresh.length > 0 ? await this.#write(tx, fresh, definitionHash) : []
    await tx(noteBatch, [this.#options.engine.sourceId, note])
    return { fresh: fresh.length, asked }
  }

  async #registered(): Promise<string> {
    const definition = definitionOfEngine(this.#options.engine)
    this.#definitionHash ??= (await registerDefinitions(this.#database.query, [definition]))[0] ?? null
    if (this.#definitionHash === null) throw new Error(`${definition.name} was not registered`)
    return this.#definitionHash
  }

  async #lockSource(tx: Query): Promise<readonly string[]> {
    const { name, sourceId } = this.#options.engine
    const { rows } = await tx<{ last_batch: string[] }>(lockSource, [sourceId, name])
    return rows[0]?.last_batch ?? []
  }

  async #write(
    tx: Query,
    fresh: readonly Observation[],
    definitionHash: string,
  ): Promise<readonly PartitionMonth[]> {
    const { engine } = this.#options
    const byExecution = Map.groupBy(fresh, ({ execution }) => observedExecutionId(engine, execution))
    const loaded = await loadObserved(tx, [...byExecution.keys()], this.#definitions)
    const advanced = Array.from(byExecution, ([executionId, observations]) => {
      const execution = new ObservedExecution(
        this.#begin(executionId, { observations, loaded, definitionHash }),
        this.#environment(),
      )
      for (const observation of observations) observe(execution, observation, engine)
      return execution.advanced()
    })
    const { asked } = await writeExecutions(
      tx,
      advanced.filter((each) => each !== null),
      { now: loaded.now, partitions: this.#partitions },
    )
    return asked
  }

  #begin(executionId: string, { observations, loaded, definitionHash }: Beginning): LoadedExecution {
    const stored = loaded.executions.get(executionId)
    if (stored) return stored
    const started = observations.find((each) => each.kind === 'started')
    if (!started) throw unknownExecution(observations[0]?.execution ?? '')
    return newObserved(started, this.#options.engine, {
      definitionHash,
      tenant: this.#options.tenant ?? 'default',
    })
  }

  #environment(): ObservedEnvironment {
    return {
      random: () => 0,
      digest: sha256,
      redact: (value: Json) => redact(value, defaultRedaction),
      fits: () => true,
      serviceName: this.#options.serviceName,
    }
  }
}

/** What is to be put on record, and what is kept of it to know it again. */
interface Chosen {
  readonly fresh: readonly Observation[]
  readonly note: readonly string[]
}

interface LockedBatch extends Chosen {
  readonly definitionHash: string
}

/** Whether it is after what is known; notes what happens once. */
function isNew(
  { place, once, insteadOf, withdraws }: PlacedObservation,
  known: number,
  seen: Set<string>,
): boolean {
  if (place !== null && place <= known) return false
  if (withdraws !== undefined) return seen.delete(withdraws)
  if (insteadOf !== undefined) seen.add(insteadOf)
  if (once === undefined) return true
  if (seen.has(once)) return false
  seen.add(once)
  return true
}

interface Recorded {
  readonly fresh: number
  readonly asked: readonly PartitionMonth[]
}

interface Beginning {
  readonly observations: readonly Observation[]
  readonly loaded: ObservedBatch
  readonly definitionHash: string
}

const lockSource = `
insert into observed_sources (source_id, engine)
values ($1, $2)
on conflict (source_id) do update
set engine = excluded.engine
returning last_batch`

const noteBatch = `
update observed_sources
set last_batch = $2::text[],
    recorded_at = clock_timestamp()
where source_id = $1`

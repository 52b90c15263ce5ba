import type { Workplace, Service } from './worker-of.ts'
import { services } from './worker-of.ts'
import type { RunningWorker } from './running-worker.ts'
import { type DatabaseAddress, startWorkerProcess } from './worker-process.ts'
import { startWorkerThread } from './worker-thread.ts'

/** Where workers run: in processes that connect to a server, or in threads of the process with the database. */
export type CrewPlace =
  | { readonly kind: 'processes'; readonly address: DatabaseAddress }
  | { readonly kind: 'threads'; readonly workplace: Workplace }

/** One worker for each service, each in a process or thread of its own. */
export class Crew {
  readonly #place: CrewPlace
  readonly #workers = new Map<Service, RunningWorker>()

  constructor(place: CrewPlace) {
    this.#place = place
  }

  /** Starts a worker for each service that has none. */
  async start(): Promise<void> {
    await Promise.all(
      services.filter((service) => !this.#workers.has(service)).map((service) => this.#start(service)),
    )
  }

  /** The worker of a service. Throws when it has none. */
  worker(service: Service): RunningWorker {
    const worker = this.#workers.get(service)
    if (!worker) throw new Error(`no worker of ${service} is running`)
    return worker
  }

  /** Kills the worker of a service in the middle of whatever it does. `start` puts another in its place. */
  async kill(service: Service): Promise<void> {
    await this.worker(service).kill()
    this.#workers.delete(service)
  }

  /** Lets every worker finish, and ends it. */
  async close(): Promise<void> {
    const workers = [...this.#workers.values()]
    this.#workers.clear()
    await Promise.all(workers.map((worker) => worker.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(service: Service): Promise<void> {
    const worker =
      this.#place.kind === 'processes'
        ? await startWorkerProcess(service, this.#place.address)
        : await startWorkerThread(service, this.#place.workplace)
    this.#workers.set(service, worker)
  }
}

import type { Trail } from '@steptrail/core'
import type { Actor } from '@steptrail/event'
import type { DayPrice } from './exchange.ts'
import type { Jump, PriceStore } from './price-store.ts'

/** What the service works with. */
export interface DataServiceOptions {
  readonly trail: Trail
  readonly store: PriceStore
  readonly exchangeUrl: string
  /** Ties together what is recorded in one run. */
  readonly correlationId: string
}

/** Who does something: a person who is logged in, or the service's own timetable. */
const timetable: Actor = { type: 'system', id: 'timetable' }

/**
 * A small data service. Each of its operations goes on record by itself: how it ended, how long it took, who was behind
 * it, and what it found out on the way. None of them waits for the trail, or fails because of it.
 */
export class DataService {
  readonly #options: DataServiceOptions
  readonly #cache = new Map<string, number>()

  constructor(options: DataServiceOptions) {
    this.#options = options
  }

  /** Downloads the prices of a symbol. An answer other than 200 is an error; a day without a price a warning. */
  download(symbol: string): Promise<void> {
    const { trail, store, exchangeUrl } = this.#options
    const operation = this.#about('stock-data-service', symbol)
    return trail.operation({ ...operation, action: 'stock_price_download', actor: timetable }, async (op) => {
      const response = await fetch(`${exchangeUrl}/prices/${symbol}`)
      if (!response.ok) throw new Error(`the exchange answered ${response.status} for ${symbol}`)
      const prices = (await response.json()) as readonly DayPrice[]
      const records = await store.keep(symbol, prices)
      op.add({ recordsCount: records })
      if (records < prices.length) op.warn(`no price on ${prices.length - records} of ${prices.length} days`)
    })
  }

  /** The last price of a symbol, for a person. */
  retrieve(symbol: string, by: Actor): Promise<number | null> {
    const { trail, store } = this.#options
    const operation = this.#about('frontend', symbol)
    return trail.operation({ ...operation, action: 'stock_data_retrieval', actor: by }, async (op) => {
      const { days, close } = await store.latest(symbol)
      op.add({ recordsCount: days })
      return close
    })
  }

  /** Looks for prices that jumped. */
  scan(scanId: string): Promise<readonly Jump[]> {
    const { trail, store, correlationId } = this.#options
    const operation = {
      action: 'scan_process',
      serviceName: 'background-job',
      actor: timetable,
      correlationId,
    }
    return trail.operation({ ...operation, extraInfo: { scanId } }, async (op) => {
      const jumps = await store.jumps()
      op.add({ found: jumps.map(({ symbol, day, change }) => ({ symbol, day, change })) })
      return jumps
    })
  }

  /** Changes from which share on a price has jumped; the database refuses one that is none. */
  setThreshold(value: number, by: Actor): Promise<void> {
    const { trail, store, correlationId } = this.#options
    const operation = { action: 'config_update', serviceName: 'api-service', actor: by, correlationId }
    const setting = { resourceType: 'setting', resourceId: 'jump_threshold' }
    return trail.operation({ ...operation, ...setting, extraInfo: { after: value } }, async (op) => {
      op.add({ before: await store.setThreshold(value) })
    })
  }

  /** Removes prices from before a day. */
  cleanUp(before: string): Promise<void> {
    const { trail, store, correlationId } = this.#options
    const operation = {
      action: 'data_cleanup',
      serviceName: 'background-job',
      actor: timetable,
      correlationId,
    }
    return trail.operation({ ...operation, extraInfo: { before } }, async (op) => {
      op.add({ removed: await store.removeBefore(before) })
    })
  }

  /** Reads the last prices into memory; a symbol without one is a warning. */
  refreshCache(symbols: readonly string[]): Promise<void> {
    const { trail, store, correlationId } = this.#options
    const operation = { action: 'cache_refresh', serviceName: 'system', actor: timetable, correlationId }
    return trail.operation(operation, async (op) => {
      for (const symbol of symbols) {
        const { close } = await store.latest(symbol)
        if (close === null) op.warn(`${symbol} has no price`)
        else this.#cache.set(symbol, close)
      }
      op.add({ symbols: this.#cache.size })
    })
  }

  #about(
    serviceName: string,
    symbol: string,
  ): {
    readonly serviceName: string
    readonly correlationId: string
    readonly resourceType: string
    readonly resourceId: string
    readonly extraInfo: { readonly symbol: string }
  } {
    const { correlationId } = this.#options
    return { serviceName, correlationId, resourceType: 'symbol', resourceId: symbol, extraInfo: { symbol } }
  }
}

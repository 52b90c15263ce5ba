import { type EventInput, knownActions, knownSources } from '@steptrail/event'

const people = ['mary@example.org', 'bob@example.org', 'carol@example.org'] as const
const symbols = ['ACME', 'GLOBEX', 'INITECH', 'UMBRELLA'] as const

const messages = {
  stock_price_download: (symbol: string) => `Downloaded prices of ${symbol}`,
  stock_data_retrieval: (symbol: string) => `Read 90 days of ${symbol}`,
  scan_process: (symbol: string) => `Scanned ${symbol} for gaps`,
  config_update: (symbol: string) => `Changed the retry limit for ${symbol}`,
  data_cleanup: () => 'Removed prices older than two years',
  cache_refresh: (symbol: string) => `Warmed the cache of ${symbol}`,
} as const

const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item

/** An operation of a data service, the same for the same number: mostly well, now and then not. */
export function dataOperation(number: number, atMs: number): EventInput {
  const action = pick(knownActions, number * 7 + Math.floor(number / 5))
  const symbol = pick(symbols, number * 3)
  const [isFailure, isWarning] = [number % 19 === 4, number % 13 === 6]
  return {
    timestamp: new Date(atMs).toISOString(),
    eventType: 'OPERATION',
    action,
    serviceName: pick(knownSources.slice(0, 4), number * 5 + Math.floor(number / 3)),
    actorType: 'user',
    actorId: pick(people, number),
    status: isFailure ? 'FAILED' : isWarning ? 'WARNING' : 'SUCCESS',
    severity: isFailure ? 'error' : isWarning ? 'warning' : 'info',
    durationMs: 20 + ((number * 137) % 2_400),
    message: isFailure ? `The exchange answered 503 for ${symbol}` : messages[action](symbol),
    details: { symbol, records_count: (number * 53) % 1_000, ...(isWarning && { skipped: number % 9 }) },
  }
}

/** So many operations over the days before `nowMs`, the earliest first, more of them by day than by night. */
export function operationsOf(days: number, count: number, nowMs: number): readonly EventInput[] {
  const spanMs = days * 86_400_000
  return Array.from({ length: count }, (_, index) => {
    const even = nowMs - spanMs + ((index + 1) / count) * spanMs - 1
    const wave = Math.sin((even / 86_400_000) * 2 * Math.PI) * 5_400_000
    return dataOperation(index, Math.round(Math.min(nowMs - 1, even + wave)))
  })
}

/** Actions that a data service commonly records. A suggestion: `action` is open to any other. */
export const knownActions = [
  'stock_price_download',
  'stock_data_retrieval',
  'scan_process',
  'config_update',
  'data_cleanup',
  'cache_refresh',
] as const

/** Sources (`serviceName`) that commonly record. A suggestion: any other is as good. */
export const knownSources = [
  'api-service',
  'stock-data-service',
  'frontend',
  'background-job',
  'system',
] as const

/** Every result an event can have; see `outcomeOf`. */
export const outcomes = ['success', 'failure', 'warning'] as const
export type Outcome = (typeof outcomes)[number]

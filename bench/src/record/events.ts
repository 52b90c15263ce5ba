import type { EventInput } from '@steptrail/event'

/** An event as a data service records it after a download: the usual columns, and details of some depth. */
export const downloadEvent = (number: number): EventInput => ({
  eventType: 'OPERATION',
  action: 'stock_price_download',
  status: 'SUCCESS',
  serviceName: 'stock-data-service',
  actorType: 'user',
  actorId: 'anna@example.com',
  correlationId: `request-${number}`,
  resourceType: 'symbol',
  resourceId: 'AAPL',
  durationMs: 400 + (number % 100),
  message: 'Successfully downloaded data for AAPL',
  details: {
    symbol: 'AAPL',
    records_count: 100 + (number % 900),
    range: { from: '2025-01-01', to: '2025-11-04' },
    cached: false,
    tags: ['daily', 'adjusted'],
  },
})

import { expect, test } from 'vitest'
import { outcomeOf } from './event-json.ts'
import { knownActions, knownSources, outcomes } from './operation-vocabulary.ts'
import { eventStatuses } from './record.ts'

test('the vocabulary is the one that operations pages know', () => {
  expect(knownActions).toEqual([
    'stock_price_download',
    'stock_data_retrieval',
    'scan_process',
    'config_update',
    'data_cleanup',
    'cache_refresh',
  ])
  expect(knownSources).toEqual(['api-service', 'stock-data-service', 'frontend', 'background-job', 'system'])
  expect(outcomes).toEqual(['success', 'failure', 'warning'])
})

test('every status has an outcome of the vocabulary, and none is left over', () => {
  expect(eventStatuses.map((status) => outcomeOf({ status, severity: 'info' }))).toEqual([...outcomes])
})

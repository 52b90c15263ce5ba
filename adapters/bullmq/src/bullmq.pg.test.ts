import { describe } from 'vitest'
import { openPostgres } from '../test/backend.ts'
import { describeJobs } from '../test/describe-jobs.ts'

describe('BullMQ on PostgreSQL', () => {
  describeJobs(openPostgres)
})

import { describeOnRedis } from '@steptrail/testkit'
import { openRedisBackend } from '../test/backend.ts'
import { describeJobs } from '../test/describe-jobs.ts'

describeOnRedis('BullMQ', () => {
  describeJobs(openRedisBackend)
})

import { proxyActivities } from '@temporalio/workflow'

interface Activities {
  reserve(): Promise<string>
  charge(): Promise<string>
}

const { reserve, charge } = proxyActivities<Activities>({
  startToCloseTimeout: '60s',
  retry: { maximumAttempts: 3 },
})

/** The workflow that made histories are of, as long as they are `reserve`, `charge`. */
export async function order(): Promise<string> {
  await reserve()
  await charge()
  return 'done'
}

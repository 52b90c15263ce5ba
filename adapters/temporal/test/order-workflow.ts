import { defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow'

interface Activities {
  reserve(): Promise<string>
  charge(): Promise<string>
}

const { reserve, charge } = proxyActivities<Activities>({
  startToCloseTimeout: '60s',
  retry: { maximumAttempts: 3 },
})

/** The workflow that made histories are of, as long as they are `reserve`, `charge`, with updates of this name meanwhile. */
export async function order(): Promise<string> {
  setHandler(defineUpdate<string>('approve'), () => 'yes')
  await reserve()
  await charge()
  return 'done'
}

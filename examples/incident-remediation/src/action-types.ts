import type { ActionTypeInput } from '@steptrail/catalog'

const type = (
  actionType: string,
  what: string,
  when: readonly [toUse: string, notToUse: string],
): ActionTypeInput => ({
  actionType,
  what,
  whenToUse: when[0],
  whenNotToUse: when[1],
})

/** What can be done about an incident in the cluster. */
export const actionTypes: readonly ActionTypeInput[] = [
  type('ScaleReplicas', 'Changes the number of replicas of a deployment.', [
    'There is more load than the replicas carry.',
    'Memory or a dependency is the limit.',
  ]),
  type('RestartPod', 'Restarts one pod.', ['A single pod hangs.', 'All pods of the deployment hang.']),
  type('IncreaseCPULimits', 'Gives the pods of a deployment more processor time.', [
    'Pods are throttled.',
    'The nodes are full.',
  ]),
  type('IncreaseMemoryLimits', 'Gives the pods of a deployment more memory.', [
    'Pods are killed for want of memory.',
    'Memory leaks: a restart buys time.',
  ]),
  type('RollbackDeployment', 'Goes back to the revision before.', [
    'Trouble began with a release.',
    'The release changed the schema of a database.',
  ]),
  type('DrainNode', 'Moves all pods off a node.', ['A node is failing.', 'Other nodes have no room.']),
  type('CordonNode', 'Lets no new pods onto a node.', [
    'A node is suspect.',
    'The node is the only one of its kind.',
  ]),
  type('RestartDeployment', 'Restarts all pods of a deployment, one after the other.', [
    'All pods hang or leak.',
    'The first pod does not come back.',
  ]),
  type('CleanupNode', 'Frees disk space on a node.', ['A disk is nearly full.', 'What fills it is data.']),
  type('DeletePod', 'Deletes a pod, so that another takes its place.', [
    'A pod is stuck in its phase.',
    'The pod belongs to nobody who would replace it.',
  ]),
]

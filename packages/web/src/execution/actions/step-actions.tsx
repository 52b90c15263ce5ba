import { Button, Group } from '@mantine/core'
import type { Execution, StepAction } from '@steptrail/client'
import { useState } from 'react'
import { useConnection } from '../../connection/connection.tsx'
import { OrderDialog } from './order-dialog.tsx'
import { type StepOrder, stepOrdersFor } from './orders.ts'
import { visible } from '../../text/visible.ts'
import { useOrdered } from './use-ordered.ts'

/** A step of an execution. */
export interface StepActionsProps {
  readonly execution: Execution
  readonly step: Execution['steps'][number]
}

/** What an operator can order of a step as it stands. */
export function StepActions({ execution, step }: StepActionsProps) {
  const { client } = useConnection()
  const ordered = useOrdered(execution.executionId)
  const [chosen, setChosen] = useState<StepOrder | null>(null)
  const orders = stepOrdersFor(execution, step)
  if (orders.length === 0) return null
  return (
    <Group gap="xs" my="xs">
      {orders.map((order) => (
        <Button key={order.action} size="xs" variant="default" onClick={() => setChosen(order)}>
          {titleOf(order, step)}
        </Button>
      ))}
      {chosen ? (
        <OrderDialog
          title={titleOf(chosen, step)}
          effect={chosen.effect}
          tone={chosen.tone}
          asksOutput={chosen.action === 'resolve'}
          give={async (by) => {
            const order = { action: chosen.action, ...by } as StepAction
            ordered(
              await client.executions.actOnStep(
                { executionId: execution.executionId, step: step.stepId },
                order,
              ),
            )
          }}
          onClose={() => setChosen(null)}
        />
      ) : null}
    </Group>
  )
}

const titleOf = ({ label }: StepOrder, { name, operationType }: StepActionsProps['step']): string =>
  `${label} ${visible(name)} ${operationType}`

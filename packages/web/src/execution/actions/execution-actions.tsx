import { Button, Group } from '@mantine/core'
import type { Execution, ExecutionAction } from '@steptrail/client'
import { useState } from 'react'
import { useConnection } from '../../connection/connection.tsx'
import { OrderDialog } from './order-dialog.tsx'
import { type ExecutionOrder, ordersFor } from './orders.ts'
import { useOrdered } from './use-ordered.ts'

/** What an operator can order of the execution as it stands. */
export function ExecutionActions({ execution }: { readonly execution: Execution }) {
  const { client } = useConnection()
  const ordered = useOrdered(execution.executionId)
  const [chosen, setChosen] = useState<ExecutionOrder | null>(null)
  return (
    <Group gap="xs">
      {ordersFor(execution).map((order) => (
        <Button
          key={order.label}
          size="xs"
          variant={order.tone === 'danger' ? 'outline' : 'filled'}
          {...(order.tone === 'danger' && { color: 'var(--fail)' })}
          onClick={() => setChosen(order)}
        >
          {order.label}
        </Button>
      ))}
      {chosen ? (
        <OrderDialog
          title={chosen.label}
          effect={chosen.effect}
          tone={chosen.tone}
          asksOutput={false}
          give={async ({ output: _, ...by }) => {
            const { action, rollback } = chosen
            const order = { action, ...(rollback !== undefined && { rollback }), ...by } as ExecutionAction
            ordered(await client.executions.act(execution.executionId, order))
          }}
          onClose={() => setChosen(null)}
        />
      ) : null}
    </Group>
  )
}

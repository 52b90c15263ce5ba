import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { GridTable } from '../administration/grid-table.tsx'
import { Panel } from '../administration/panel.tsx'
import { useConnection } from '../connection/connection.tsx'
import { codeOf } from '../connection/failure-code.ts'
import { Callout } from '../states/callout.tsx'
import { keptForAll } from '../storage/keeping-storage.ts'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import classes from './integrity.module.css'
import { checkGrowth, type Growth, rememberedCheckpoints } from './remembered.ts'

/** Whether the log continues what this browser saw of it, whatever the server says. */
export function GrowthPanel() {
  const { client } = useConnection()
  const growth = useQuery({
    queryKey: ['log', 'growth'],
    queryFn: async ({ signal }) => {
      try {
        return await checkGrowth(client, keptForAll, signal)
      } catch (error) {
        if (codeOf(error) === 'log_not_begun') return null
        throw error
      }
    },
    refetchOnWindowFocus: false,
  })
  return (
    <Panel
      title="Growth"
      about="This browser remembers the checkpoints that it sees, and proves that the log continues each of them."
      query={growth}
      actions={
        <Button variant="default" loading={growth.isFetching} onClick={() => void growth.refetch()}>
          Prove it again
        </Button>
      }
    >
      {(found) => (
        <>
          {found ? <Found growth={found} /> : <p className="faint">There is no checkpoint yet.</p>}
          <Remembered />
        </>
      )}
    </Panel>
  )
}

function Found({ growth }: { readonly growth: Growth }) {
  if (growth.kind === 'first')
    return <p className={classes['note']}>This is the first checkpoint that this browser sees of this log.</p>
  const { since } = growth
  const seen = new Date(since.seenAt).toISOString()
  if (growth.kind === 'broken')
    return (
      <Callout tone="bad" isAnswer title="The log does not continue what it was">
        <VisibleText text={growth.problem} /> It was seen at <Moment at={seen} />.
      </Callout>
    )
  return (
    <p className={classes['note']} role="status">
      <strong>✓ The log only grew</strong>: its {growth.size.toLocaleString('en')} entries begin with the{' '}
      {since.size.toLocaleString('en')} that this browser saw at <Moment at={seen} />.
    </p>
  )
}

const Remembered = () => (
  <GridTable
    label="Checkpoints that this browser remembers"
    columns={['Seen', 'Log', 'Entries', 'Root']}
    none="None."
    rows={rememberedCheckpoints(keptForAll)
      .slice(0, 10)
      .map(({ origin, size, root, seenAt }) => ({
        key: `${origin} ${size} ${root}`,
        cells: [
          <Moment key="seen" at={new Date(seenAt).toISOString()} />,
          <VisibleText key="origin" text={origin} limit={120} />,
          size.toLocaleString('en'),
          <span key="root" className="mono" title={root}>
            {root.slice(0, 16)}…
          </span>,
        ],
      }))}
  />
)

import { Button } from '@mantine/core'
import type { CreatedKey, Key } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { GridTable } from './grid-table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { Panel } from './panel.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'
import { SecretDialog } from './secret-dialog.tsx'

/** Who has keys, for what and which tenant, and when they were used. */
export function KeysPanel() {
  const { client } = useConnection()
  const [isMaking, setIsMaking] = useState(false)
  const [made, setMade] = useState<CreatedKey | null>(null)
  const [revoked, setRevoked] = useState<Key | null>(null)
  const keys = useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => client.keys.list({ signal }) })
  return (
    <>
      <Panel
        title="Keys"
        about="What a key does is recorded under its name. A key of a tenant sees and records for that tenant alone."
        query={keys}
        actions={<Button onClick={() => setIsMaking(true)}>Make a key</Button>}
      >
        {(all) => <Keys keys={all} onRevoke={setRevoked} />}
      </Panel>
      {isMaking ? (
        <NewKeyDialog isFirst={keys.data?.length === 0} onMade={setMade} onClose={() => setIsMaking(false)} />
      ) : null}
      {made ? <SecretDialog made={made} onClose={() => setMade(null)} /> : null}
      {revoked ? <RevokeDialog revoked={revoked} onClose={() => setRevoked(null)} /> : null}
    </>
  )
}

interface KeysProps {
  readonly keys: readonly Key[]
  readonly onRevoke: (key: Key) => void
}

const Keys = ({ keys, onRevoke }: KeysProps) => (
  <GridTable
    label="Keys"
    columns={['Name', 'May', 'Tenant', 'Made', 'Last used', 'Expires', 'State']}
    none="There is none, so everybody who reaches this server may do everything. The first key ends that."
    rows={keys.map((key) => ({
      key: key.keyId,
      isOver: key.revokedAt !== null,
      cells: [
        <VisibleText key="name" text={key.name} limit={80} />,
        key.scopes.join(', '),
        key.tenant === null ? 'every' : <VisibleText key="tenant" text={key.tenant} limit={80} />,
        <Moment key="made" at={key.createdAt} />,
        key.lastUsedAt === null ? 'never' : <Moment key="used" at={key.lastUsedAt} />,
        key.expiresAt === null ? 'never' : <Moment key="expires" at={key.expiresAt} />,
        key.revokedAt === null ? (
          <Button key="state" size="compact-xs" variant="default" onClick={() => onRevoke(key)}>
            Revoke
          </Button>
        ) : (
          <span key="state">
            revoked <Moment at={key.revokedAt} />
          </span>
        ),
      ],
    }))}
  />
)

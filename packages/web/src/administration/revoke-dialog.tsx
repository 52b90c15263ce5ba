import type { Key } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'
import { FormDialog } from './form-dialog.tsx'

/** The key that is to count no more. */
export interface RevokeDialogProps {
  readonly revoked: Key
  readonly onClose: () => void
}

/** Asks once more before a key is revoked. */
export function RevokeDialog({ revoked, onClose }: RevokeDialogProps) {
  const { client } = useConnection()
  const queries = useQueryClient()
  return (
    <FormDialog
      title="Revoke a key"
      effect={`Whoever has ${revoked.name.slice(0, 80)} is refused from now on. It cannot be taken back.`}
      submitLabel="Revoke it"
      tone="danger"
      isComplete
      onSubmit={async () => {
        await client.keys.revoke(revoked.keyId)
        await queries.invalidateQueries({ queryKey: ['keys'] })
      }}
      onClose={onClose}
    >
      {null}
    </FormDialog>
  )
}

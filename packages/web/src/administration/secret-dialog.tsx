import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import type { CreatedKey } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'
import { Dialog } from '../dialog/dialog.tsx'
import { VisibleText } from '../text/visible-text.tsx'

/** A key that was made, with its secret. */
export interface SecretDialogProps {
  readonly made: CreatedKey
  readonly onClose: () => void
}

/** Shows the secret of a key, this once. */
export function SecretDialog({ made: { key, secret }, onClose }: SecretDialogProps) {
  const { apiKey, changeKey } = useConnection()
  const queries = useQueryClient()
  const close = (): void => {
    onClose()
    void queries.invalidateQueries({ queryKey: ['keys'] })
  }
  return (
    <Dialog onClose={close} title="The key is made" closesByClickBeside={false}>
      <Stack>
        <Text>
          The secret of <VisibleText text={key.name} limit={80} /> is shown now and never again: the server
          keeps a digest of it.
        </Text>
        <Code block aria-label="The secret">
          {secret}
        </Code>
        <Group justify="end">
          {apiKey === null ? (
            <Button variant="default" onClick={() => changeKey(secret)}>
              Use it in this tab
            </Button>
          ) : null}
          <CopyButton value={secret}>
            {({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy it'}</Button>}
          </CopyButton>
          <Button variant="default" onClick={close}>
            I have it
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

import { Button, Text } from '@mantine/core'
import { useConnection } from './connection.tsx'

/** Whether this page speaks with a key; without one, what that means. */
export function AccessNote() {
  const { apiKey, changeKey } = useConnection()
  if (apiKey === null)
    return (
      <Text size="xs" className="faint">
        Without a key: while the server asks for none, everybody who reaches it can read and act.
      </Text>
    )
  return (
    <Button size="compact-xs" variant="default" onClick={() => changeKey(null)}>
      Forget the key
    </Button>
  )
}

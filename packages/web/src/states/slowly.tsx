import { Skeleton, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'

/** After how long a wait is told of. */
const patienceMs = 3_000

/** In place of content that is being read; after a while it says for how long. */
export function Slowly({ what, lines = 6 }: { readonly what: string; readonly lines?: number }) {
  const waitedSeconds = useWaitedSeconds()
  return (
    <Stack gap="sm" p="md" role="status" aria-label={`Reading ${what}`}>
      {waitedSeconds * 1000 < patienceMs ? null : (
        <Text className="faint">
          The server has not answered for {waitedSeconds} s. It is still being waited for.
        </Text>
      )}
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={18} width={`${92 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  )
}

function useWaitedSeconds(): number {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds((waited) => waited + 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  return seconds
}

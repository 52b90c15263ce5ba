import { Stack, TextInput, Title } from '@mantine/core'
import { formatDuration } from '@steptrail/workflow/timeline'
import { GridTable } from '../administration/grid-table.tsx'
import { Panel } from '../administration/panel.tsx'
import { Facts } from '../execution/facts.tsx'
import { Callout } from '../states/callout.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { GrowthPanel } from './growth-panel.tsx'
import { PackDrop } from './pack-drop.tsx'
import { useTrustedKey } from './trusted-key.ts'
import { type LogStanding, unsealedAgeMs, unsealedWords, useLogStanding } from './use-log.ts'

/** `/integrity`: what is sealed and signed, whether the log only grew, and whether a pack is what was recorded. */
export function IntegrityPage() {
  const status = useLogStanding()
  // Held once, so that a pack is verified with the key that is shown.
  const [trustedKey, setTrustedKey] = useTrustedKey()
  return (
    <Stack className="page" gap={0}>
      <Title order={1} size="h3" mb="md">
        Integrity
      </Title>
      <Panel
        title="The log"
        about="What is recorded is sealed into a Merkle tree, whose size and root are signed as a checkpoint."
        query={status}
      >
        {(data) => <Standing status={data} />}
      </Panel>
      <GrowthPanel />
      <TrustedKey value={trustedKey} onChange={setTrustedKey} />
      <PackDrop trustedKey={trustedKey} />
    </Stack>
  )
}

function Standing({ status }: { readonly status: LogStanding }) {
  const { logs, sealer, last_verification: verification } = status
  const age = unsealedAgeMs(status)
  return (
    <Stack gap="sm">
      {sealer.state === 'in trouble' ? (
        <Callout tone="bad" title="This server cannot seal">
          <VisibleText text={sealer.detail ?? ''} />
        </Callout>
      ) : null}
      {verification?.outcome === 'defect' ? (
        <Callout tone="bad" title="The last verification found a defect">
          <VisibleText text={verification.defect ?? 'Its words are for administrators.'} />
        </Callout>
      ) : null}
      <Facts
        facts={[
          ['Sealer of this server', sealer.state],
          ['Waiting to be sealed', unsealedWords(status)],
          ['The oldest waits for', age === null ? null : formatDuration(age)],
          [
            'Last verified',
            verification === null ? (
              <span key="never">
                never: <code>steptrail verify</code> does it
              </span>
            ) : (
              <span key="verified">
                <Moment at={verification.at} />,{' '}
                {verification.outcome === 'verified' ? 'all was well' : 'a defect'}
              </span>
            ),
          ],
        ]}
      />
      <GridTable
        label="Logs"
        columns={['Log', 'Entries', 'Signed', 'Last checkpoint', 'Begun', 'Key']}
        none="Nothing has been sealed yet."
        rows={logs.map((log) => ({
          key: log.origin,
          isOver: log.ended_at !== null,
          cells: [
            <VisibleText key="origin" text={log.origin} limit={120} />,
            log.size.toLocaleString('en'),
            log.signed_size.toLocaleString('en'),
            log.signed_at === null ? 'none yet' : <Moment key="signed" at={log.signed_at} />,
            <Moment key="begun" at={log.begun_at} />,
            <span key="keys" className="mono">
              <VisibleText text={log.keys.join('\n')} limit={300} />
            </span>,
          ],
        }))}
      />
    </Stack>
  )
}

interface TrustedKeyProps {
  readonly value: string
  readonly onChange: (key: string) => void
}

function TrustedKey({ value, onChange }: TrustedKeyProps) {
  return (
    <TextInput
      mb="xl"
      maw="48rem"
      label="The key that you trust"
      description="A verifier key that you have from elsewhere. Without one, the key in a pack is believed. This browser keeps it."
      placeholder="name+hash+base64"
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

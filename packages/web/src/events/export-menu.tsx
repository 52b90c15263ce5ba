import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { Callout } from '../states/callout.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import type { EventFilters } from './events-search.ts'
import { type ExportFormat, saveExport } from './save-export.ts'

type Exporting =
  | { readonly state: 'idle' }
  | { readonly state: 'reading'; readonly bytes: number }
  | { readonly state: 'saved'; readonly events: number; readonly format: ExportFormat }
  | { readonly state: 'failed'; readonly reason: string }

const formatNames = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' } as const

/** Saves all events that match, not only those that are shown. */
export function ExportMenu({ filters }: { readonly filters: EventFilters }) {
  const { client } = useConnection()
  const [exporting, setExporting] = useState<Exporting>({ state: 'idle' })
  const save = async (format: ExportFormat): Promise<void> => {
    setExporting({ state: 'reading', bytes: 0 })
    try {
      const stream = await client.events.export({ format, ...filters })
      const events = await saveExport(stream, {
        format,
        onBytes: (bytes) => setExporting({ state: 'reading', bytes }),
      })
      setExporting({ state: 'saved', events, format })
    } catch (error) {
      setExporting({ state: 'failed', reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button size="xs" variant="default" loading={exporting.state === 'reading'}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>All that match the filter</Menu.Label>
          <Menu.Item onClick={() => void save('csv')}>CSV, for a spreadsheet</Menu.Item>
          <Menu.Item onClick={() => void save('ndjson')}>NDJSON, an event a line</Menu.Item>
          <Menu.Item onClick={() => void save('parquet')}>Parquet, for analysis</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ExportNote exporting={exporting} />
    </>
  )
}

function ExportNote({ exporting }: { readonly exporting: Exporting }) {
  switch (exporting.state) {
    case 'idle':
      return null
    case 'reading':
      return <span role="status">{Math.round(exporting.bytes / 1024).toLocaleString('en')} KB</span>
    case 'saved':
      return (
        <span role="status">
          Saved {exporting.events.toLocaleString('en')} {exporting.events === 1 ? 'event' : 'events'} as{' '}
          {formatNames[exporting.format]}
        </span>
      )
    case 'failed':
      return (
        <Callout tone="bad" isAnswer title="The export is not whole, and was not saved">
          <VisibleText text={exporting.reason} />
        </Callout>
      )
  }
}

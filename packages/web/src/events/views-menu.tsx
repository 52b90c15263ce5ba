import { Button, Popover, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { type SubmitEvent, useState } from 'react'
import { keptForAll } from '../storage/keeping-storage.ts'
import { visible } from '../text/visible.ts'
import { type EventFilters, eventFilters, isFiltered } from './events-search.ts'

/** The filter that may be saved, and who is told of one that is chosen. */
export interface ViewsMenuProps {
  readonly filters: EventFilters
  readonly onChoose: (filters: EventFilters) => void
}

const storageKey = 'steptrail.event-views'

type Views = Readonly<Record<string, EventFilters>>

/** Filters under names of the reader's, kept by the browser. */
export function ViewsMenu({ filters, onChoose }: ViewsMenuProps) {
  const [views, setViews] = useState(readViews)
  const [name, setName] = useState('')
  const [isOpen, { toggle, close }] = useDisclosure(false)
  // Another tab may have changed them meanwhile.
  const open = (): void => {
    setViews(readViews())
    toggle()
  }
  const keep = (next: Views): void => {
    setViews(next)
    keptForAll.setItem(storageKey, JSON.stringify(next))
  }
  const save = (event: SubmitEvent): void => {
    event.preventDefault()
    if (name.trim() === '') return
    keep({ ...readViews(), [name.trim()]: filters })
    setName('')
  }
  const choose = (view: EventFilters): void => {
    close()
    onChoose(view)
  }
  // The button goes with the views: it is left first, so that the focus is given back.
  const forget = (): void => {
    close()
    keep({})
  }
  const saved = Object.entries(views)
  return (
    <Popover
      position="bottom-end"
      withinPortal={false}
      trapFocus
      returnFocus
      opened={isOpen}
      onChange={(opens) => opens || close()}
    >
      <Popover.Target>
        <Button size="xs" variant="default" onClick={open}>
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {saved.length === 0 ? <span className="faint">No view is saved yet</span> : null}
          {saved.map(([each, view]) => (
            <Button key={each} size="xs" variant="default" justify="start" onClick={() => choose(view)}>
              {visible(each)}
            </Button>
          ))}
          {isFiltered(filters) ? (
            <form onSubmit={save}>
              <TextInput
                size="xs"
                label="Save this filter as"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            </form>
          ) : null}
          {saved.length === 0 ? null : (
            <Button size="xs" variant="subtle" color="red.9" onClick={forget}>
              Forget all views
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

/** What was kept; what is none of ours is as if nothing was. */
function readViews(): Views {
  const kept: unknown = parsed(keptForAll.getItem(storageKey) ?? '{}')
  if (typeof kept !== 'object' || kept === null) return {}
  return Object.fromEntries(
    Object.entries(kept).map(([name, view]) => [name, eventFilters((view ?? {}) as Record<string, unknown>)]),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

import { Button, Menu, TextInput } from '@mantine/core'
import { type SubmitEvent, useState } from 'react'
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
  const keep = (next: Views): void => {
    setViews(next)
    localStorage.setItem(storageKey, JSON.stringify(next))
  }
  const save = (event: SubmitEvent): void => {
    event.preventDefault()
    if (name.trim() === '') return
    keep({ ...views, [name.trim()]: filters })
    setName('')
  }
  return (
    <Menu position="bottom-end" withinPortal={false} closeOnItemClick trapFocus={false}>
      <Menu.Target>
        <Button size="xs" variant="default">
          Views
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.keys(views).length === 0 ? <Menu.Label>No view is saved yet</Menu.Label> : null}
        {Object.entries(views).map(([saved, view]) => (
          <Menu.Item key={saved} onClick={() => onChoose(view)}>
            {saved}
          </Menu.Item>
        ))}
        {Object.keys(views).length === 0 ? null : (
          <>
            <Menu.Divider />
            <Menu.Item color="red.9" onClick={() => keep({})}>
              Forget all views
            </Menu.Item>
          </>
        )}
        {isFiltered(filters) ? (
          <form onSubmit={save}>
            <TextInput
              m="xs"
              label="Save this filter as"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
          </form>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  )
}

/** What was kept; what is none of ours is as if nothing was. */
function readViews(): Views {
  const kept: unknown = parsed(localStorage.getItem(storageKey) ?? '{}')
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

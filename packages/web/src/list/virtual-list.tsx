import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import { PrintedPart } from '../printing/printed-part.tsx'
import { mostPrintedRows, useIsPrinting } from '../printing/use-is-printing.ts'
import classes from './virtual-list.module.css'

/** A long list of which one item may be selected. */
export interface VirtualListProps<Item> {
  readonly label: string
  readonly items: readonly Item[]
  /** Pixels of a row. */
  readonly rowHeight: number
  readonly keyOf: (item: Item) => string
  readonly renderRow: (item: Item, index: number) => ReactNode
  readonly selectedKey: string | null
  readonly onSelect: (item: Item) => void
  /** Told when the last rows are in sight. */
  readonly onEnd?: (() => void) | undefined
  readonly className?: string | undefined
}

/** Rows from the end at which more is asked for, so that who scrolls on does not wait. */
const rowsAhead = 100

/**
 * Draws only the rows in sight. Arrow keys, Page Up and Down, Home and End move the selection; the list goes to what is
 * selected, whatever selects it.
 */
export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { label, items, rowHeight, keyOf, renderRow, selectedKey, onSelect, onEnd } = props
  const id = useId()
  const scrollRef = useRef<HTMLDivElement>(null)
  const isPrinting = useIsPrinting()
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(items[index] as Item),
    overscan: isPrinting ? mostPrintedRows : 12,
  })
  const drawn = rows.getVirtualItems()
  const selectedIndex = useMemo(
    () => (selectedKey === null ? -1 : items.findIndex((item) => keyOf(item) === selectedKey)),
    [items, keyOf, selectedKey],
  )
  // What an address names may come with the rest of the list.
  const isListed = selectedIndex >= 0
  const isDrawn = drawn.some(({ index }) => index === selectedIndex)
  const isEndInSight = (drawn.at(-1)?.index ?? 0) >= items.length - rowsAhead
  useStillness({ scrollRef, items, keyOf, rowHeight })
  useEffect(() => {
    if (isEndInSight && !isPrinting) onEnd?.()
  }, [isEndInSight, isPrinting, onEnd, items.length])
  useEffect(() => {
    if (isListed) rows.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedKey, isListed])
  const select = (index: number): void => {
    const item = items[Math.min(items.length - 1, Math.max(0, index))]
    if (item !== undefined) onSelect(item)
  }
  const perPage = (): number => Math.floor((scrollRef.current?.clientHeight ?? 0) / rowHeight)
  const takeKey = (event: KeyboardEvent): void => {
    const next = nextIndex(event.key, { at: selectedIndex, count: items.length, perPage: perPage() })
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    select(next)
  }
  return (
    <>
      <div
        ref={scrollRef}
        className={`${classes['scroll']} ${props.className ?? ''}`}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={isDrawn ? `${id}-${selectedIndex}` : undefined}
        onKeyDown={takeKey}
      >
        <div className={classes['canvas']} style={{ height: rows.getTotalSize() }} role="presentation">
          {drawn.map(({ index, key, start }) => (
            <div
              key={key}
              id={`${id}-${index}`}
              className={classes['row']}
              role="option"
              aria-selected={index === selectedIndex}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              onClick={() => select(index)}
            >
              {renderRow(items[index] as Item, index)}
            </div>
          ))}
        </div>
      </div>
      <PrintedPart drawn={drawn} count={items.length} what={label.toLowerCase()} />
    </>
  )
}

interface StillnessOptions<Item> extends Pick<VirtualListProps<Item>, 'items' | 'keyOf' | 'rowHeight'> {
  readonly scrollRef: RefObject<HTMLDivElement | null>
}

/** What comes above does not move what a reader looks at, who has scrolled down. */
function useStillness<Item>({ scrollRef, items, keyOf, rowHeight }: StillnessOptions<Item>): void {
  const before = useRef<string | null>(null)
  useLayoutEffect(() => {
    const [first] = items
    const element = scrollRef.current
    const above = before.current === null ? 0 : items.findIndex((item) => keyOf(item) === before.current)
    if (element && element.scrollTop > 0 && above > 0) element.scrollTop += above * rowHeight
    before.current = first === undefined ? null : keyOf(first)
  }, [items, keyOf, rowHeight, scrollRef])
}

/** Where a key leads in a list; null for a key that leads nowhere. */
function nextIndex(
  key: string,
  { at, count, perPage }: { readonly at: number; readonly count: number; readonly perPage: number },
): number | null {
  switch (key) {
    case 'ArrowDown':
      return at + 1
    case 'ArrowUp':
      return at < 0 ? 0 : at - 1
    case 'PageDown':
      return at + perPage
    case 'PageUp':
      return at - perPage
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}

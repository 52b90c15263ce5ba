import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type RefObject } from 'react'
import type { ChartItem, ChartLayout } from './chart-layout.ts'
import { PrintedPart } from '../../printing/printed-part.tsx'
import { mostPrintedRows, useIsPrinting } from '../../printing/use-is-printing.ts'
import { LaneRow } from './lane-row.tsx'
import { type KeyContext, takeKey } from './take-key.ts'
import { GridLines } from './time-axis.tsx'
import classes from './timeline.module.css'

/** Lanes where they are placed, and what acts on them. */
export interface LanesProps extends KeyContext {
  readonly scrollRef: RefObject<HTMLDivElement | null>
  readonly layout: ChartLayout
  readonly width: number
  readonly isPlaced: boolean
}

/** The lanes in sight. It alone is drawn again while they scroll by, and not what stands around them. */
export function Lanes({ scrollRef, layout, width, isPlaced, ...context }: LanesProps) {
  const { selected, onSelect } = context
  const isPrinting = useIsPrinting()
  const rows = useVirtualizer({
    count: layout.items.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: (index) => layout.items[index]?.height ?? 0,
    getItemKey: (index) => keyOf(layout.items[index]),
    overscan: isPrinting ? mostPrintedRows : 6,
  })
  const drawn = isPlaced ? rows.getVirtualItems() : []
  return (
    <>
      <div
        ref={scrollRef}
        className={classes['scroll']}
        tabIndex={0}
        role="group"
        aria-label="Lanes. Arrow keys select attempts, plus and minus zoom, 0 shows all."
        onKeyDown={(event) => takeKey(event, context)}
      >
        <div className={classes['canvas']} style={{ height: rows.getTotalSize() }}>
          <Grid layout={layout} width={width} />
          {drawn.map(({ index, key }) => (
            <LaneRow
              key={key}
              item={layout.items[index]}
              width={width}
              selected={selected}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
      <PrintedPart drawn={drawn} count={layout.items.length} what="lanes" />
    </>
  )
}

const Grid = memo(GridLines)

const keyOf = (item: ChartItem | undefined): string =>
  item?.kind === 'lane' ? `${item.lane.operation} ${item.lane.stepName}` : 'rollback'

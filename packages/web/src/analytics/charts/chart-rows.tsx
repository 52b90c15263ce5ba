import { useElementSize } from '@mantine/hooks'
import { AxisBottom } from '@visx/axis'
import { scaleLinear } from '@visx/scale'
import type { ReactNode } from 'react'
import { visible } from '../../text/visible.ts'
import { numberText } from '../cell-text.ts'
import classes from './charts.module.css'

/** A row of a chart: its name, and what is drawn of it, given where a number lies. */
export interface ChartRow {
  readonly key: string
  readonly name: string
  /** All that is drawn, in words. */
  readonly words: string
  readonly draw: (x: (value: number) => number) => ReactNode
  /** Beside the bar. */
  readonly number: string
}

/** Rows over one axis of numbers. */
export interface ChartRowsProps {
  readonly rows: readonly ChartRow[]
  readonly most: number
  readonly kind: string
}

/** Pixels of a row. */
export const barRowHeight = 26

/** Names at the left, bars over one scale from 0, numbers at the right, the scale below. */
export function ChartRows({ rows, most, kind }: ChartRowsProps) {
  const { ref, width } = useElementSize()
  const scale = scaleLinear({ domain: [0, most], range: [0, width], nice: kind !== 'share' })
  const ticks = scale
    .ticks(Math.max(2, Math.floor(width / 115)))
    .filter((tick) => kind !== 'count' || Number.isInteger(tick))
  return (
    <div className={classes['rows']}>
      {rows.map(({ key, name, words, draw, number }) => (
        <div key={key} className={classes['row']} title={visible(words)}>
          <bdi className={classes['name']}>{visible(name)}</bdi>
          <svg width={width} height={barRowHeight} aria-hidden="true">
            {ticks.map((tick) => (
              <line
                key={tick}
                x1={scale(tick)}
                x2={scale(tick)}
                y2={barRowHeight}
                className={classes['grid']}
              />
            ))}
            {draw(scale)}
          </svg>
          <span className={classes['number']}>{number}</span>
        </div>
      ))}
      <div className={classes['row']}>
        <span className={classes['name']} />
        <div ref={ref} className={classes['axis']}>
          <svg width={width} height={24} aria-hidden="true">
            <AxisBottom
              scale={scale}
              tickValues={ticks}
              tickFormat={(value) => numberText(Number(value), kind)}
              tickLength={4}
              tickClassName={classes['tick'] ?? ''}
              axisLineClassName={classes['axisLine'] ?? ''}
              tickLabelProps={(_, index) => ({
                className: classes['tickLabel'] ?? '',
                textAnchor: index === 0 ? 'start' : index === ticks.length - 1 ? 'end' : 'middle',
              })}
            />
          </svg>
        </div>
        <span className={classes['number']} />
      </div>
    </div>
  )
}

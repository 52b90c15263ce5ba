import { formatTick } from '@steptrail/workflow/timeline'
import type { ChartLayout } from './chart-layout.ts'
import classes from './timeline.module.css'

/** The marks of time above the chart, in offsets from the beginning of the execution. */
export const TimeAxis = ({ ticks, width }: Pick<ChartLayout, 'ticks'> & { readonly width: number }) => (
  <svg className={classes['axis']} width={width} height={24} aria-hidden="true">
    {ticks.map(({ x, offsetMs }) => (
      <g key={offsetMs}>
        <line x1={x} x2={x} y1={17} y2={24} className={classes['tick']} />
        <text x={x} y={12} className={classes['tickText']} textAnchor={anchorOf(x, width)}>
          {formatTick(offsetMs)}
        </text>
      </g>
    ))}
  </svg>
)

const anchorOf = (x: number, width: number): 'start' | 'middle' | 'end' => {
  if (x < 24) return 'start'
  return x > width - 24 ? 'end' : 'middle'
}

/** The lines of the axis through all lanes, and the moments at which rollbacks were triggered. */
export function GridLines({ layout, width }: { readonly layout: ChartLayout; readonly width: number }) {
  const { height, ticks, rollbacks } = layout
  return (
    <svg className={classes['grid']} width={width} height={height} aria-hidden="true">
      {ticks.map(({ x, offsetMs }) => (
        <line key={offsetMs} x1={x} x2={x} y1={0} y2={height} className={classes['gridLine']} />
      ))}
      {rollbacks.map(({ x, mark }) => (
        <line key={mark.at} x1={x} x2={x} y1={0} y2={height} className={classes['rollbackLine']} />
      ))}
    </svg>
  )
}

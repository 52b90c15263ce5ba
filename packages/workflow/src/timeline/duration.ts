const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Milliseconds in words: `35 ms`, `1.24 s`, `2 min 05 s`, `1 h 02 min`, `3 d 04 h`. */
export function formatDuration(exactMs: number): string {
  const ms = Math.round(exactMs)
  if (ms < second) return `${ms} ms`
  if (ms < 10 * second) return `${(Math.floor(ms / 10) / 100).toFixed(2)} s`
  if (ms < minute) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  if (ms < hour) return inTwo(ms, [minute, 'min'], [second, 's'])
  if (ms < day) return inTwo(ms, [hour, 'h'], [minute, 'min'])
  return inTwo(ms, [day, 'd'], [hour, 'h'])
}

type Unit = readonly [ms: number, name: string]

function inTwo(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)} ${largeName} ${String(rest).padStart(2, '0')} ${smallName}`
}

/** A point of a time axis, without decimals it does not need: `0`, `250 ms`, `1.5 s`, `2 min`, `1 h 30 min`. */
export function formatTick(ms: number): string {
  if (ms === 0) return '0'
  if (ms < second) return `${ms} ms`
  if (ms < minute) return `${ms / second} s`
  return [
    [Math.floor(ms / day), 'd'] as const,
    [Math.floor((ms % day) / hour), 'h'] as const,
    [Math.floor((ms % hour) / minute), 'min'] as const,
    [(ms % minute) / second, 's'] as const,
  ]
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

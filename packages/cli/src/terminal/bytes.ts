const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** A size for people, in powers of 1,024: `0 B`, `1.5 KB`, `23 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const size = bytes / 1024 ** power
  return `${size < 10 && power > 0 ? size.toFixed(1) : Math.round(size)} ${units[power]}`
}

/** A number for people: `12,345`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** How many of what: `1 event`, `12,345 events`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

import { z } from 'zod'

/** As much of a run's result as is said of it. */
const resultSchema = z.object({
  executionCount: z.number(),
  months: z.array(z.object({ table: z.string(), month: z.string(), dropCount: z.number() })),
  files: z.array(z.unknown()),
})

/** What a run of retention let go of: `Let go of 2 executions and 40 rows of audit_event 2026-10; 1 file archived.` */
export function runWords(result: unknown): string {
  const read = resultSchema.safeParse(result)
  if (!read.success) return 'What it did'
  const { executionCount, months, files } = read.data
  const rows = months
    .filter(({ dropCount }) => dropCount > 0)
    .map(({ table, month, dropCount }) => `${counted(dropCount, 'row')} of ${table} ${month}`)
  if (executionCount === 0 && rows.length === 0) return 'Nothing was due.'
  const gone = [...(executionCount > 0 ? [counted(executionCount, 'execution')] : []), ...rows].join(', ')
  return `Let go of ${gone}; ${counted(files.length, 'file')} archived.`
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

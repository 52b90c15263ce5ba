import type { z } from 'zod'
import { unreachable } from './answer-error.ts'

/**
 * An answer's JSON as its schema describes it. What a later server has added to it is passed on; anything else that
 * differs is `server_unreachable`: whatever answered is no Steptrail server, or another version of it.
 */
export function checkedAnswer<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  asked: string,
): z.output<Schema> {
  const { error } = schema.safeParse(value)
  if (!error || error.issues.every(isAddition)) return value as z.output<Schema>
  const issue = error.issues.find((each) => !isAddition(each))
  const path = issue?.path.map(String).join('.') || 'the whole'
  throw unreachable(
    `${asked} was not answered as a Steptrail server does: ${path}: ${issue?.message ?? ''}`,
    {},
  )
}

const isAddition = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'unrecognized_keys' ||
  (issue.code === 'invalid_union' && issue.errors.some((branch) => branch.every(isAddition)))

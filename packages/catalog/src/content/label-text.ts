import { z } from 'zod'

/** Any value of a label. */
export const anyValue = '*'

/** A name or a value of a label, a name of a workflow: what people read and agents are told, in one line. */
export const lineOfText = (max = 255) =>
  z
    .string('is not text')
    .min(1, 'is empty')
    .max(max, `is longer than ${max} characters`)
    .refine(isOneLine, 'holds a control character or a lone surrogate')
    .refine((text) => text.trim() === text, 'begins or ends with a space')

/** Text of several lines. */
export const freeText = (max = 10_000) =>
  z
    .string('is not text')
    .max(max, `is longer than ${max} characters`)
    .refine(
      (text) => isOneLine(text.replaceAll(/[\n\r\t]/g, ' ')),
      'holds a control character or a lone surrogate',
    )

const isOneLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text)

/** Values are the same whatever their letter case. */
export const folded = (text: string): string => text.normalize('NFC').toLowerCase()

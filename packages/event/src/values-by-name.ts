import { z } from 'zod'

/** Values by name, as they are given and as they are read. */
type ValuesByName<Value extends z.ZodType> = z.ZodType<
  Readonly<Record<string, z.output<Value>>>,
  Readonly<Record<string, z.input<Value>>>
>

/**
 * The schema of an object of values by names that the caller chooses, such as labels. It refuses the name `__proto__`, which
 * a record of zod would leave out without a word. Whoever gives no object is told `problem`.
 */
export const valuesByName = <Value extends z.ZodType>(
  name: z.ZodType<string, string>,
  value: Value,
  problem = 'is not an object',
): ValuesByName<Value> =>
  z
    .unknown()
    .refine((given) => !hasPrototypeForName(given), 'has the name __proto__')
    .pipe(z.record(name, value, problem)) as unknown as ValuesByName<Value>

const hasPrototypeForName = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__')

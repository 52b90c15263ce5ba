import { InvalidArgumentError, Option } from 'commander'

/** Which activities undo which, by name. */
export type Undoes = Readonly<Record<string, string>>

/** `--undoes release=reserve`, any number of times. */
export const undoesOption = (): Option =>
  new Option(
    '--undoes <undo=step>',
    'an activity that undoes another, as in release=reserve; may be given again',
  )
    .argParser(addUndo)
    .default({}, 'none')

function addUndo(value: string, before: Undoes): Undoes {
  const [undo = '', step = '', ...more] = value.split('=')
  if (undo === '' || step === '' || more.length > 0)
    throw new InvalidArgumentError('Give UNDO=STEP, the names of two activities, as in release=reserve.')
  if (Object.hasOwn(before, undo) && before[undo] !== step)
    throw new InvalidArgumentError(`${undo} is said to undo ${before[undo]} already.`)
  return { ...before, [undo]: step }
}

import type { RetentionRun } from '@steptrail/client'
import { JsonView } from '../text/json-view.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import classes from './administration.module.css'
import { runWords } from './run-words.ts'

/** What a run of retention did, in words; on demand, all that is on record of it. */
export const RunResult = ({ result }: Pick<RetentionRun, 'result'>) => (
  <details className={classes['result']}>
    <summary>
      <VisibleText text={runWords(result)} limit={300} />
    </summary>
    <JsonView value={result} label="result of the run" />
  </details>
)

import type { ReactNode } from 'react'
import { visible } from '../text/visible.ts'
import classes from './callout.module.css'

/** Something that a reader has to know first. */
export interface CalloutProps {
  readonly title: string
  readonly tone: 'bad' | 'warning'
  /** Whether it is read out as soon as it appears: for what answers something that the reader did. */
  readonly isAnswer?: boolean
  readonly children?: ReactNode
}

/** A remark above the content. */
export const Callout = ({ title, tone, isAnswer = false, children }: CalloutProps) => (
  <div className={classes['callout']} data-tone={tone} role={isAnswer ? 'alert' : 'note'}>
    <strong>{visible(title)}</strong>
    <div className={classes['text']}>{children}</div>
  </div>
)

import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './notice.module.css'

/** What a notice says. */
export interface NoticeProps {
  readonly title: string
  /** One sign or a short word above the title. */
  readonly mark?: string
  readonly tone?: 'plain' | 'trouble'
  readonly children?: ReactNode
}

/** Says in place of content why there is none. */
export const Notice = ({ title, mark, tone = 'plain', children }: NoticeProps) => (
  <Stack
    className={classes['notice']}
    gap="xs"
    align="center"
    data-tone={tone}
    role={tone === 'trouble' ? 'alert' : undefined}
  >
    {mark === undefined ? null : (
      <span className={classes['mark']} aria-hidden="true">
        {mark}
      </span>
    )}
    <Title order={2} size="h4">
      {title}
    </Title>
    <Text component="div" className={classes['text']}>
      {children}
    </Text>
  </Stack>
)

import type { ReactNode } from 'react'
import classes from './facts.module.css'

/** A fact: its name and what it is; null leaves it out. */
export type Fact = readonly [name: string, value: ReactNode]

/** Facts as names with values; those without a value are left out. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <dl className={classes['facts']}>
    {facts
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => (
        <div key={name} className={classes['fact']}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
)

import { useQuery } from '@tanstack/react-query'
import { formatDuration } from '@steptrail/workflow/timeline'
import { useConnection } from '../connection/connection.tsx'
import { Facts } from '../execution/facts.tsx'
import { ReadinessCard } from '../overview/readiness-card.tsx'
import { useReadiness } from '../overview/use-readiness.ts'
import classes from './administration.module.css'
import { Panel } from './panel.tsx'

/** What the server needs, whether it is there, and what it takes at most. */
export function HealthPanel() {
  const { client } = useConnection()
  const readiness = useReadiness()
  const limits = useQuery({ queryKey: ['limits'], queryFn: ({ signal }) => client.limits({ signal }) })
  return (
    <>
      <section className={classes['panel']} aria-label="Health">
        <h2>Health</h2>
        <ReadinessCard query={readiness} />
        <p className="faint">
          The same is at <a href="/readyz">/readyz</a> for what starts and stops servers, numbers are at{' '}
          <a href="/metrics">/metrics</a>, the API is described at <a href="/docs">/docs</a>.
        </p>
      </section>
      <Panel title="Limits" about="What the server takes at most." query={limits}>
        {({ recording, page, event }) => (
          <Facts
            facts={[
              ['Events of a request', recording.events.toLocaleString('en')],
              ['Size of a request', inUnits('bodyBytes', recording.bodyBytes)],
              ['Items on a page', page.max.toLocaleString('en')],
              ...Object.entries(event).map(([name, most]) => [wordsOf(name), inUnits(name, most)] as const),
            ]}
          />
        )}
      </Panel>
    </>
  )
}

/** A limit with the unit that its name ends with. */
function inUnits(name: string, most: number): string {
  if (name.endsWith('Ms')) return formatDuration(most)
  return name.endsWith('Bytes') ? `${(most / 1024).toLocaleString('en')} KB` : most.toLocaleString('en')
}

/** `nameLength` as `Name length`. */
const wordsOf = (name: string): string => {
  const words = name.replace(/(Bytes|Ms)$/, '').replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  return `Of an event: ${words}`
}

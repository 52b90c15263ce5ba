import type { Recorder } from '@steptrail/core'

type Metric = ReturnType<Recorder['metrics']>[number]

/** The metrics of a recorder as Prometheus reads them. */
export const recorderText = (metrics: readonly Metric[]): string =>
  metrics
    .map((metric) =>
      [
        `# HELP ${metric.name} ${metric.help}`,
        `# TYPE ${metric.name} ${metric.type}`,
        ...metric.samples.map((sample) => lineOf(metric, sample)),
        '',
      ].join('\n'),
    )
    .join('')

function lineOf({ name, type }: Metric, { labels, value }: Metric['samples'][number]): string {
  const { part, ...others } = labels
  const suffix = type === 'histogram' ? `_${part ?? 'bucket'}` : ''
  const written = Object.entries(others).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
  return `${name}${suffix}${written.length > 0 ? `{${written.join(',')}}` : ''} ${value}`
}

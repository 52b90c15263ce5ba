import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { LeafBatch } from './leaf-batch.ts'
import { leafColumnTypes } from './leaf-members.ts'

/** A row as `leafValues` selects it, of an event that nobody recorded. */
const selectMadeUp = `
select ${[...leafColumnTypes]
  .map(([name, type]) => {
    if (name === 'id' || name === 'salt') return 'gen_random_uuid()'
    if (name === 'timestamp')
      return `'2026-01-02 03:04:05.678Z'::timestamptz(3) + number * interval '1 second'`
    return `null::${type === 'integer' ? 'bigint' : type}`
  })
  .join(', ')}
from generate_series(1, $1::int) as number`

describeOnBoth('a batch of leaves', (open) => {
  it.each([0, 1, 1024, 1025, 5000])(
    'has the ids and timestamps of %i events as they came',
    async (events) => {
      const database = await open()
      const leaves = new LeafBatch()
      const take = leaves.add.bind(leaves)
      const ids: string[] = []
      const { rows: places } = await database.query<number>(
        {
          text: selectMadeUp,
          take: (row) => {
            ids.push(String(row.uuid(0)))
            return take(row)
          },
        },
        [events],
      )
      expect(places).toEqual(ids.map((_, place) => place))
      expect(leaves.hashes).toHaveLength(events)
      expect(places.map((place) => leaves.eventIdAt(place))).toEqual(ids)
      const { rows } = await database.query<{ id: string; seconds: number }>(
        `select id, extract(epoch from at - '2026-01-02 03:04:05.678Z')::float8 as seconds
       from unnest($1::uuid[], $2::timestamptz[]) as read(id, at)`,
        [...leaves.parameters],
      )
      expect(rows).toEqual(ids.map((id, place) => ({ id, seconds: place + 1 })))
    },
  )
})

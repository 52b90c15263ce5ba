import { expect, test } from 'vitest'
import { z } from 'zod'
import { thrownBy } from '../test/thrown-by.ts'
import { createEventCatalogue } from './event-catalogue.ts'
import { builtInEventTypes } from './event-types.ts'

const shipped = {
  eventType: 'shop.order.shipped',
  when: 'An order left the house.',
  details: z.object({ orderId: z.string() }),
}

test('a catalogue has the built-in types, then those registered', () => {
  const { types } = createEventCatalogue({ types: [shipped] })
  expect(types.map((type) => type.eventType)).toEqual([
    ...builtInEventTypes.map((type) => type.eventType),
    'shop.order.shipped',
  ])
})

test('a registered type is about an operation, and its schema version is 1 unless given', () => {
  const catalogue = createEventCatalogue({
    types: [shipped, { ...shipped, eventType: 'shop.order.billed', schemaVersion: 3 }],
  })
  expect(catalogue.find('shop.order.shipped')).toMatchObject({
    ...shipped,
    entityType: 'OPERATION',
    schemaVersion: 1,
  })
  expect(catalogue.find('shop.order.billed')).toMatchObject({ schemaVersion: 3 })
})

test('two catalogues know nothing of each other', () => {
  createEventCatalogue({ types: [shipped] })
  expect(createEventCatalogue().find('shop.order.shipped')).toBeUndefined()
})

test.each([undefined, 'refuse'] as const)(
  'with unregistered %s an unknown type is not found',
  (unregistered) => {
    const catalogue = createEventCatalogue(unregistered ? { unregistered } : {})
    expect(catalogue.find('shop.order.lost')).toBeUndefined()
  },
)

test('a flagged type has schema version 0, and only an application’s name can be flagged', () => {
  const catalogue = createEventCatalogue({ types: [shipped], unregistered: 'flag' })
  expect(catalogue.find('shop.order.lost')).toMatchObject({ eventType: 'shop.order.lost', schemaVersion: 0 })
  expect(catalogue.find('shop.order.shipped')).toMatchObject({ schemaVersion: 1 })
  for (const name of ['STEP_EXPLODED', 'shop.order', 'Shop.order.lost', 'workflow.catalog.stolen', ''])
    expect(catalogue.find(name)).toBeUndefined()
})

test.each([
  ['shop.order', 'is not namespaced'],
  ['Shop.order.shipped', 'is not namespaced'],
  ['shop.order.shipped now', 'is not namespaced'],
  ['shop..shipped', 'is not namespaced'],
  ['shop.order.', 'is not namespaced'],
  ['OPERATION', 'is taken'],
  ['workflow.catalog.registered', 'is taken'],
  ['workflow.catalog.anything', 'lies in workflow.catalog.*'],
  [`shop.order.${'x'.repeat(250)}`, 'is longer than 255 characters'],
])('the name %s is refused', (eventType, problem) => {
  expect(thrownBy(() => createEventCatalogue({ types: [{ ...shipped, eventType }] }))).toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining(`${JSON.stringify(eventType)} ${problem}`),
    details: { eventType },
  })
})

test('a type registered twice is refused', () => {
  expect(thrownBy(() => createEventCatalogue({ types: [shipped, shipped] })).message).toBe(
    'event type "shop.order.shipped" is taken: register each type once, under a name of your own',
  )
})

test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('schema version %d is refused', (schemaVersion) => {
  expect(thrownBy(() => createEventCatalogue({ types: [{ ...shipped, schemaVersion }] }))).toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining(`has schema version ${schemaVersion}: give 1, 2, 3, …`),
  })
})
